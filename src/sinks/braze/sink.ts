import { backoffMs, type BackoffOptions } from '../../core/backoff.ts';
import type { Entry } from '../../core/entry.ts';
import { discarded, type Outcome, returned } from '../../core/message.ts';
import type { Sink } from '../../core/sink.ts';
import type { RetryReason, Telemetry } from '../../core/telemetry.ts';
import { wait } from '../../core/wait.ts';
import { trackBody } from './body.ts';
import type { BrazeConfig } from './config.ts';
import { confirmation } from './confirm.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from './request.ts';
import { readReply, type Verdict } from './response.ts';
import type { Workspace } from './workspace.ts';

export interface BrazeSinkOptions {
  readonly config: BrazeConfig;
  readonly workspace: Workspace;
  /** An entry that was stored longer ago than this, and was tried, is given up; null for never. In milliseconds. */
  readonly giveUpAfterMs: number | null;
  readonly telemetry: Telemetry;
  /** Whether Braze is asked which of the updates it has that an engine which crashed may have sent. */
  readonly asksAfterCrash?: boolean;
  /** What is not stated is as fits Braze. */
  readonly pacing?: Partial<Pacing>;
}

/** How long to wait before a request is sent again, in milliseconds. */
export interface Pacing {
  /** When no usable answer came, or one that does not say how long. */
  readonly backoff: BackoffOptions;
  /** While no request can succeed: what is wrong may be mended at any moment. */
  readonly holdMs: number;
  /** The longest pause that is obeyed. */
  readonly maxPauseMs: number;
}

const defaultPacing: Pacing = {
  backoff: { firstMs: 500, maxMs: 30_000 },
  holdMs: 10_000,
  // Braze's longest window is the clock hour; whatever asks for more comes of two clocks that differ.
  maxPauseMs: 3_600_000,
};

/** Delivers to Braze's `/users/track`: braze.com/docs/api/endpoints/user_data/post_user_track. */
export function brazeSink(options: BrazeSinkOptions): Sink {
  const paced = { ...options, pacing: { ...defaultPacing, ...options.pacing } };
  options.workspace.join(options.telemetry);
  const confirmed = confirmation(options);
  const encoded = encodeUpdate(options.config);
  return {
    limits: bodyLimits,
    encode: encodeEvent(options.config),
    encodeUpdate(update, storedAt) {
      const entry = encoded(update, storedAt);
      confirmed?.note(entry);
      return entry;
    },
    async write(entries, abort) {
      if (confirmed?.concerns(entries) !== true) return await write(paced, entries, 1, abort);
      const isKnown = await confirmed.known(entries, abort);
      const delivered: Outcome = { kind: 'delivered', attempts: 1 };
      return await settleSome(
        entries,
        (entry) => (isKnown(entry) ? delivered : undefined),
        (rest) => write(paced, rest, 1, abort),
      );
    },
  };
}

interface PacedOptions extends BrazeSinkOptions {
  readonly pacing: Pacing;
}

/** @param attempt the number of the attempt that is made first, from 1 */
async function write(
  options: PacedOptions,
  entries: readonly Entry[],
  attempt: number,
  abort: AbortSignal,
): Promise<readonly Outcome[]> {
  const { telemetry, pacing } = options;
  for (let failures = 1; ; attempt++, failures++) {
    const delayMs = backoffMs(failures, pacing.backoff);
    const verdict = await ask(options, entries, delayMs, abort);
    if (verdict === undefined) return entries.map(() => returned);
    const made = attempt;
    const again = (rest: readonly Entry[]): Promise<readonly Outcome[]> => write(options, rest, made + 1, abort);

    if (verdict.kind === 'accepted') {
      const delivered: Outcome = { kind: 'delivered', attempts: made };
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
    if (verdict.kind === 'retry') await wait(delayMs, abort);
    // A day without a key says nothing about how busy Braze is after it.
    if (verdict.kind === 'hold') failures = 0;
    const expired = (entry: Entry): Outcome | undefined => expiry(options, entry, made, verdict);
    if (!abort.aborted && entries.some((entry) => expired(entry) !== undefined)) {
      return await settleSome(entries, expired, again);
    }
  }
}

const reasons = { pause: 'rate_limited', hold: 'held', retry: 'unavailable' } as const satisfies Record<
  string,
  RetryReason
>;

/**
 * Sends one request; undefined if `abort` fired before anything came of it.
 *
 * @param delayMs how long to pause if Braze asks for a pause and does not say how long
 */
async function ask(
  options: PacedOptions,
  entries: readonly Entry[],
  delayMs: number,
  abort: AbortSignal,
): Promise<Verdict | undefined> {
  const { workspace, telemetry } = options;
  const { apiKey } = options.config;
  if (!(await workspace.rateLimit.pass(abort))) return undefined;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const { body, places } = trackBody(entries);
  const reply = await workspace.client.post('/users/track', body, headers, abort);
  const verdict = readReply(reply, { places, now: Date.now(), secret: apiKey });
  const objects = [...places.attributes, ...places.events];
  const accepted = verdict.kind === 'accepted' ? objects.filter(([entry = -1]) => !verdict.refused.has(entry)) : [];
  telemetry.answered(reply.kind === 'answer' ? reply.status : 'failed', objects.length, accepted.length);
  heed(options, verdict, delayMs);
  return reply.kind === 'failure' && abort.aborted ? undefined : verdict;
}

/** What the whole workspace has to wait for stops everybody who sends to it; any other answer lets them go on. */
function heed({ workspace, pacing }: PacedOptions, verdict: Verdict, delayMs: number): void {
  const { rateLimit } = workspace;
  // No answer, or none of Braze's own, leaves open whether the key is good.
  if (verdict.kind !== 'retry') workspace.holding(verdict.kind === 'hold' ? verdict.detail : null);
  if (verdict.kind === 'hold') rateLimit.pause(pacing.holdMs);
  // A pause of no length, as when two clocks differ, would let everybody ask without end.
  else if (verdict.kind === 'pause') rateLimit.pause(Math.min(verdict.waitMs || delayMs, pacing.maxPauseMs));
  else rateLimit.resume();
}

function refusal(words: string | undefined, attempt: number): Outcome | undefined {
  return words === undefined ? undefined : discarded('rejected', words, attempt);
}

function expiry(
  { giveUpAfterMs }: BrazeSinkOptions,
  { storedAt }: Entry,
  attempt: number,
  last: Extract<Verdict, { kind: 'pause' | 'hold' | 'retry' }>,
): Outcome | undefined {
  if (giveUpAfterMs === null || Date.now() - storedAt <= giveUpAfterMs) return undefined;
  const why = last.kind === 'pause' ? 'Braze asked to wait' : last.detail;
  return discarded('expired', `undelivered after ${giveUpAfterMs} ms; last: ${why}`, attempt);
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
