import { backoffMs } from '../../core/backoff.ts';
import type { Entry } from '../../core/entry.ts';
import { discarded, type Outcome, returned } from '../../core/message.ts';
import type { Sink } from '../../core/sink.ts';
import type { RetryReason, Telemetry } from '../../core/telemetry.ts';
import { wait } from '../../core/wait.ts';
import type { Reply } from './client.ts';
import { defaultPacing, type Pacing } from './pacing.ts';
import { settleApart, settleSome } from './settle.ts';
import { Suspicion } from './suspicion.ts';
import type { Verdict } from './verdict.ts';
import type { Workspace } from './workspace.ts';

/** A request as the destination wants it. */
export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many objects the body holds. One can stand for several entries. */
  readonly objects: number;
  /** How many of them the destination took, if it took the request and refused these entries, by their places. */
  readonly accepted: (refused: ReadonlyMap<number, string>) => number;
  /** Reads the answer. */
  readonly read: (reply: Reply) => Verdict;
}

export interface SenderOptions {
  /** What the destination is called in a detail that a person reads. */
  readonly destination: string;
  readonly request: (entries: readonly Entry[]) => HttpRequest;
  readonly workspace: Workspace;
  /** An entry that was stored longer ago than this, and was tried, is given up; null for never. In milliseconds. */
  readonly giveUpAfterMs: number | null;
  readonly telemetry: Telemetry;
  /** What is not stated is as fits most destinations. */
  readonly pacing?: Partial<Pacing>;
}

/** Sends entries over HTTP and does what each answer says, until every entry has an outcome: `Sink.write`. */
export function sender(options: SenderOptions): Sink['write'] {
  const paced = { ...options, pacing: { ...defaultPacing, ...options.pacing } };
  options.workspace.join(options.telemetry);
  return (entries, abort) => write(paced, entries, { attempt: 1, suspicion: new Suspicion() }, abort);
}

interface PacedOptions extends SenderOptions {
  readonly pacing: Pacing;
}

/** What has been tried so far. */
interface Tried {
  /** The number of the attempt that is made next, from 1. */
  readonly attempt: number;
  readonly suspicion: Suspicion;
}

async function write(
  options: PacedOptions,
  entries: readonly Entry[],
  { attempt, suspicion }: Tried,
  abort: AbortSignal,
): Promise<readonly Outcome[]> {
  const { telemetry, pacing } = options;
  for (let made = attempt, failures = 1; ; made++, failures++) {
    const delayMs = backoffMs(failures, pacing.backoff);
    const verdict = await ask(options, entries, { delayMs, suspicion }, abort);
    if (verdict === undefined) return entries.map(() => returned);
    const tried = { attempt: made + 1, suspicion: suspicion.ofPart() };
    const again = (rest: readonly Entry[]): Promise<readonly Outcome[]> => write(options, rest, tried, abort);

    if (verdict.kind === 'accepted') {
      const delivered: Outcome = { kind: 'delivered', attempts: made };
      if (verdict.refused.size === 0) return entries.map(() => delivered);
      return entries.map((_, index) => refusal(verdict.refused.get(index), made) ?? delivered);
    }
    if (verdict.kind === 'refused') {
      if (verdict.refused.size < entries.length) telemetry.retried('split');
      return await settleSome(entries, (_, index) => refusal(verdict.refused.get(index), made), again);
    }
    if (verdict.kind === 'split') {
      if (entries.length <= 1) return entries.map(() => discarded(verdict.reason, verdict.detail, made));
      telemetry.retried('split');
      const middle = Math.ceil(entries.length / 2);
      // One after the other: both halves may hold the same user.
      return [...(await again(entries.slice(0, middle))), ...(await again(entries.slice(middle)))];
    }
    telemetry.retried(reasons[verdict.kind]);
    const expired = (entry: Entry): Outcome | undefined => expiry(options, entry, made, verdict);
    if (verdict.kind === 'throttled') {
      const late = async (rest: readonly Entry[]): Promise<readonly Outcome[]> => {
        await wait(Math.min(verdict.waitMs, pacing.maxPauseMs), abort);
        return await settleSome(rest, abort.aborted ? () => undefined : expired, again);
      };
      return await settleApart(entries, verdict.waiting, late, again);
    }
    if (verdict.kind === 'retry') await wait(delayMs, abort);
    // A day without a key says nothing about how busy the destination is after it.
    if (verdict.kind === 'hold') failures = 0;
    if (!abort.aborted && entries.some((entry) => expired(entry) !== undefined)) {
      return await settleSome(entries, expired, again);
    }
  }
}

const reasons = {
  throttled: 'rate_limited',
  pause: 'rate_limited',
  hold: 'held',
  retry: 'unavailable',
} as const satisfies Record<string, RetryReason>;

interface Asking {
  /** How long to wait if nobody says how long. */
  readonly delayMs: number;
  readonly suspicion: Suspicion;
}

/** Sends one request; undefined if `abort` fired before anything came of it. */
async function ask(
  { workspace, telemetry, pacing, request }: PacedOptions,
  entries: readonly Entry[],
  { delayMs, suspicion }: Asking,
  abort: AbortSignal,
): Promise<Verdict | undefined> {
  if (!(await workspace.rateLimit.pass(abort))) return undefined;
  const leftAt = performance.now();
  const { path, headers, body, objects, accepted, read } = request(entries);
  const reply = await workspace.client.post(path, body, headers, abort);
  const verdict = read(reply);
  const taken = verdict.kind === 'accepted' ? (verdict.refused.size === 0 ? objects : accepted(verdict.refused)) : 0;
  telemetry.answered(reply.kind === 'answer' ? reply.status : 'failed', objects, taken);
  if (reply.kind === 'failure' && abort.aborted) {
    // That it was cut off says nothing about the destination.
    workspace.rateLimit.retreat(0);
    return undefined;
  }
  if (verdict.kind === 'hold' && !verdict.key && suspicion.isOwn(workspace, performance.now())) {
    workspace.rateLimit.retreat(delayMs);
    // Time for another request to be accepted: without one the next refusal would be laid to the key.
    await wait(delayMs, abort);
    return blamed(verdict.detail, entries.length > 1 || suspicion.proven);
  }
  workspace.heed(verdict, { leftAt, delayMs, pacing });
  return verdict;
}

/** What to do with a request whose body is refused while others are accepted. */
function blamed(detail: string, proven: boolean): Verdict {
  if (!proven) return { kind: 'retry', detail };
  return { kind: 'split', reason: 'rejected', detail: `${detail}, while it accepted other requests` };
}

function refusal(words: string | undefined, attempt: number): Outcome | undefined {
  return words === undefined ? undefined : discarded('rejected', words, attempt);
}

function expiry(
  { giveUpAfterMs, destination }: SenderOptions,
  { storedAt }: Entry,
  attempt: number,
  last: Extract<Verdict, { kind: 'throttled' | 'pause' | 'hold' | 'retry' }>,
): Outcome | undefined {
  if (giveUpAfterMs === null || Date.now() - storedAt <= giveUpAfterMs) return undefined;
  const why = 'detail' in last ? last.detail : `${destination} asked to wait`;
  return discarded('expired', `undelivered after ${giveUpAfterMs} ms; last: ${why}`, attempt);
}
