import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { UnreachableError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { isNotFound } from './api-errors.ts';
import { explain } from './explain.ts';
import { overlap } from './subjects.ts';

/** What is to be seen of a stream without changing anything. */
export interface StreamView {
  readonly messages: number;
  readonly replicas: number;
  /** Whether a message of the stream can have one of these subjects; true where that cannot be told. */
  canHold(subjects: string): boolean;
}

/** Looks at a stream. Throws an UnreachableError, with what there is instead, if it does not exist. */
export async function viewStream(connection: NatsConnection, stream: string, subjects: string): Promise<StreamView> {
  const view = await findStream(connection, stream);
  if (view !== undefined) return view;
  const manager = await jetstreamManager(connection);
  throw new UnreachableError(
    `there is no stream ${stream}${await whatExists(manager, stream)}. Name the right one in source.stream, or make it: ` +
      `nats stream add ${stream} --subjects '${subjects}' --defaults`,
  );
}

/** Looks at a stream; undefined if it does not exist. */
export async function findStream(connection: NatsConnection, stream: string): Promise<StreamView | undefined> {
  try {
    const manager = await jetstreamManager(connection);
    return viewOf(await manager.streams.info(stream));
  } catch (error) {
    if (isNotFound(error, 'stream')) return undefined;
    throw explain(error, connection);
  }
}

function viewOf({ config, state }: StreamInfo): StreamView {
  const fromElsewhere = config.mirror !== undefined || (config.sources ?? []).length > 0;
  return {
    messages: state.messages,
    replicas: config.num_replicas,
    canHold: (subjects) => fromElsewhere || config.subjects.some((subject) => overlap(subject, subjects)),
  };
}

const mostNames = 10;

async function whatExists(manager: JetStreamManager, stream: string): Promise<string> {
  const names: string[] = [];
  try {
    for await (const name of manager.streams.names()) names.push(name);
  } catch {
    // Not everybody may ask for all names.
    return '';
  }
  const own = names.filter((name) => !name.startsWith('KV_') && !name.startsWith('OBJ_'));
  if (own.length === 0) return ', nor any other';
  const nearest = suggest(stream, own);
  const meant = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  const more = own.length > mostNames ? ` and ${own.length - mostNames} more` : '';
  return `${meant}; there are ${own.slice(0, mostNames).join(', ')}${more}`;
}
