/** What the tests of `dead-letters` share: a stream of letters of their own, a simulator, a rule file, and the command. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { inject } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { createStream, type Stream } from '../../src/nats/stream.ts';
import { deleteBucket } from '../../src/profiles/bucket.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { DeadLetterStore } from '../../src/sources/jetstream/dead-letter-store.ts';
import { ensureDeadLetterStream } from '../../src/sources/jetstream/dead-letter-stream.ts';
import type { LetterHead } from '../../src/sources/jetstream/dead-letter.ts';
import { walkLetters } from '../../src/sources/jetstream/dead-letter-walk.ts';

const execute = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class LetterSession implements AsyncDisposable {
  /** The name of the sync, and of the stream that it reads. */
  readonly name: string;
  readonly connection: NatsConnection;
  readonly simulator: Simulator;
  readonly stream: Stream;
  readonly letters: DeadLetterStore;
  readonly folder: string;

  private constructor(
    name: string,
    connection: NatsConnection,
    simulator: Simulator,
    stream: Stream,
    letters: DeadLetterStore,
    folder: string,
  ) {
    this.name = name;
    this.connection = connection;
    this.simulator = simulator;
    this.stream = stream;
    this.letters = letters;
    this.folder = folder;
  }

  static async start(simulated: SimulatorOptions = {}): Promise<LetterSession> {
    const name = `D_${randomUUID().slice(0, 8)}`;
    const connection = await connectNats({ urls: [inject('natsUrl')] });
    const simulator = await startSimulator(simulated);
    const stream = await createStream(connection, name, [`${name}.>`]);
    await ensureDeadLetterStream(connection, `${name}_DEAD`, { maxAgeMs: 0, maxBytes: 0 });
    const letters = await DeadLetterStore.open(connection, `${name}_DEAD`);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-letters-'));
    return new LetterSession(name, connection, simulator, stream, letters, folder);
  }

  /** Writes the rule of the sync, all events by `user_id` unless it says otherwise. */
  async rule(more = 'events: { select: ["*"], properties: [event_properties.seq] }'): Promise<void> {
    await writeFile(
      join(this.folder, 'rule.yaml'),
      `name: ${this.name}
source: { stream: ${this.name}, subjects: ${this.name}.>, start: all }
destination: { type: braze, endpoint: "${this.simulator.url}", apiKey: "\${TEST_KEY}" }
batch: { maxWaitMs: 20 }
${more}
`,
    );
  }

  async publish(...payloads: readonly unknown[]): Promise<void> {
    for (const payload of payloads) {
      const bytes = typeof payload === 'string' ? payload : JSON.stringify(payload);
      await this.stream.publish(`${this.name}.events`, bytes);
    }
  }

  /** A letter as the engine writes it. */
  async letter(
    payload: string | Uint8Array,
    more: Partial<Parameters<DeadLetterStore['publish']>[0]> = {},
  ): Promise<void> {
    await this.letters.publish({
      sync: this.name,
      reason: 'rejected',
      detail: 'Braze says no',
      attempts: 1,
      stream: this.name,
      subject: `${this.name}.events`,
      sequence: ++this.#sequence,
      storedAt: Date.now(),
      index: 0,
      events: 1,
      accepted: undefined,
      replays: 0,
      firstFailedAt: undefined,
      payload,
      ...more,
    });
  }

  #sequence = 0;

  /** The letters that there are, oldest first. */
  async stored(): Promise<readonly LetterHead[]> {
    const stored: LetterHead[] = [];
    for await (const letter of walkLetters(this.connection, this.letters.stream, {})) stored.push(letter);
    return stored;
  }

  /** What the server says of the sync's consumer; undefined if there is none. */
  async consumer() {
    const manager = await jetstreamManager(this.connection);
    return await manager.consumers.info(this.name, this.name).catch(() => undefined);
  }

  /** `sluice run --once` of the rule. */
  async runOnce(): Promise<Ended> {
    return await this.sluice(['run', '--once', '--rules', this.folder]);
  }

  /** `sluice dead-letters …`. */
  async command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await this.sluice(['dead-letters', ...args], env);
  }

  async sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    try {
      const { stdout, stderr } = await execute(process.execPath, ['src/cli.ts', ...args], {
        env: this.#environment(env),
        maxBuffer: 64 * 1_048_576,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as Ended;
      return { code, stdout, stderr };
    }
  }

  /** A command that goes on, to be killed or awaited. */
  spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, ['src/cli.ts', ...args], {
      env: this.#environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
    );
    return { child, ended };
  }

  #environment(env: Readonly<Record<string, string>>) {
    return {
      PATH: process.env['PATH'],
      NATS_URL: inject('natsUrl'),
      SLUICE_HTTP_PORT: '0',
      SLUICE_DEAD_LETTERS: this.letters.stream,
      SLUICE_RULES: this.folder,
      SLUICE_ACK_WAIT_MS: '1500',
      TEST_KEY: this.simulator.key,
      ...env,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.simulator.clearFaults();
    this.simulator.release();
    await this.simulator.close();
    const manager = await jetstreamManager(this.connection);
    for (const stream of [this.name, this.letters.stream]) await manager.streams.delete(stream).catch(() => false);
    await deleteBucket(this.connection, this.name).catch(() => false);
    await this.connection.close();
    await rm(this.folder, { recursive: true });
  }
}
