import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { UnreachableError } from '../../core/errors.ts';
import { isNotFound, isOutOfStorage } from './api-errors.ts';
import { managerOf } from './consumer.ts';

/** What the stream of dead letters may hold. 0 stands for no limit. */
export interface DeadLetterLimits {
  /** A limit that is not stated has its default when the stream is made, and is left as it is from then on. */
  readonly maxAgeMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** How many servers hold the stream, if it is made; 1 if not stated. */
  readonly replicas?: number | undefined;
}

export const defaultDeadLetterLimits = { maxAgeMs: 30 * 86_400_000, maxBytes: 1_024 ** 3 } as const;

const prefix = 'sluice.dead-letters';
const nanosPerMs = 1_000_000;
/** A letter must not pass unnoticed within the time in which the server knows its message id. */
const duplicateWindowMs = 120_000;

/** The subject of the letters of a sync for a reason; `*` stands for any. */
export function letterSubject(stream: string, sync: string, reason: string): string {
  const root = stream === 'SLUICE_DEAD_LETTERS' ? prefix : `${prefix}.${stream}`;
  return `${root}.${sync}.${reason}`;
}

/** Reads the sync and the reason out of a letter's subject. */
export function readLetterSubject(subject: string): { readonly sync: string; readonly reason: string } {
  const [reason = '', sync = ''] = subject.split('.').toReversed();
  return { sync, reason };
}

/**
 * Makes the stream of dead letters if it is not there: on disk, and full rather than forgetful, since a letter is the
 * only trace of what was acked. On a stream that exists the limits that are stated are set, unless that would remove
 * letters which it holds; whatever else an operator has set is kept.
 *
 * @param onRefused told of a limit that is not set, and why
 */
export async function ensureDeadLetterStream(
  connection: NatsConnection,
  stream: string,
  limits: DeadLetterLimits,
  onRefused: (why: string) => void = () => undefined,
): Promise<void> {
  const manager = await managerOf(connection);
  const info = await findStream(manager, stream);
  if (info === undefined) await create(manager, stream, limits, onRefused);
  else await setLimits(manager, info, stated(limits), onRefused);
}

/** The stream of dead letters as it is; throws an UnreachableError if there is none. */
export async function deadLetterStream(connection: NatsConnection, stream: string): Promise<StreamInfo> {
  const info = await findStream(await managerOf(connection), stream);
  if (info !== undefined) return info;
  throw new UnreachableError(
    `there is no stream ${stream} of dead letters: \`sluice run\` makes it when it starts; ` +
      'does SLUICE_DEAD_LETTERS name the right one, and NATS_URL the right server?',
  );
}

/** How full the stream of dead letters is. A limit that there is not is undefined. */
export interface DeadLetterLevel {
  readonly letters: number;
  readonly bytes: number;
  readonly maxBytes: number | undefined;
  readonly maxAgeMs: number | undefined;
  /** When the oldest letter came, in milliseconds since 1970; undefined if there is none. */
  readonly oldestAt: number | undefined;
}

/** Undefined if there is no such stream. */
export async function readLevel(connection: NatsConnection, stream: string): Promise<DeadLetterLevel | undefined> {
  const info = await findStream(await managerOf(connection), stream);
  if (info === undefined) return undefined;
  const { state, config } = info;
  return {
    letters: state.messages,
    bytes: state.bytes,
    maxBytes: config.max_bytes > 0 ? config.max_bytes : undefined,
    maxAgeMs: config.max_age > 0 ? config.max_age / nanosPerMs : undefined,
    oldestAt: state.messages === 0 ? undefined : Date.parse(state.first_ts),
  };
}

async function findStream(manager: JetStreamManager, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream);
  } catch (error) {
    if (isNotFound(error, 'stream')) return undefined;
    throw error;
  }
}

function stated({ maxAgeMs, maxBytes }: DeadLetterLimits): { maxAgeMs?: number; maxBytes?: number } {
  return { ...(maxAgeMs !== undefined && { maxAgeMs }), ...(maxBytes !== undefined && { maxBytes }) };
}

async function create(
  manager: JetStreamManager,
  stream: string,
  limits: DeadLetterLimits,
  onRefused: (why: string) => void,
): Promise<void> {
  const { maxAgeMs, maxBytes } = { ...defaultDeadLetterLimits, ...stated(limits) };
  try {
    await manager.streams.add({
      name: stream,
      subjects: [letterSubject(stream, '*', '*')],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: limits.replicas ?? 1,
      discard: DiscardPolicy.New,
      max_age: maxAgeMs * nanosPerMs,
      max_bytes: maxBytes === 0 ? -1 : maxBytes,
      duplicate_window: duplicateWindowMs * nanosPerMs,
    });
  } catch (error) {
    if (!isOutOfStorage(error)) throw error;
    if (limits.maxBytes === undefined) {
      // The server's own limit refuses new letters as well, when that is reached.
      onRefused(`the server has not ${maxBytes} bytes to spare, so it is made without a limit of its own`);
      await create(manager, stream, { ...limits, maxBytes: 0 }, onRefused);
      return;
    }
    throw new UnreachableError(
      `the stream ${stream} cannot be made: the NATS server has not ${maxBytes} bytes of storage to spare for it; ` +
        'set SLUICE_DEAD_LETTERS_MAX_MB to less, or give JetStream more (max_file_store)',
      { cause: error },
    );
  }
}

async function setLimits(
  manager: JetStreamManager,
  { config, state }: StreamInfo,
  { maxAgeMs, maxBytes }: { maxAgeMs?: number; maxBytes?: number },
  onRefused: (why: string) => void,
): Promise<void> {
  const wanted = {
    ...(maxAgeMs !== undefined && { max_age: maxAgeMs * nanosPerMs }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes === 0 ? -1 : maxBytes }),
    // Where there was no limit of bytes nobody has chosen what becomes of a full stream.
    ...(maxBytes !== undefined && config.max_bytes <= 0 && { discard: DiscardPolicy.New }),
  };
  const differs = Object.entries(wanted).some(([key, value]) => config[key as keyof typeof wanted] !== value);
  if (!differs) return;
  const way = 'replay or purge letters first';
  if (maxBytes !== undefined && maxBytes > 0 && state.bytes > maxBytes) {
    onRefused(`it holds ${state.bytes} bytes, more than the limit of ${maxBytes}; ${way}`);
    return;
  }
  const oldestAgeMs = state.messages === 0 ? 0 : Date.now() - Date.parse(state.first_ts);
  if (maxAgeMs !== undefined && maxAgeMs > 0 && oldestAgeMs > maxAgeMs) {
    onRefused(`its oldest letter is of ${state.first_ts}, older than the limit allows; ${way}`);
    return;
  }
  try {
    await manager.streams.update(config.name, wanted);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    onRefused(`the server refuses it: ${error.message}`);
  }
}
