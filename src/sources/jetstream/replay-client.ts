import { type NatsConnection, NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { wait } from '../../core/wait.ts';
import { type ReplayAnswer, replayAnswer, replaySubject } from './replay-answer.ts';

export interface ReplayRequest {
  /** The stream of dead letters. */
  readonly stream: string;
  readonly sync: string;
  /** The number of the letter. */
  readonly letter: number;
}

/** An answer comes when the letter is settled, which takes as long as Braze does. After this time it is asked again. */
const askAgainMs = 10_000;
/** How long to wait while an engine stops or starts its pipeline again. */
const pauseMs = 250;

/**
 * Has the engine that runs a sync send a letter again, and resolves with what became of it; undefined if no engine
 * runs the sync.
 *
 * When `abort` fires it is answered as `returned`, though the engine may still be at it.
 *
 * @param patienceMs how long an engine is waited for that is not there
 */
export async function requestReplay(
  connection: NatsConnection,
  request: ReplayRequest,
  patienceMs: number,
  abort: AbortSignal,
): Promise<ReplayAnswer | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const end = (): void => aborted.resolve(undefined);
  abort.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([ask(connection, request, patienceMs, abort), aborted.promise.then(() => left)]);
  } finally {
    abort.removeEventListener('abort', end);
  }
}

const left: ReplayAnswer = { kind: 'returned' };

async function ask(
  connection: NatsConnection,
  { stream, sync, letter }: ReplayRequest,
  patienceMs: number,
  abort: AbortSignal,
): Promise<ReplayAnswer | undefined> {
  let missingSince: number | undefined;
  while (!abort.aborted) {
    try {
      const answer = await connection.request(replaySubject(stream, sync), String(letter), { timeout: askAgainMs });
      const read = replayAnswer.parse(answer.json());
      if (read.kind !== 'returned') return read;
      missingSince = undefined;
    } catch (error) {
      if (error instanceof TimeoutError) continue;
      if (!isNobodyThere(error)) throw error;
      missingSince ??= performance.now();
      if (performance.now() - missingSince >= patienceMs) return undefined;
    }
    await wait(pauseMs, abort);
  }
  return left;
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());
}
