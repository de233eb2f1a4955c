import {
  AckPolicy,
  type Consumer,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type JetStreamManager,
  JetStreamApiError,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ConfigError, messageOf, UnreachableError } from '../../core/errors.ts';
import { isNotFound } from './api-errors.ts';

export type { Consumer };
export type Connection = NatsConnection;

/** What a sync needs of its durable consumer. */
export interface ConsumerOptions {
  readonly stream: string;
  /** The durable's name. */
  readonly name: string;
  readonly subjects: string;
  /** Where a consumer begins that is made now; an existing one goes on where it was. */
  readonly start: 'new' | 'all' | Date | { readonly sequence: number };
  /** How long the server waits for an ack or a sign of progress before it delivers a message again. */
  readonly ackWaitMs: number;
  /** How many messages may be unacked, over all processes that share the consumer. */
  readonly maxAckPending: number;
}

const nanosPerMs = 1_000_000;

/**
 * Makes the durable pull consumer of a sync, or makes an existing one match.
 *
 * Throws an `UnreachableError` when the stream does not exist or the server has no JetStream, and a `ConfigError`
 * when a consumer of this name exists that cannot be made to match.
 */
export async function ensureConsumer(connection: NatsConnection, options: ConsumerOptions): Promise<Consumer> {
  const { stream, name } = options;
  const manager = await managerOf(connection);
  const existing = await findConsumer(manager, stream, name);
  if (existing === undefined) await create(manager, options);
  else await makeMatch(manager, options, existing.config);
  return await jetstream(connection).consumers.get(stream, name);
}

/** When a stream was made, in milliseconds since 1970. Throws an `UnreachableError` when it does not exist. */
export async function streamMadeAt(connection: NatsConnection, stream: string): Promise<number> {
  const manager = await managerOf(connection);
  const { created } = await manager.streams.info(stream).catch((error: unknown) => {
    throw isNotFound(error, 'stream') ? noStream(stream, error) : error;
  });
  return Date.parse(created);
}

/** Whether somebody asks a consumer for messages at the moment. */
export async function isPulled(connection: NatsConnection, stream: string, name: string): Promise<boolean> {
  try {
    return (await (await managerOf(connection)).consumers.info(stream, name)).num_waiting > 0;
  } catch (error) {
    if (isNotFound(error, 'consumer') || isNotFound(error, 'stream')) return false;
    throw error;
  }
}

/** Throws an `UnreachableError` when the server has no JetStream. */
export async function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (error) {
    throw new UnreachableError(
      `the NATS server at ${connection.getServer()} has no JetStream for this account (${messageOf(error)}); ` +
        'start it with --jetstream, or enable JetStream for the account',
      { cause: error },
    );
  }
}

async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    if (isNotFound(error, 'consumer')) return undefined;
    if (isNotFound(error, 'stream')) throw noStream(stream, error);
    throw error;
  }
}

function noStream(stream: string, cause: unknown): UnreachableError {
  return new UnreachableError(
    `there is no stream ${stream}; create it (nats stream add ${stream}), or name the right one in source.stream`,
    { cause },
  );
}

async function create(manager: JetStreamManager, options: ConsumerOptions): Promise<void> {
  const config: Partial<ConsumerConfig> = {
    durable_name: options.name,
    ack_policy: AckPolicy.Explicit,
    filter_subject: options.subjects,
    // Past a limit of deliveries the server goes silent about a message; what cannot be delivered is dead-lettered instead.
    max_deliver: -1,
    ...matched(options),
    ...startOf(options.start),
  };
  try {
    await manager.consumers.add(options.stream, config);
  } catch (error) {
    if (error instanceof JetStreamApiError) throw unmatched(options, error.message, error);
    throw error;
  }
}

/** The settings that may be changed on a consumer that exists. */
function matched(options: ConsumerOptions): { ack_wait: number; max_ack_pending: number } {
  return { ack_wait: options.ackWaitMs * nanosPerMs, max_ack_pending: options.maxAckPending };
}

function startOf(start: ConsumerOptions['start']): Partial<ConsumerConfig> {
  if (start === 'all') return { deliver_policy: DeliverPolicy.All };
  if (start === 'new') return { deliver_policy: DeliverPolicy.New };
  if (start instanceof Date) return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence };
}

async function makeMatch(manager: JetStreamManager, options: ConsumerOptions, existing: ConsumerConfig): Promise<void> {
  const problems = [
    existing.deliver_subject !== undefined && 'it is a push consumer',
    existing.ack_policy !== AckPolicy.Explicit && `its ack policy is ${existing.ack_policy}, not explicit`,
    (existing.max_deliver ?? -1) > 0 && `it gives a message up after ${existing.max_deliver} deliveries`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw unmatched(options, problems.join(', '));

  const wanted = { ...matched(options), filter_subject: options.subjects };
  const same = Object.entries(wanted).every(([key, value]) => existing[key as keyof ConsumerConfig] === value);
  if (same) return;
  try {
    await manager.consumers.update(options.stream, options.name, { ...existing, ...wanted });
  } catch (error) {
    if (error instanceof JetStreamApiError) throw unmatched(options, error.message, error);
    throw error;
  }
}

function unmatched({ stream, name }: ConsumerOptions, why: string, cause?: unknown): ConfigError {
  return new ConfigError(
    `the consumer ${name} of stream ${stream} cannot serve this sync: ${why}; ` +
      `give the sync another name, or delete the consumer (nats consumer rm ${stream} ${name})`,
    { cause },
  );
}
