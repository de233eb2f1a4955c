import { Pool } from 'undici';
import { Exchange } from './exchange.ts';

/** What came of a request. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      /** Empty if it did not come whole. */
      readonly body: string;
    }
  /** No status came: whether the request was carried out is not known. */
  | { readonly kind: 'failure'; readonly detail: string };

export interface HttpClientOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** To connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** From the request to the last byte of its answer, in milliseconds. */
  readonly totalTimeoutMs: number;
}

/** More than any answer needs: 75 objects that are all refused make some 10 kB. */
const maxAnswerBytes = 1_048_576;

/** One origin, asked over connections that are kept open: one for each request under way, and some to spare. */
export class HttpClient {
  readonly #pool: Pool;
  readonly #totalTimeoutMs: number;
  readonly #underWay: { readonly exchange: Exchange; readonly abort: AbortSignal }[] = [];
  readonly #heard = new WeakSet<AbortSignal>();

  constructor({ origin, connectTimeoutMs, totalTimeoutMs }: HttpClientOptions) {
    this.#totalTimeoutMs = totalTimeoutMs;
    this.#pool = new Pool(origin, {
      pipelining: 1,
      // HTTP/2 puts all requests on one connection, and one reset would leave the fate of all of them unknown.
      allowH2: false,
      maxResponseSize: maxAnswerBytes,
      // Stated, since Node's default hangs on NODE_TLS_REJECT_UNAUTHORIZED: nobody may turn this off.
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: true },
      headersTimeout: totalTimeoutMs,
      bodyTimeout: totalTimeoutMs,
    });
  }

  /**
   * Posts a body and reads the answer. Never rejects: what goes wrong before the status is a `failure`. Once the
   * status is there it stands, also without its body: to send again what was accepted would make duplicates.
   */
  async post(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    abort: AbortSignal,
  ): Promise<Reply> {
    const exchange = new Exchange(this.#totalTimeoutMs);
    const going = { exchange, abort };
    this.#underWay.push(going);
    this.#listen(abort);
    if (abort.aborted) exchange.end(aborted());
    else this.#pool.dispatch({ path, method: 'POST', headers, body }, exchange);
    const reply = await exchange.reply;
    this.#underWay.splice(this.#underWay.indexOf(going), 1);
    return reply;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /**
   * One listener for each signal that was ever given, not one for each request: a listener that is taken off still
   * points to the next one, so that once one of them is old they are all kept, with all that they know.
   */
  #listen(abort: AbortSignal): void {
    if (this.#heard.has(abort)) return;
    this.#heard.add(abort);
    const end = (): void => {
      for (const going of this.#underWay) if (going.abort === abort) going.exchange.end(aborted());
    };
    abort.addEventListener('abort', end, { once: true });
  }
}

function aborted(): Error {
  return new Error('the request was ended');
}
