/**
 * Braze's custom HTTP connector: posts what happens in batches, and does with each answer what the documentation says
 * (https://www.braze.com/docs/user_guide/data/distribution/braze_currents/setting_up_currents/custom_http_connector).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AcceptedObject } from '../objects.ts';
import { seededRandom } from '../random.ts';
import { type CurrentsEvent, eventMaker } from './events.ts';
import { type CurrentsOptions, defaultCurrents } from './options.ts';

/** Sums over everything since the start. */
export interface CurrentsCounts {
  /** Events that there were to tell of, each once. */
  made: number;
  /** Events that arrived, each once. */
  sent: number;
  /** Events that arrived and were posted again all the same. */
  repeated: number;
  /** Events that were refused by 400 when they were alone, and given up. */
  refused: number;
  /** Events that were given up when the token was refused, or the path was none. */
  lost: number;
  /** Events that there was no room for. */
  dropped: number;
  /** By the status that came; `failed` for those without one. */
  byStatus: Record<string, number>;
}

export class CurrentsConnector {
  readonly #options: Required<CurrentsOptions>;
  readonly #make: (object: AcceptedObject) => CurrentsEvent[];
  readonly #random: () => number;
  readonly #end = new AbortController();
  readonly #counts: CurrentsCounts = { made: 0, sent: 0, repeated: 0, refused: 0, lost: 0, dropped: 0, byStatus: {} };
  #waiting: CurrentsEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #posting: Promise<void>;
  #enabled = true;

  constructor(options: CurrentsOptions) {
    this.#options = { ...defaultCurrents, ...options };
    this.#make = eventMaker(this.#options);
    this.#random = seededRandom(this.#options.seed + 1);
    // This is how Braze tries the credentials.
    this.#posting = this.#postAll([]);
  }

  counts(): CurrentsCounts {
    return structuredClone(this.#counts);
  }

  /** Whether it posts; it stops for good when it is not let in. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Tells of what was accepted, in time. */
  tell(objects: readonly AcceptedObject[]): void {
    for (const event of objects.flatMap(this.#make)) {
      this.#counts.made++;
      if (this.#waiting.length < this.#options.maxWaiting) this.#waiting.push(event);
      else this.#counts.dropped++;
    }
    if (this.#waiting.length >= this.#options.maxBatch) this.#post();
    else if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#post(), this.#options.flushMs).unref();
  }

  /** Posts what waits, without waiting for full batches; resolves once it has arrived or was given up. */
  async flush(): Promise<void> {
    this.#post();
    await this.#posting;
  }

  /** After the token, or what else was wrong, was mended. */
  enable(): void {
    this.#enabled = true;
    this.#post();
  }

  /** Posts nothing more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#end.abort();
    await this.#posting;
  }

  #post(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One batch after the other; Braze promises no order, and a receiver has no say in it.
    this.#posting = this.#posting.then(() => this.#postWaiting());
  }

  async #postWaiting(): Promise<void> {
    while (this.#waiting.length > 0 && this.#enabled && !this.#end.signal.aborted) {
      const batch = this.#waiting.splice(0, this.#options.maxBatch);
      await this.#postAll(batch);
      if (this.#random() * 100 < this.#options.repeatPercent && this.#enabled) {
        if ((await this.#attempt(batch)) === 'arrived') this.#counts.repeated += batch.length;
      }
    }
  }

  /** Posts a batch until something has become of each event in it. */
  async #postAll(batch: readonly CurrentsEvent[]): Promise<void> {
    const { firstMs, maxMs } = this.#options.backoff;
    for (let failures = 1; !this.#end.signal.aborted; failures++) {
      const outcome = await this.#attempt(batch);
      if (outcome === 'arrived') this.#counts.sent += batch.length;
      else if (outcome === 'refused' && batch.length <= 1) this.#counts.refused += batch.length;
      else if (outcome === 'refused') for (const event of batch) await this.#postAll([event]);
      else if (outcome === 'too large' && batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        await this.#postAll(batch.slice(0, middle));
        await this.#postAll(batch.slice(middle));
      } else if (outcome === 'not let in') {
        this.#enabled = false;
        this.#counts.lost += batch.length;
      } else {
        const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 20));
        await wait(ceiling * (0.5 + this.#random() / 2), undefined, { signal: this.#end.signal, ref: false }).catch(
          () => undefined,
        );
        continue;
      }
      return;
    }
  }

  async #attempt(events: readonly CurrentsEvent[]): Promise<ReturnType<typeof readStatus>> {
    const { url, token, timeoutMs } = this.#options;
    const status = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'braze-currents-version': '1',
      },
      body: JSON.stringify({ events }),
      signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(timeoutMs)]),
    }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => undefined,
    );
    const key = status ?? 'failed';
    this.#counts.byStatus[key] = (this.#counts.byStatus[key] ?? 0) + 1;
    return readStatus(status);
  }
}

function readStatus(status: number | undefined): 'arrived' | 'refused' | 'not let in' | 'too large' | 'try again' {
  if (status === undefined) return 'try again';
  if (status >= 200 && status < 300) return 'arrived';
  if (status === 400) return 'refused';
  if (status === 401 || status === 403 || status === 404) return 'not let in';
  return status === 413 ? 'too large' : 'try again';
}
