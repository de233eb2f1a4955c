import { Pool } from 'undici';
import { messageOf } from '../../core/errors.ts';

/** What came of a request. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  /** No whole answer came: whether the request was carried out is not known. */
  | { readonly kind: 'failure'; readonly detail: string };

export interface HttpClientOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** To connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** From the request to the last byte of its answer, in milliseconds. */
  readonly totalTimeoutMs: number;
}

/** One origin, asked over connections that are kept open; as many as there are requests at once. */
export class HttpClient {
  readonly #pool: Pool;
  readonly #totalTimeoutMs: number;

  constructor({ origin, connectTimeoutMs, totalTimeoutMs }: HttpClientOptions) {
    this.#totalTimeoutMs = totalTimeoutMs;
    this.#pool = new Pool(origin, {
      pipelining: 1,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: totalTimeoutMs,
      bodyTimeout: totalTimeoutMs,
    });
  }

  /** Posts a body and reads the whole answer. Never rejects: what goes wrong on the way is a `failure`. */
  async post(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    abort: AbortSignal,
  ): Promise<Reply> {
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const deadline = setTimeout(
      () => ending.abort(new Error(`no whole answer within ${this.#totalTimeoutMs} ms`)),
      this.#totalTimeoutMs,
    );
    abort.addEventListener('abort', end, { once: true });
    if (abort.aborted) end();
    try {
      const answer = await this.#pool.request({ path, method: 'POST', headers, body, signal: ending.signal });
      return { kind: 'answer', status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
    } catch (error) {
      return { kind: 'failure', detail: messageOf(error) };
    } finally {
      clearTimeout(deadline);
      abort.removeEventListener('abort', end);
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
