/** An engine that follows rule files in a folder of its own, over a stream and a Braze simulator of its own. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { vi } from 'vitest';
import { Engine } from '../src/engine.ts';
import { followRules } from '../src/follow-rules.ts';
import { createLog } from '../src/log.ts';
import { Metrics } from '../src/metrics.ts';
import { connectNats } from '../src/nats/connect.ts';
import { createStream, type Stream } from '../src/nats/stream.ts';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { loadSyncsOrThrow } from '../src/syncs/load.ts';

export interface RuleParts {
  readonly enabled?: boolean;
  readonly name?: string;
  readonly stream?: string;
  readonly filter?: unknown;
  /** Sent with each event, so that it tells under which rule it was delivered. */
  readonly version?: string;
  readonly apiKey?: string;
  readonly start?: 'new' | 'all';
}

export class FollowingEngine implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly simulator: Simulator;
  readonly stream: Stream;
  readonly folder: string;
  readonly lines: { readonly level: string; readonly msg: string; readonly sync?: string }[] = [];
  metrics = new Metrics();
  #running: { readonly engine: Engine; readonly following: { close(): Promise<void> } } | undefined;
  #seq = 0;

  private constructor(connection: NatsConnection, simulator: Simulator, stream: Stream, folder: string) {
    this.connection = connection;
    this.simulator = simulator;
    this.stream = stream;
    this.folder = folder;
  }

  /** Starts with these rules: the names of their files, and what is in them. */
  static async start(natsUrl: string, rules: Readonly<Record<string, RuleParts>>): Promise<FollowingEngine> {
    const connection = await connectNats({ urls: [natsUrl] });
    const name = `F_${randomUUID().slice(0, 8)}`;
    const stream = await createStream(connection, name, [`${name}.>`]);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-following-'));
    const following = new FollowingEngine(connection, await startSimulator(), stream, folder);
    for (const [file, parts] of Object.entries(rules)) await following.writeRule(file, parts);
    await following.startEngine();
    return following;
  }

  get engine(): Engine {
    if (this.#running === undefined) throw new Error('the engine does not run');
    return this.#running.engine;
  }

  /** An engine as `run` starts it. */
  async startEngine(): Promise<void> {
    const { connection, folder } = this;
    const secrets = new Set<string>();
    const write = (line: string) => void this.lines.push(JSON.parse(line) as (typeof this.lines)[number]);
    const log = createLog({ log: { level: 'info', format: 'json' }, secrets: [] }, secrets, { write });
    const loaded = await loadSyncsOrThrow(folder, { env: {} });
    this.metrics = new Metrics();
    const engine = new Engine({
      connection,
      syncs: loaded.syncs,
      deadLetters: `${this.stream.name}_DEAD`,
      drainMs: 10_000,
      ackWaitMs: 1_000,
      pacing: { holdMs: 100 },
      metrics: this.metrics,
      log,
    });
    await engine.start();
    const { reloads } = this.metrics;
    const options = { rules: folder, env: {}, loaded, engine, connection, metrics: reloads, secrets, log };
    const following = followRules({ ...options, watch: true });
    this.#running = { engine, following };
  }

  async stopEngine(): Promise<void> {
    await this.#running?.engine.stop();
    await this.#running?.following.close();
  }

  /** The name that a rule's file gives to its sync, if the rule does not say another. */
  syncOf(file: string): string {
    return `${this.stream.name}_${file.replace(/\W/g, '_')}`;
  }

  async writeRule(file: string, parts: RuleParts): Promise<void> {
    const { enabled = true, name = this.syncOf(file), stream = this.stream.name, start = 'new' } = parts;
    const { version = 'v1', apiKey = this.simulator.key, filter } = parts;
    const rule = {
      name,
      enabled,
      source: { stream, subjects: `${stream}.>`, start },
      destination: { type: 'braze', endpoint: this.simulator.url, apiKey },
      events: {
        select: ['*'],
        properties: ['event_properties.seq', { expr: JSON.stringify(version), as: 'version' }],
        ...(filter !== undefined && { filter }),
      },
      batch: { maxWaitMs: 20 },
    };
    await this.write(file, JSON.stringify(rule));
  }

  /** Writes as many editors do: beside the file, which is then replaced. */
  async write(file: string, text: string): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}~`, text);
    await rename(`${path}~`, path);
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.folder, from), join(this.folder, to));
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.folder, file));
  }

  /** Publishes so many events, and answers with their numbers. */
  async publish(count: number, stream = this.stream): Promise<readonly number[]> {
    const numbers = Array.from({ length: count }, () => this.#seq++);
    for (const seq of numbers) {
      const event = { event_type: 'Viewed', user_id: `u-${seq % 10}`, event_properties: { seq } };
      await stream.publish(`${stream.name}.events`, JSON.stringify(event));
    }
    return numbers;
  }

  /** The numbers of the events that were delivered under a version of a rule, in their order. */
  delivered(version = 'v1'): readonly number[] {
    const sent = this.simulator.acceptedEvents().map(({ properties }) => properties);
    const own = sent.filter((properties) => properties?.['version'] === version);
    return own.map((properties) => Number(properties?.['seq'])).sort((one, other) => one - other);
  }

  /** Resolves once the log holds this sentence so often, of one sync if it is named. */
  async told(sentence: RegExp, times = 1, sync?: string): Promise<void> {
    await vi.waitFor(
      () => {
        const count = this.tellings(sentence, sync);
        if (count < times) throw new Error(`${sentence} was told ${count} times`);
      },
      { timeout: 60_000, interval: 20 },
    );
  }

  tellings(sentence: RegExp, sync?: string): number {
    return this.lines.filter((line) => sentence.test(line.msg) && (sync === undefined || line.sync === sync)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEngine();
    await this.simulator.close();
    const manager = await jetstreamManager(this.connection);
    for (const name of [this.stream.name, `${this.stream.name}_DEAD`])
      await manager.streams.delete(name).catch(() => false);
    await this.connection.close();
    await rm(this.folder, { recursive: true });
  }
}
