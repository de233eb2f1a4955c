/** A gateway in front of a stream of its own. */
import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Gateway, startGateway } from '../../src/gateway/gateway.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import { createLog } from '../../src/log.ts';
import { connectNats } from '../../src/nats/connect.ts';

export const apiKey = 'key-of-the-test';
export const currentsToken = 'token-of-the-test';

export interface StoredMessage {
  readonly subject: string;
  readonly value: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export class RunningGateway implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly connection: NatsConnection;
  /** The name of the stream; its subjects begin with it in lower case. */
  readonly stream: string;
  /** That of Currents. */
  readonly currents: string;

  private constructor(gateway: Gateway, connection: NatsConnection, stream: string) {
    this.gateway = gateway;
    this.connection = connection;
    this.stream = stream;
    this.currents = `${stream}_C`;
  }

  static async start(
    natsUrl: string,
    options: Partial<GatewayOptions> = {},
    stream = `G_${randomUUID().slice(0, 8)}`,
  ): Promise<RunningGateway> {
    const connection = await connectNats({ urls: [natsUrl] });
    const gateway = await startGateway({
      host: '127.0.0.1',
      port: 0,
      keys: new Map([[apiKey, stream]]),
      currents: { token: currentsToken, stream: `${stream}_C` },
      partitions: 4,
      layout: 'event',
      streams: { replicas: 1, maxAgeMs: 0, maxBytes: 0, duplicateWindowMs: 120_000 },
      maxBytes: 64 * 1_024 * 1_024,
      trustProxy: false,
      connection,
      log: createLog({ log: { level: 'silent', format: 'json' }, secrets: [] }),
      ...options,
    });
    return new RunningGateway(gateway, connection, stream);
  }

  /** Posts bytes and texts as they are, anything else as JSON. */
  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${this.gateway.url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
    const answer = (await response.json()) as Answer['body'];
    return { status: response.status, headers: response.headers, body: answer };
  }

  /** Posts events to the HTTP V2 API. */
  async send(...events: readonly unknown[]): Promise<Answer> {
    return await this.post('/2/httpapi', { api_key: apiKey, events });
  }

  async postCurrents(body: unknown, token = currentsToken): Promise<Answer> {
    return await this.post('/currents', body, { authorization: `Bearer ${token}` });
  }

  /** All messages of a stream, their subjects without its name. */
  async stored(stream = this.stream): Promise<readonly StoredMessage[]> {
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info(stream);
    const messages: StoredMessage[] = [];
    for (let seq = state.first_seq; seq > 0 && seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message === null) continue;
      const subject = message.subject.slice(stream.length + 1);
      messages.push({ subject, value: JSON.parse(new TextDecoder().decode(message.data)) });
    }
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close(1_000);
    if (!this.connection.isClosed()) {
      const manager = await jetstreamManager(this.connection).catch(() => undefined);
      for (const name of [this.stream, this.currents]) await manager?.streams.delete(name).catch(() => false);
      await this.connection.close();
    }
  }
}

let sent = 0;

/** An event that is valid, with an insert_id of its own. */
export function eventOf(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    event_type: 'Purchase',
    user_id: 'mia-10001',
    device_id: 'device-1',
    time: 1_760_000_000_000,
    insert_id: `event-${sent++}`,
    ...fields,
  };
}
