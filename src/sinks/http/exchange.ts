import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { messageOf } from '../../core/errors.ts';
import type { Reply } from './client.ts';

/**
 * One request and its answer, as undici tells of them. Undici's own `request` makes a stream of each answer, and a request
 * can be ended by a signal of its own alone; none of that is needed here.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly reply: Promise<Reply>;
  readonly #resolve: (reply: Reply) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #body: Buffer[] = [];
  #ended = false;

  constructor(totalTimeoutMs: number) {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.reply = promise;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.end(new Error(`no answer within ${totalTimeoutMs} ms`)), totalTimeoutMs);
  }

  /** Ends it now, if it has not ended: what came of the answer so far is the answer. */
  end(reason: Error): void {
    this.#settle(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error('the request was ended before it was sent'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // What comes before an answer, such as 100 or 103, is none.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(error);
  }

  /** @param failure why the answer did not come whole */
  #settle(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    if (this.#status === 0) {
      this.#resolve({ kind: 'failure', detail: messageOf(failure) });
      return;
    }
    const body = failure === undefined ? Buffer.concat(this.#body).toString() : '';
    this.#resolve({ kind: 'answer', status: this.#status, headers: this.#headers, body });
  }
}
