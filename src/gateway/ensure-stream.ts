import {
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { ConfigError, messageOf, UnreachableError } from '../core/errors.ts';

/** How a stream is made that is not there yet. */
export interface StreamSettings {
  readonly replicas: number;
  /** Messages older than this are removed, delivered or not. */
  readonly maxAgeMs: number;
  /** A stream of this size takes nothing more until its oldest messages have aged; 0 is no limit. */
  readonly maxBytes: number;
  /** For how long a message's id is remembered. */
  readonly duplicateWindowMs: number;
}

/** What the gateway has to know of a stream. */
export interface OpenStream {
  /** Whether it takes atomic batches. */
  readonly atomic: boolean;
  readonly created: boolean;
}

/**
 * Makes the stream of `subjects` if there is none of this name. One that is there stays as it is.
 *
 * @param subject one that is going to be written to, and has to lead to this stream
 * @throws ConfigError when it would not, UnreachableError when JetStream does not answer
 */
export async function ensureStream(
  connection: NatsConnection,
  name: string,
  subjects: string,
  settings: StreamSettings,
): Promise<OpenStream> {
  const manager = await jetstreamManager(connection).catch((error: unknown) => {
    throw new UnreachableError(`JetStream does not answer: ${messageOf(error)}. Start nats-server with -js.`, {
      cause: error,
    });
  });
  const found = await manager.streams.info(name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === streamNotFound) return null;
    throw new UnreachableError(`the stream ${name} cannot be looked at: ${messageOf(error)}`, { cause: error });
  });
  const config = found?.config ?? (await create());
  const written = subjects.replace('>', 'x.x');
  if (found !== null && (await manager.streams.find(written).catch(() => '')) !== name) {
    throw new ConfigError(
      `the stream ${name} takes ${config.subjects.join(', ')}, and the gateway writes to ${subjects}: ` +
        `add that with \`nats stream edit ${name} --subjects\`, or name another stream`,
    );
  }
  return { atomic: config.allow_atomic === true, created: found === null };

  async function create(): Promise<StreamConfig> {
    const wanted = configOf(name, subjects, settings, takesBatches(connection));
    try {
      return (await manager.streams.add(wanted)).config;
    } catch (error) {
      throw new ConfigError(`the stream ${name} of ${subjects} cannot be made: ${messageOf(error)}`, { cause: error });
    }
  }
}

const streamNotFound = 10_059;

function configOf(name: string, subjects: string, settings: StreamSettings, atomic: boolean) {
  return {
    name,
    subjects: [subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // A full stream refuses what is new, so that the client keeps it; the other policy drops what is not delivered yet.
    discard: DiscardPolicy.New,
    num_replicas: settings.replicas,
    max_age: nanos(settings.maxAgeMs),
    max_bytes: settings.maxBytes === 0 ? -1 : settings.maxBytes,
    duplicate_window: nanos(settings.duplicateWindowMs),
    ...(atomic && { allow_atomic: true }),
  };
}

/** Older servers take the field without a word and do not know what it means. */
function takesBatches({ info }: NatsConnection): boolean {
  const [major = 0, minor = 0] = (info?.version ?? '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 12);
}
