import { messageOf, UnreachableError } from '../../core/errors.ts';
import { Engine } from '../../engine.ts';
import { createLog } from '../../log.ts';
import { Metrics } from '../../metrics.ts';
import { copyEnvironment } from '../../settings.ts';
import { isPulled } from '../../sources/jetstream/consumer.ts';
import { loadSyncs } from '../../syncs/load.ts';
import { formatProblem } from '../../syncs/problems.ts';
import type { Sync } from '../../syncs/sync.ts';
import type { Session } from './session.ts';

const lookEveryMs = 1_000;

/**
 * Engines in this process, for syncs that no other runs: the same pipeline, fed by replays alone. They are one writer
 * of the users' states each, as any engine is, so none is started for a sync that somebody seems to run.
 */
export class LocalEngines {
  readonly #session: Session;
  readonly #rules: string;
  readonly #engines = new Map<string, Promise<Engine>>();

  constructor(session: Session, rules: string) {
    this.#session = session;
    this.#rules = rules;
  }

  /** Resolves once the sync is about to run. Throws an UnreachableError if it cannot be run here. */
  async start(sync: string): Promise<void> {
    let engine = this.#engines.get(sync);
    if (engine === undefined) {
      engine = this.#start(sync);
      this.#engines.set(sync, engine);
    }
    await engine;
  }

  /** Whether the sync was to be run here. */
  has(sync: string): boolean {
    return this.#engines.has(sync);
  }

  /** Why a sync that runs here delivers nothing; undefined if all is well. */
  async troubles(): Promise<readonly string[]> {
    const engines = await this.#started();
    return engines.flatMap(({ health }) => health.flatMap(({ trouble }) => (trouble === null ? [] : [trouble])));
  }

  /** Delivers what is in flight, and ends. */
  async stop(): Promise<void> {
    await Promise.all((await this.#started()).map((engine) => engine.stop()));
  }

  async #started(): Promise<readonly Engine[]> {
    const results = await Promise.allSettled(this.#engines.values());
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  async #start(name: string): Promise<Engine> {
    const { settings, connection } = this.#session;
    const sync = await this.#load(name);
    if (await isPulled(connection, sync.source.stream, name)) {
      throw new UnreachableError(
        `an engine runs the sync ${name}, and does not answer on sluice.replay.>; is it of an older version, or do the ` +
          'permissions of NATS forbid it?',
      );
    }
    const log = createLog({ ...settings, log: { ...settings.log, level: 'warn' } }, new Set([sync.destination.apiKey]));
    const { deadLetters, drainMs, stateCache } = settings;
    const engine = new Engine({
      connection,
      syncs: [sync],
      deadLetters,
      drainMs,
      stateCache,
      metrics: new Metrics(),
      log,
      replaysOnly: true,
    });
    await engine.start();
    this.#yieldTo(sync, engine);
    return engine;
  }

  /** Ends the engine here when another one starts that runs the sync: there is one writer of users' states. */
  #yieldTo({ name, source }: Sync, engine: Engine): void {
    const look = async (): Promise<void> => {
      if (!(await isPulled(this.#session.connection, source.stream, name))) return;
      clearInterval(looking);
      await engine.stop();
      process.stderr.write(`An engine runs the sync ${name} now, and goes on with the replay.\n`);
    };
    // What cannot be found out now can be in a second.
    const looking = setInterval(() => void look().catch(() => undefined), lookEveryMs);
    void engine.done().finally(() => clearInterval(looking));
  }

  async #load(name: string): Promise<Sync> {
    const nobody = `no engine runs the sync ${name}, and it cannot be run here`;
    const wayOut = 'Start `sluice run`, or name its rules with --rules.';
    const { syncs, problems } = await loadSyncs(this.#rules, { env: copyEnvironment() }).catch((error: unknown) => {
      throw new UnreachableError(`${nobody}: ${messageOf(error)}. ${wayOut}`, { cause: error });
    });
    const sync = syncs.find((one) => one.name === name);
    if (sync === undefined) {
      const errors = problems.filter(({ severity }) => severity === 'error').map(formatProblem);
      const why = errors.length === 0 ? '' : `\n${errors.join('\n')}\n`;
      throw new UnreachableError(`${nobody}: no sound rule in ${this.#rules} has this name. ${why}${wayOut}`);
    }
    if (!sync.enabled) throw new UnreachableError(`${nobody}: ${sync.file} is not enabled. Enable it first.`);
    return sync;
  }
}
