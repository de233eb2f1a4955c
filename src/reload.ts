import { isDeepStrictEqual } from 'node:util';
import { backoffMs } from './core/backoff.ts';
import { messageOf } from './core/errors.ts';
import { wait } from './core/wait.ts';
import type { Engine } from './engine.ts';
import type { Log } from './log.ts';
import type { ReloadMetrics } from './reload-metrics.ts';
import { type Connection, checkConsumer, markDisabled } from './sources/jetstream/consumer.ts';
import { type Loaded, loadSyncs } from './syncs/load.ts';
import { formatProblem, type Problem } from './syncs/problems.ts';
import type { RuleOptions } from './syncs/rule.ts';
import type { Sync } from './syncs/sync.ts';

export interface ReloadOptions {
  /** The folder or file of the rules. */
  readonly rules: string;
  readonly env: RuleOptions['env'];
  /** What the engine was started with. */
  readonly loaded: Loaded;
  readonly engine: Engine;
  readonly connection: Connection;
  readonly metrics: ReloadMetrics;
  /** What the log must not show. Keys that come in with new rules are added. */
  readonly secrets: Set<string>;
  readonly log: Log;
}

/** A sync whose rule has changed ends and starts. */
interface Changes {
  readonly ending: readonly Sync[];
  readonly starting: readonly Sync[];
  /** Those that were not disabled before. */
  readonly disabled: readonly Sync[];
}

const markBackoff = { firstMs: 250, maxMs: 10_000 };

/** Brings a running engine to what its rule files say now. One call at a time. */
export class Reloader {
  readonly #options: ReloadOptions;
  #loaded: Loaded;
  /** Where each name was last found, in a file that was sound. */
  readonly #fileOf = new Map<string, string>();
  /** All that was wrong the last time. */
  #wrong: readonly (Problem | string)[];
  #incomplete = false;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#wrong = options.loaded.problems;
    this.#remember(options.loaded);
  }

  /** The files that the rules consisted of the last time. */
  get files(): readonly string[] {
    return [...this.#loaded.files, ...this.#loaded.filterFiles];
  }

  /** Whether a sound rule is not in force, since NATS did not have what it needs. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /**
   * Reads all rules and starts, restarts and ends what has changed; syncs whose content is the same are not touched,
   * and neither is what runs under the name or from the file of a rule that is wrong. Never rejects.
   *
   * @param asked whether a person asked for it, who wants to know also that nothing has changed
   * @param stop ends waiting for NATS
   */
  async reload(asked: boolean, stop: AbortSignal): Promise<void> {
    const { rules, env, engine, metrics, secrets, log } = this.#options;
    const loaded = await loadSyncs(rules, { env }).catch((error: unknown) => messageOf(error));
    if (typeof loaded === 'string') {
      if (this.#sayWrong([loaded], asked) || asked) metrics.reloaded([rules]);
      return;
    }
    for (const { destination } of loaded.syncs) secrets.add(destination.apiKey);
    const changes = this.#changes(loaded);
    this.#loaded = loaded;
    this.#remember(loaded);
    const refused = await this.#refused(changes.starting);
    this.#incomplete = refused.size > 0;
    const isChange = ({ name }: Sync): boolean => !refused.has(name);
    const ending = changes.ending.filter(isChange);
    const starting = changes.starting.filter(isChange);

    const told = this.#sayWrong([...loaded.problems, ...refused.values()], asked);
    if (!asked && !told && [ending, starting, changes.disabled].every(({ length }) => length === 0)) return;
    for (const sync of ending) this.#sayWhy(sync, loaded);
    await Promise.all(ending.map(({ name }) => engine.endSync(name)));
    for (const { name, source } of changes.disabled) {
      const places = ending.filter((sync) => sync.name === name).map((sync) => sync.source.stream);
      for (const stream of new Set([source.stream, ...places])) await this.#markDisabled(stream, name, stop);
    }
    await Promise.all(starting.map((sync) => engine.startSync(sync)));
    const files = loaded.syncs.filter(({ name }) => refused.has(name)).map(({ file }) => file);
    const wrong = [...loaded.broken.map(({ file }) => file), ...files];
    metrics.reloaded(wrong);
    log.info(
      { ended: ending.length, started: starting.length },
      wrong.length === 0
        ? 'The rules are reloaded.'
        : `The rules are reloaded, but for ${wrong.join(', ')}: what ran in place of that runs on.`,
    );
  }

  #changes({ syncs, broken }: Loaded): Changes {
    const { running } = this.#options.engine;
    const brokenFiles = new Set(broken.map(({ file }) => file));
    const untouched = new Set<string | undefined>(broken.map(({ name }) => name));
    for (const [name, file] of this.#fileOf) if (brokenFiles.has(file)) untouched.add(name);
    const open = ({ name }: Sync): boolean => !untouched.has(name);
    const enabled = syncs.filter((sync) => sync.enabled && open(sync));
    const unchanged = (one: Sync, among: readonly Sync[]): boolean =>
      among.some((other) => isDeepStrictEqual({ ...one, file: '' }, { ...other, file: '' }));
    return {
      ending: running.filter((sync) => open(sync) && !unchanged(sync, enabled)),
      starting: enabled.filter((sync) => !unchanged(sync, running)),
      disabled: syncs.filter((sync) => !sync.enabled && open(sync) && !unchanged(sync, this.#loaded.syncs)),
    };
  }

  /** The syncs, by name, that NATS does not have what they need for, and what that is. */
  async #refused(starting: readonly Sync[]): Promise<ReadonlyMap<string, string>> {
    const { connection } = this.#options;
    const refused = new Map<string, string>();
    for (const { name, file, source } of starting) {
      await checkConsumer(connection, source.stream, name).catch((error: unknown) =>
        refused.set(name, `${file}: ${messageOf(error)}`),
      );
    }
    return refused;
  }

  #sayWhy({ name, source }: Sync, { syncs }: Loaded): void {
    const log = this.#options.log.child({ sync: name, stream: source.stream });
    const now = syncs.find((sync) => sync.name === name);
    if (now === undefined)
      log.warn(
        'No rule has this name any more, so the sync ends. Its consumer is kept and goes on where it was if the name ' +
          `comes back; to delete it: sluice consumers delete ${name}`,
      );
    else if (!now.enabled) log.info('The sync is disabled and ends. Enabled again, it starts from then.');
    else if (now.source.stream === source.stream)
      log.info({ file: now.file }, 'The rule has changed; the sync restarts.');
    else
      log.warn(
        { reads: now.source.stream },
        'The sync reads another stream now. Its consumer on this one is kept, and goes on where it was if that is undone.',
      );
  }

  async #markDisabled(stream: string, name: string, stop: AbortSignal): Promise<void> {
    const { connection, log } = this.#options;
    for (let attempt = 1; !stop.aborted; attempt++) {
      try {
        await markDisabled(connection, stream, name);
        return;
      } catch (error) {
        log.warn({ err: error, sync: name }, 'NATS does not take that the sync is disabled; it is told again.');
        await wait(backoffMs(attempt, markBackoff), stop);
      }
    }
  }

  #remember({ syncs }: Loaded): void {
    for (const { name, file } of syncs) this.#fileOf.set(name, file);
  }

  /** Answers whether there was news. */
  #sayWrong(wrong: readonly (Problem | string)[], asked: boolean): boolean {
    const news = !isDeepStrictEqual(wrong, this.#wrong);
    this.#wrong = wrong;
    if (!asked && !news) return false;
    for (const what of wrong) {
      if (typeof what === 'string') this.#options.log.error(what);
      else this.#options.log[what.severity === 'warning' ? 'warn' : 'error'](formatProblem(what));
    }
    return news;
  }
}
