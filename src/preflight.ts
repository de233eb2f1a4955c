import { messageOf, UnreachableError } from './core/errors.ts';
import { bucketName } from './profiles/bucket.ts';
import { checkDestination, titles } from './sinks/index.ts';
import { checkConsumer, type Connection } from './sources/jetstream/consumer.ts';
import { explain } from './sources/jetstream/explain.ts';
import { findStream, viewStream } from './sources/jetstream/inspect.ts';
import { subjectsOf } from './syncs/subjects.ts';
import type { Sync } from './syncs/sync.ts';
import { needsUserStates } from './syncs/user-states.ts';

/** What a check has found. */
export interface Finding {
  /** With an `error` nothing can run; a `warning` can be what is meant, or mend itself. */
  readonly state: 'ok' | 'warning' | 'error';
  /** What was looked at, such as `stream EVENTS`. */
  readonly what: string;
  /** How it is; with an error, what is wrong and the way out. */
  readonly words: string;
}

export interface PreflightOptions {
  readonly connection: Connection;
  /** Those that are enabled. */
  readonly syncs: readonly Sync[];
  /** The stream of what could not be delivered. */
  readonly deadLetters: string;
  /** How many servers should hold what the engine makes. */
  readonly replicas: number;
}

/**
 * Looks at all that the syncs need, and changes nothing: the streams, the consumers, the buckets of users' states, the
 * stream of dead letters, and whether Braze takes the keys. Never throws; that Braze does not answer is a warning, since
 * the engine holds until it does.
 */
export async function preflight({
  connection,
  syncs,
  deadLetters,
  replicas,
}: PreflightOptions): Promise<readonly Finding[]> {
  const look = async (what: string, check: () => Promise<Verdict>): Promise<Finding> => {
    try {
      return { what, ...(await check()) };
    } catch (cause) {
      return { what, ...error(messageOf(explain(cause, connection))) };
    }
  };
  const destinations = new Map(
    syncs.map(({ destination }) => [`${destination.endpoint} ${destination.apiKey}`, destination]),
  );
  return await Promise.all([
    ...syncs.map((sync) => look(`sync ${sync.name}`, () => checkSource(connection, sync))),
    ...syncs
      .filter(needsUserStates)
      .map(({ name }) =>
        look(`bucket ${bucketName(name)}`, () => checkOwn(connection, `KV_${bucketName(name)}`, replicas)),
      ),
    look(`stream ${deadLetters}`, () => checkOwn(connection, deadLetters, replicas)),
    ...[...destinations.values()].map((destination) =>
      look(`${titles[destination.type]} at ${destination.endpoint}`, () => checkKey(destination, syncs)),
    ),
  ]);
}

/** A finding in one line. */
export function findingText({ state, what, words }: Finding): string {
  return `${state.padEnd(7)} ${what}: ${words}`;
}

/** Throws an UnreachableError that lists all errors, if there are any. */
export function assertReady(findings: readonly Finding[]): void {
  const errors = findings.filter(({ state }) => state === 'error');
  if (errors.length === 0) return;
  throw new UnreachableError(
    `not all that the syncs need is there:\n${errors.map(({ what, words }) => `  ${what}: ${words}`).join('\n')}`,
  );
}

type Verdict = Pick<Finding, 'state' | 'words'>;

const ok = (words: string): Verdict => ({ state: 'ok', words });
const error = (words: string): Verdict => ({ state: 'error', words });
const warning = (words: string): Verdict => ({ state: 'warning', words });

async function checkKey(destination: Sync['destination'], syncs: readonly Sync[]): Promise<Verdict> {
  const check = await checkDestination(destination);
  if (check.kind === 'taken') return ok('takes the key');
  if (check.kind === 'accepted')
    return warning(
      `accepts an empty request, which ${titles[destination.type]} refuses: is destination.endpoint right? ` +
        'What is accepted there counts as delivered',
    );
  if (check.kind === 'unknown')
    return warning(`cannot be asked now (${check.words}); syncs start, and hold until it answers`);
  const users = syncs.filter((sync) => sync.destination.apiKey === destination.apiKey).map(({ name }) => name);
  return error(
    `refuses the key of ${users.join(', ')}: ${check.words}; see that destination.apiKey is a key of this ` +
      (destination.type === 'braze' ? 'instance with the permission users.track' : 'region') +
      ', and that it allows requests from here',
  );
}

async function checkSource(connection: Connection, sync: Sync): Promise<Verdict> {
  const { name, source } = sync;
  const subjects = subjectsOf(sync).all;
  const stream = await viewStream(connection, source.stream, subjects);
  const consumer = await checkConsumer(connection, source.stream, name);
  if (!stream.canHold(subjects))
    return warning(
      `no subject of the stream ${source.stream} matches source.subjects ${source.subjects}: nothing will come`,
    );
  const place = `the stream ${source.stream} holds ${stream.messages} messages`;
  if (consumer === undefined) return ok(`${place}; the consumer will be made`);
  if (consumer.disabled) return ok(`${place}; the sync was disabled, and starts from now`);
  return ok(`${place}, of which ${consumer.pending} wait for it`);
}

/** A stream that the engine makes. */
async function checkOwn(connection: Connection, stream: string, replicas: number): Promise<Verdict> {
  const view = await findStream(connection, stream);
  if (view === undefined) return ok('will be made');
  const held = `holds ${view.messages} messages`;
  if (view.replicas >= replicas) return ok(held);
  return warning(
    `${held} in ${view.replicas} replica${view.replicas === 1 ? '' : 's'}, not ${replicas}; to change that: ` +
      `nats stream edit ${stream} --replicas ${replicas}`,
  );
}
