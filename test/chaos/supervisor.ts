/** The engine as a process of its own, started again whenever it is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { exitCodes } from '../../src/core/errors.ts';
import type { SyncCounts } from '../../src/sync-metrics.ts';

/** What `run --json` tells at its end. */
export interface EngineReport {
  readonly syncs: readonly (SyncCounts & { readonly inFlight: number })[];
}

export interface SupervisorOptions {
  readonly rules: string;
  readonly natsUrl: string;
  readonly ackWaitMs: number;
  /** Gets `engine.log`. */
  readonly folder: string;
}

export class Supervisor implements AsyncDisposable {
  /** How often the engine could not start since NATS was out of reach, which it says with its exit code. */
  unreachable = 0;
  /** What an engine did that none may do: each is a defect. */
  readonly defects: string[] = [];
  readonly #options: SupervisorOptions;
  #engine: ChildProcess | undefined;
  #keeping: Promise<void> | undefined;
  #ending = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Starts the engine, and starts it again whenever it ends, until `end`. */
  keepRunning(): void {
    this.#keeping = this.#keep();
  }

  /** As a crash: nothing is flushed, nothing is said. */
  kill(): void {
    this.#engine?.kill('SIGKILL');
  }

  /** Ends the engine and starts it no more. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#ending = true;
    this.#engine?.kill(signal);
    await this.#keeping;
  }

  /** Runs an engine that ends by itself once nothing is pending and every message is settled. */
  async runOnce(): Promise<EngineReport | undefined> {
    const { code, output } = await this.#run(['--once', '--json']);
    if (code === exitCodes.fine) return JSON.parse(output) as EngineReport;
    this.defects.push(`the last engine ended with ${String(code)}`);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  async #keep(): Promise<void> {
    while (!this.#ending) {
      const { code } = await this.#run([]);
      if (code === exitCodes.unreachable) {
        this.unreachable++;
        // As a supervisor does; the server may need a moment.
        await delay(100);
      } else if (code !== null && !(this.#ending && code === exitCodes.fine)) {
        this.defects.push(`an engine ended by itself with ${code}`);
      }
    }
  }

  async #run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const { rules, natsUrl, ackWaitMs, folder } = this.#options;
    const engine = spawn(process.execPath, ['src/cli.ts', 'run', '--rules', rules, ...args], {
      env: {
        ...process.env,
        NATS_URL: natsUrl,
        SLUICE_HTTP_PORT: '0',
        SLUICE_ACK_WAIT_MS: String(ackWaitMs),
        LOG_LEVEL: 'info',
        LOG_FORMAT: 'json',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#engine = engine;
    const gone = once(engine, 'exit') as Promise<[number | null]>;
    const log = appendFile(join(folder, 'engine.log'), engine.stderr);
    const output = await text(engine.stdout);
    const [code] = await gone;
    await log;
    return { code, output };
  }
}
