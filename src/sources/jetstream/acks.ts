/** How long an ack waits for others, in milliseconds. A crash within it delivers again what Braze had accepted. */
const gatherMs = 5;

/**
 * Acks on their way to the server. The client writes those that are said without a pause to the socket at once, and a
 * write costs more than all that is in it. So they are gathered for some milliseconds, over several requests.
 */
export class Acks {
  #waiting: { answer(): void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  add(message: { answer(): void }): void {
    this.#waiting.push(message);
    this.#timer ??= setTimeout(() => this.flush(), gatherMs);
  }

  /** Says all that wait, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ready = this.#waiting;
    this.#waiting = [];
    for (const message of ready) message.answer();
  }
}
