import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { LRUCache } from 'lru-cache';
import { Observable, type Subscriber } from 'rxjs';
import { backoffMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import type { Message, Outcome } from '../../core/message.ts';
import type { Source } from '../../core/source.ts';
import type { Telemetry } from '../../core/telemetry.ts';
import { wait } from '../../core/wait.ts';
import { Credits } from './credits.ts';
import type { DeadLetter, StoredLetter } from './dead-letter.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import { type ReplayAnswer, replaySubject } from './replay-answer.ts';
import { ReplayedMessage, type ReplayKeeper } from './replayed-message.ts';

export interface ReplaySourceOptions {
  readonly connection: NatsConnection;
  readonly sync: string;
  /** The stream that the sync reads. */
  readonly stream: string;
  readonly letters: DeadLetterStore;
  readonly telemetry: Telemetry;
}

/** So many letters of 16 KiB may be on their way at once; larger ones count as several. */
const capacity = 512;
/** So many answers are kept for those who ask again since an answer was late. */
const answersKept = 4_096;
const bytesPerCredit = 16_384;
/** The bookkeeping of a letter is tried so often; then it stays, and whoever asked is told why. */
const maxAttempts = 5;
const backoff = { firstMs: 100, maxMs: 2_000 };

interface Open {
  /** The latest request for this letter: whoever asks again has given up on the answer to an earlier one. */
  request: Msg;
  readonly cost: number;
}

/**
 * The dead letters that somebody wants sent again, as messages of their sync. A letter is removed only after it was
 * settled: at a crash it is still there, and may be replayed again.
 */
export class ReplaySource implements Source, ReplayKeeper {
  readonly #options: ReplaySourceOptions;
  readonly #credits = new Credits(capacity);
  readonly #answers = new LRUCache<number, ReplayAnswer>({ max: answersKept });
  /** By number of the letter. */
  readonly #open = new Map<number, Open>();
  /** Handed out, and not settled by the pipeline. */
  readonly #unsettled = new Set<ReplayedMessage>();
  readonly #abandoned = new AbortController();
  #onDone: (() => void)[] = [];

  constructor(options: ReplaySourceOptions) {
    this.#options = options;
  }

  messages(stop: AbortSignal): Observable<Message> {
    return new Observable((subscriber) => {
      const { connection, letters, sync } = this.#options;
      // In a group, so that of several engines one takes a letter.
      const requests = connection.subscribe(replaySubject(letters.stream, sync), { queue: 'sluice' });
      let completed = false;
      const end = (): void => {
        requests.unsubscribe();
        this.#credits.close();
      };
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
      this.#take(requests, subscriber, stop).then(
        () => {
          completed = true;
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
      return () => {
        end();
        stop.removeEventListener('abort', end);
        if (!completed) this.#abandon();
      };
    });
  }

  async settled(abort: AbortSignal): Promise<void> {
    const giveUp = (): void => this.#abandon();
    abort.addEventListener('abort', giveUp, { once: true });
    if (abort.aborted) giveUp();
    while (this.#open.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onDone.push(resolve);
      await promise;
    }
    abort.removeEventListener('abort', giveUp);
  }

  expected(events: number): void {
    this.#options.telemetry.received(events);
  }

  settledEvent(outcome: Outcome, { replayedAt }: ReplayedMessage): void {
    this.#options.telemetry.settled(outcome, replayedAt);
  }

  done(message: ReplayedMessage, outcome: Outcome): void {
    this.#unsettled.delete(message);
    void this.#close(message, outcome);
  }

  /** One letter after the other, so that they keep the order in which they are asked for. */
  async #take(requests: Subscription, subscriber: Subscriber<Message>, stop: AbortSignal): Promise<void> {
    for await (const request of requests) {
      const letter = Number(request.string());
      const open = this.#open.get(letter);
      if (open !== undefined) {
        open.request = request;
        continue;
      }
      const answer = this.#answers.get(letter);
      if (answer !== undefined) {
        respond(request, answer);
        continue;
      }
      await this.#credits.available(1);
      if (stop.aborted) respond(request, { kind: 'returned' });
      else await this.#handOut(letter, request, subscriber);
    }
  }

  async #handOut(number: number, request: Msg, subscriber: Subscriber<Message>): Promise<void> {
    const { letters, sync, stream } = this.#options;
    try {
      const letter = Number.isSafeInteger(number) && number > 0 ? await letters.get(number) : undefined;
      if (letter === undefined || letter.sync !== sync) {
        respond(request, { kind: 'gone' });
        return;
      }
      const payload = await letters.payloadOf(letter);
      if (payload === undefined) {
        const detail = `its payload was too large for a letter, and message ${letter.sequence} of ${letter.stream} is gone`;
        respond(request, { kind: 'unreadable', detail });
        return;
      }
      const message = new ReplayedMessage(letter, payload, stream, this);
      const cost = Math.max(1, Math.ceil(payload.length / bytesPerCredit));
      this.#credits.take(cost);
      this.#open.set(number, { request, cost });
      this.#unsettled.add(message);
      subscriber.next(message);
    } catch (error) {
      respond(request, { kind: 'unreadable', detail: messageOf(error) });
    }
  }

  async #close({ letter }: ReplayedMessage, outcome: Outcome): Promise<void> {
    const answer = await this.#store(letter, outcome);
    const open = this.#open.get(letter.letter);
    this.#open.delete(letter.letter);
    // What is still there may be replayed again.
    if (answer.kind !== 'returned' && !('kept' in answer)) this.#answers.set(letter.letter, answer);
    if (open !== undefined) {
      this.#credits.give(open.cost);
      respond(open.request, answer);
    }
    for (const resolve of this.#onDone.splice(0)) resolve();
  }

  /** Removes the letter; one that failed again has a successor first. */
  async #store(letter: StoredLetter, outcome: Outcome): Promise<ReplayAnswer> {
    const { letters } = this.#options;
    if (outcome.kind === 'returned') return { kind: 'returned' };
    if (outcome.kind !== 'discarded') {
      const fault = await this.#attempt(() => letters.remove(letter.letter));
      return { kind: outcome.kind, ...(fault !== undefined && { kept: `it cannot be removed: ${fault}` }) };
    }
    const { reason, detail } = outcome;
    const fault =
      (await this.#attempt(() => letters.publish(successorOf(letter, outcome)))) ??
      (await this.#attempt(() => letters.remove(letter.letter)));
    return { kind: 'discarded', reason, detail, ...(fault !== undefined && { kept: fault }) };
  }

  /** Why it could not be done; undefined if it was. */
  async #attempt(action: () => Promise<void>): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await action();
        return undefined;
      } catch (error) {
        if (attempt === maxAttempts || this.#abandoned.signal.aborted) return messageOf(error);
        await wait(backoffMs(attempt, backoff), this.#abandoned.signal);
      }
    }
  }

  /** The pipeline is gone: what it had is where it was. */
  #abandon(): void {
    this.#abandoned.abort();
    for (const message of this.#unsettled) message.giveBack();
  }
}

/** The letter of a replay that failed, with the history of the one before it. */
function successorOf(letter: StoredLetter, outcome: Extract<Outcome, { kind: 'discarded' }>): DeadLetter {
  const { reason, detail, accepted = letter.accepted } = outcome;
  const attempts = letter.attempts + outcome.attempts;
  return { ...letter, reason, detail, attempts, accepted, replays: letter.replays + 1 };
}

function respond(request: Msg, answer: ReplayAnswer): void {
  request.respond(JSON.stringify(answer));
}
