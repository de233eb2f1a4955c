import { isDeepStrictEqual } from 'node:util';
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
import { ConfigError, UnreachableError } from '../../core/errors.ts';
import { isNotFound } from './api-errors.ts';
import { marks, readMark } from './consumer-mark.ts';
import { explain } from './explain.ts';

export type { Consumer };
export type Connection = NatsConnection;

/** What a sync needs of its durable consumer. */
export interface ConsumerOptions {
  readonly stream: string;
  /** The durable's name. */
  readonly name: string;
  readonly subjects: string;
  /** Fewer subjects that will do, none of which overlap, if the server takes several. */
  readonly selected?: readonly string[];
  /** Where a consumer begins that is made now; an existing one goes on where it was. */
  readonly start: 'new' | 'all' | Date | { readonly sequence: number };
  /** How long the server waits for an ack or a sign of progress before it delivers a message again. */
  readonly ackWaitMs: number;
  /** How many messages may be unacked, over all processes that share the consumer. */
  readonly maxAckPending: number;
  /** Told that the sync was disabled and starts from now: from which number on, and how many messages are passed over. */
  readonly onPassedOver?: (passedOver: { readonly from: number; readonly messages: number }) => void;
}

type Place = Pick<ConsumerOptions, 'stream' | 'name'>;

const nanosPerMs = 1_000_000;

/**
 * Makes the durable pull consumer of a sync, or makes an existing one match. One that a disabled sync has left is made
 * anew, from now on.
 *
 * Throws an `UnreachableError` when the stream does not exist or the server has no JetStream, and a `ConfigError`
 * when a consumer of this name exists that cannot be made to match.
 */
export async function ensureConsumer(connection: NatsConnection, options: ConsumerOptions): Promise<Consumer> {
  const { stream, name } = options;
  const manager = await managerOf(connection);
  const existing = await findConsumer(manager, stream, name);
  const wanted = wantedOf(options, connection);
  if (existing === undefined) await create(manager, options, wanted);
  else if (readMark(existing.config.description) === 'disabled') await startFromNow(manager, options, wanted, existing);
  else await makeMatch(manager, options, wanted, existing.config);
  return await jetstream(connection).consumers.get(stream, name);
}

/**
 * Looks at a consumer and changes nothing: what waits for it, and whether a disabled sync has left it; undefined if there
 * is none. Throws what `ensureConsumer` would throw.
 */
export async function checkConsumer(
  connection: NatsConnection,
  stream: string,
  name: string,
): Promise<{ readonly pending: number; readonly disabled: boolean } | undefined> {
  const existing = await findConsumer(await managerOf(connection), stream, name);
  if (existing === undefined) return undefined;
  assertUsable({ stream, name }, existing.config);
  return { pending: existing.num_pending, disabled: readMark(existing.config.description) === 'disabled' };
}

/**
 * Remembers, for any engine to come, that a sync is disabled: when it is enabled again it starts from then. Does nothing
 * if the sync has no consumer.
 */
export async function markDisabled(connection: NatsConnection, stream: string, name: string): Promise<void> {
  const manager = await managerOf(connection);
  const { config } = (await findConsumer(manager, stream, name).catch(absentStream)) ?? {};
  if (config === undefined || config.description === marks.disabled) return;
  await manager.consumers.update(stream, name, { ...config, description: marks.disabled });
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
    throw explain(error, connection);
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

async function create(manager: JetStreamManager, options: ConsumerOptions, wanted: Changeable): Promise<void> {
  const config: Partial<ConsumerConfig> = {
    durable_name: options.name,
    ack_policy: AckPolicy.Explicit,
    // Past a limit of deliveries the server goes silent about a message; what cannot be delivered is dead-lettered instead.
    max_deliver: -1,
    ...wanted,
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
type Changeable = Pick<ConsumerConfig, 'ack_wait' | 'max_ack_pending'> &
  Partial<Pick<ConsumerConfig, 'description' | 'filter_subject' | 'filter_subjects'>>;

function wantedOf(options: ConsumerOptions, connection: NatsConnection): Changeable {
  return {
    description: marks.reading,
    ack_wait: options.ackWaitMs * nanosPerMs,
    max_ack_pending: options.maxAckPending,
    ...filterOf(options, connection),
  };
}

/** Several subjects are known to nats-server 2.10 and newer; older ones would send everything. */
function filterOf(
  { subjects, selected }: ConsumerOptions,
  { info }: NatsConnection,
): Pick<Changeable, 'filter_subject' | 'filter_subjects'> {
  const [major = 0, minor = 0] = (info?.version ?? '').split('.').map(Number);
  const takesSeveral = major > 2 || (major === 2 && minor >= 10);
  return selected !== undefined && takesSeveral ? { filter_subjects: [...selected] } : { filter_subject: subjects };
}

function startOf(start: ConsumerOptions['start']): Partial<ConsumerConfig> {
  if (start === 'all') return { deliver_policy: DeliverPolicy.All };
  if (start === 'new') return { deliver_policy: DeliverPolicy.New };
  if (start instanceof Date) return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence };
}

/** The server cannot move a consumer, so it is made anew. What it had not acked is passed over with what waits. */
async function startFromNow(
  manager: JetStreamManager,
  options: ConsumerOptions,
  wanted: Changeable,
  existing: ConsumerInfo,
): Promise<void> {
  const { ack_floor, num_pending, num_ack_pending } = existing;
  await manager.consumers.delete(options.stream, options.name);
  options.onPassedOver?.({ from: ack_floor.stream_seq + 1, messages: num_pending + num_ack_pending });
  await create(manager, { ...options, start: 'new' }, wanted);
}

/** What no update could change. */
function assertUsable(place: Place, existing: ConsumerConfig): void {
  const problems = [
    existing.deliver_subject !== undefined && 'it is a push consumer',
    existing.ack_policy !== AckPolicy.Explicit && `its ack policy is ${existing.ack_policy}, not explicit`,
    (existing.max_deliver ?? -1) > 0 && `it gives a message up after ${existing.max_deliver} deliveries`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw unmatched(place, problems.join(', '));
}

async function makeMatch(
  manager: JetStreamManager,
  options: ConsumerOptions,
  wanted: Changeable,
  existing: ConsumerConfig,
): Promise<void> {
  assertUsable(options, existing);
  const same = Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual(existing[key as keyof ConsumerConfig], value),
  );
  if (same) return;
  // A consumer has one of the two, and what is not mentioned stays.
  const other =
    wanted.filter_subjects !== undefined
      ? { filter_subject: '' }
      : { ...(existing.filter_subjects !== undefined && { filter_subjects: [] }) };
  try {
    await manager.consumers.update(options.stream, options.name, { ...existing, ...wanted, ...other });
  } catch (error) {
    if (error instanceof JetStreamApiError) throw unmatched(options, error.message, error);
    throw error;
  }
}

/** A disabled sync may name a stream that does not exist yet. */
function absentStream(error: unknown): undefined {
  if (error instanceof UnreachableError) return undefined;
  throw error;
}

function unmatched({ stream, name }: Place, why: string, cause?: unknown): ConfigError {
  return new ConfigError(
    `the consumer ${name} of stream ${stream} cannot serve this sync: ${why}; ` +
      `give the sync another name, or delete the consumer (nats consumer rm ${stream} ${name})`,
    { cause },
  );
}
