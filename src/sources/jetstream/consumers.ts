import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { readMark } from './consumer-mark.ts';

/** The place of a sync in a stream: its durable consumer. */
export interface Place {
  readonly stream: string;
  readonly sync: string;
  /** Whether the sync was disabled, and starts from now when it is enabled again. */
  readonly disabled: boolean;
  /** Whether an engine asks for its messages at this moment. */
  readonly inUse: boolean;
  /** Messages that wait in the stream, and those that were delivered and are not settled. */
  readonly pending: number;
  readonly unsettled: number;
}

/** The places of all syncs that ever ran, in the streams that may be seen; by stream and name. */
export async function listPlaces(connection: NatsConnection): Promise<readonly Place[]> {
  const manager = await jetstreamManager(connection);
  const places: Place[] = [];
  for await (const { config } of manager.streams.list()) {
    for await (const consumer of manager.consumers.list(config.name)) places.push(...placeOf(consumer));
  }
  return places.sort((one, other) => (`${one.stream} ${one.sync}` < `${other.stream} ${other.sync}` ? -1 : 1));
}

/** Forgets a place: a sync of this name begins where its rule says. */
export async function deletePlace(connection: NatsConnection, { stream, sync }: Place): Promise<void> {
  await (await jetstreamManager(connection)).consumers.delete(stream, sync);
}

function placeOf({ stream_name, name, config, num_waiting, num_pending, num_ack_pending }: ConsumerInfo): Place[] {
  const mark = readMark(config.description);
  if (mark === undefined) return [];
  const [disabled, inUse] = [mark === 'disabled', num_waiting > 0];
  return [{ stream: stream_name, sync: name, disabled, inUse, pending: num_pending, unsettled: num_ack_pending }];
}
