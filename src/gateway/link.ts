import type { NatsConnection } from '@nats-io/transport-node';

/** Whether the connection to NATS stands. While it does not, requests are refused at once rather than by a time-out. */
export class Link {
  #up = true;

  constructor(connection: NatsConnection) {
    const ended = (): void => {
      this.#up = false;
    };
    this.#follow(connection).then(ended, ended);
  }

  get up(): boolean {
    return this.#up;
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.#up = false;
      else if (type === 'reconnect') this.#up = true;
    }
  }
}
