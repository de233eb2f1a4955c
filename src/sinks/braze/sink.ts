import { backoffMs } from '../../core/backoff.ts';
import type { Entry } from '../../core/entry.ts';
import { discarded, type Outcome, returned } from '../../core/message.ts';
import type { Sink } from '../../core/sink.ts';
import type { RetryReason, Telemetry } from '../../core/telemetry.ts';
import { wait } from '../../core/wait.ts';
import type { Reply } from '../http/client.ts';
import type { BrazeConfig } from './config.ts';
import { bodyLimits, encodeEvent, requestBody } from './request.ts';
import { readReply, type Verdict } from './response.ts';
import type { Workspace } from './workspace.ts';

export interface BrazeSinkOptions {
  readonly config: BrazeConfig;
  readonly workspace: Workspace;
  /** An entry that was stored longer ago than this, and was tried, is given up; null for never. In milliseconds. */
  readonly giveUpAfterMs: number | null;
  readonly telemetry: Telemetry;
}

const backoff = { firstMs: 500, maxMs: 30_000 };
/** How often to ask while no request can succeed, in milliseconds: the key may be mended at any moment. */
const holdMs = 10_000;

/** Delivers to Braze's `/users/track`: braze.com/docs/api/endpoints/user_data/post_user_track. */
export function brazeSink(options: BrazeSinkOptions): Sink {
  return {
    limits: bodyLimits,
    encode: encodeEvent(options.config),
    write: (entries, abort) => write(options, entries, 1, abort),
  };
}

/** @param attempt the number of the attempt that is made first, from 1 */
async function write(
  options: BrazeSinkOptions,
  entries: readonly Entry[],
  attempt: number,
  abort: AbortSignal,
): Promise<readonly Outcome[]> {
  const { telemetry } = options;
  for (; ; attempt++) {
    const verdict = await ask(options, entries, abort);
    if (verdict === undefined) return entries.map(() => returned);
    telemetry.holding(verdict.kind === 'hold' ? verdict.detail : null);
    const made = attempt;
    const again = (rest: readonly Entry[]): Promise<readonly Outcome[]> => write(options, rest, made + 1, abort);

    if (verdict.kind === 'accepted') {
      const delivered: Outcome = { kind: 'delivered', attempts: made };
      return entries.map((_, index) => refusal(verdict.refused.get(index), made) ?? delivered);
    }
    if (verdict.kind === 'refused') {
      telemetry.retried('split');
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
    await waitBefore(options, verdict, attempt, abort);
    if (entries.some((entry) => expiry(options, entry, made) !== undefined)) {
      return await settleSome(entries, (entry) => expiry(options, entry, made), again);
    }
  }
}

/** Sends one request; undefined if the wait for its turn was ended by `abort`. */
async function ask(
  { config, workspace, telemetry }: BrazeSinkOptions,
  entries: readonly Entry[],
  abort: AbortSignal,
): Promise<Verdict | undefined> {
  await workspace.rateLimit.pass(abort);
  if (abort.aborted) return undefined;
  const headers = { authorization: `Bearer ${config.apiKey}`, 'content-type': 'application/json' };
  const reply = await workspace.client.post('/users/track', requestBody(entries), headers, abort);
  telemetry.answered(reply.kind === 'answer' ? reply.status : 'failed', entries.length);
  return readReply(withoutKey(reply, config.apiKey), entries.length, Date.now());
}

/** A 401 repeats the key that was sent; Braze's words go into logs and dead letters. */
function withoutKey(reply: Reply, apiKey: string): Reply {
  if (reply.kind !== 'answer' || reply.status < 300) return reply;
  return { ...reply, body: reply.body.replaceAll(apiKey, '[the API key]') };
}

const reasons = { pause: 'rate_limited', hold: 'held', retry: 'unavailable' } as const satisfies Record<
  string,
  RetryReason
>;

/** Waits before the next attempt. What the whole workspace has to wait for stops everybody who sends to it. */
async function waitBefore(
  { workspace }: BrazeSinkOptions,
  verdict: Extract<Verdict, { kind: 'pause' | 'hold' | 'retry' }>,
  attempt: number,
  abort: AbortSignal,
): Promise<void> {
  const delay = backoffMs(attempt, backoff);
  if (verdict.kind === 'retry') return await wait(delay, abort);
  workspace.rateLimit.pause(verdict.kind === 'hold' ? holdMs : (verdict.waitMs ?? delay));
}

function refusal(words: string | undefined, attempt: number): Outcome | undefined {
  return words === undefined ? undefined : discarded('rejected', words, attempt);
}

function expiry({ giveUpAfterMs }: BrazeSinkOptions, { storedAt }: Entry, attempt: number): Outcome | undefined {
  if (giveUpAfterMs === null || Date.now() - storedAt <= giveUpAfterMs) return undefined;
  return discarded('expired', `undelivered after ${giveUpAfterMs} ms`, attempt);
}

/** Settles the entries that have an outcome already, and the others by `rest`; in the order of the entries. */
async function settleSome(
  entries: readonly Entry[],
  outcomeOf: (entry: Entry, index: number) => Outcome | undefined,
  rest: (entries: readonly Entry[]) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const outcomes = entries.map(outcomeOf);
  const open = entries.filter((_, index) => outcomes[index] === undefined);
  const late = open.length === 0 ? [] : await rest(open);
  let next = 0;
  return outcomes.map((outcome) => outcome ?? late[next++] ?? returned);
}
