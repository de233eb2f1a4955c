/** The engine as a process of its own, `run`, and all that it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

export class EngineProcess implements AsyncDisposable {
  /** Everything that was written to stdout and stderr. */
  output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  /** Starts `run` with these arguments; nothing of this process' environment but the path of programs is handed on. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, ['src/cli.ts', 'run', ...args], {
      env: { PATH: process.env['PATH'], SLUICE_HTTP_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#child = child;
    this.#exited = once(child, 'close').then(([code]) => code as number | null);
  }

  /** The lines of the log. */
  get log(): readonly { readonly level: string; readonly msg: string }[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{"level"'));
    return lines.map((line) => JSON.parse(line) as { level: string; msg: string });
  }

  /** Resolves with what the output says at this place, once it does. */
  async said(place: RegExp): Promise<string> {
    return await vi.waitFor(
      () => {
        const found = place.exec(this.output);
        if (found === null) throw new Error(`${place} is not in:\n${this.output}`);
        return found[1] ?? found[0];
      },
      { timeout: 60_000, interval: 20 },
    );
  }

  /** Where health and metrics are served. */
  async url(): Promise<string> {
    return await this.said(/"url":"(http:[^"]+)"/);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    return await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
