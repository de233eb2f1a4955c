import type { NatsConnection } from '@nats-io/transport-node';

/** Sends what is already written in the protocol (docs.nats.io/reference/reference-protocols/nats-protocol). */
export type RawWriter = (commands: string | Uint8Array) => void;

/**
 * The client makes two texts, two byte arrays and an object of each publication. Its connection takes text and bytes of
 * the protocol too, which can hold many at once, in their order with what is published otherwise. That is no public part
 * of it: undefined if it is not there, and then each is to be published by itself.
 */
export function rawWriterOf(connection: NatsConnection): RawWriter | undefined {
  const protocol: unknown = 'protocol' in connection ? connection.protocol : undefined;
  return takesCommands(protocol) ? (commands) => protocol.sendCommand(commands) : undefined;
}

function takesCommands(protocol: unknown): protocol is { sendCommand: RawWriter } {
  return (
    typeof protocol === 'object' &&
    protocol !== null &&
    'sendCommand' in protocol &&
    typeof protocol.sendCommand === 'function'
  );
}
