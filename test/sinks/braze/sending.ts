/** A Braze sink in front of a server on loopback, and all that it tells about itself. */
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Draft, Entry } from '../../../src/core/entry.ts';
import type { Outcome } from '../../../src/core/message.ts';
import type { Sink } from '../../../src/core/sink.ts';
import { type RetryReason, silent, type Telemetry } from '../../../src/core/telemetry.ts';
import type { BrazeConfig } from '../../../src/sinks/braze/config.ts';
import type { Pacing } from '../../../src/sinks/http/pacing.ts';
import { brazeSink } from '../../../src/sinks/braze/sink.ts';
import { type Timeouts, Workspaces } from '../../../src/sinks/http/workspace.ts';

/** Little enough for a test to sit through, and no pause is obeyed for longer. */
const impatient: Pacing = { backoff: { firstMs: 1, maxMs: 4 }, holdMs: 5, maxPauseMs: 5 };

/** Longer than any test runs. */
export const forever = 3_600_000;

export interface SendingOptions {
  readonly asksAfterCrash?: boolean;
  readonly config?: Partial<BrazeConfig>;
  readonly giveUpAfterMs?: number;
  readonly pacing?: Partial<Pacing>;
  readonly timeouts?: Partial<Timeouts>;
  /** Those of a sync that sends to the same workspace. */
  readonly workspaces?: Workspaces;
}

/** Where to send to. */
export interface Server {
  readonly url: string;
  readonly key: string;
}

export class Sending implements AsyncDisposable {
  readonly sink: Sink;
  readonly abort = new AbortController();
  readonly workspaces: Workspaces;
  /** What the sink told: each answer, each reason to send again, each change of its hold. */
  readonly answered: (number | 'failed')[] = [];
  readonly retried: RetryReason[] = [];
  readonly holding: (string | null)[] = [];
  readonly confirmationsFailed: string[] = [];
  readonly unreachable: (string | null)[] = [];

  constructor({ url, key }: Server, options: SendingOptions = {}) {
    const config: BrazeConfig = {
      endpoint: url,
      apiKey: key,
      identifierType: 'external_id',
      updateUsersOnly: false,
      ...options.config,
    };
    this.workspaces = options.workspaces ?? new Workspaces(options.timeouts);
    const telemetry: Telemetry = {
      ...silent,
      confirmationFailed: (detail) => void this.confirmationsFailed.push(detail),
      answered: (status) => void this.answered.push(status),
      retried: (reason) => void this.retried.push(reason),
      holding: (reason) => void this.holding.push(reason),
      unreachable: (reason) => void this.unreachable.push(reason),
    };
    this.sink = brazeSink({
      config,
      workspace: this.workspaces.get(config, { requests: 3_000, perMs: 3_000 }),
      giveUpAfterMs: options.giveUpAfterMs ?? null,
      telemetry,
      pacing: { ...impatient, ...options.pacing },
      asksAfterCrash: options.asksAfterCrash ?? false,
    });
  }

  /** Events of these users, in this order; `properties.seq` counts them. */
  events(users: readonly string[], { storedAt = Date.now(), ...changes }: EventChanges = {}): readonly Entry[] {
    return users.map((identifier, seq) =>
      this.sink.encode(
        { identifier, name: 'Viewed', time: '2026-03-01T10:00:00.000Z', properties: { seq }, ...changes },
        storedAt,
      ),
    );
  }

  write(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.sink.write(entries, this.abort.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await this.workspaces.close();
  }
}

export type EventChanges = Partial<Draft> & { readonly storedAt?: number };

export interface Script {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that gives the answers it is told to, and 201 after them: what the simulator never says. */
export class ScriptedBraze implements Server, AsyncDisposable {
  readonly key = 'scripted-key';
  readonly url: string;
  /** The body of each request. */
  readonly seen: unknown[] = [];
  readonly #server: HttpServer;

  private constructor(server: HttpServer, script: readonly Script[]) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const left = [...script];
    server.on('request', (request, response) => {
      const { status, headers, body } = left.shift() ?? success;
      void json(request).then((sent) => {
        this.seen.push(sent);
        response.writeHead(status, headers).end(body);
      });
    });
  }

  static async start(...script: readonly Script[]): Promise<ScriptedBraze> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedBraze(server, script);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const success: Script = { status: 201, body: '{"message":"success"}' };
