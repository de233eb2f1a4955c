import { Counter, Gauge, type Registry } from 'prom-client';

/** What becomes of changed rule files while the engine runs. */
export class ReloadMetrics {
  readonly #reloads: Counter;
  readonly #failures: Counter;
  readonly #invalid: Gauge<'file'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#reloads = new Counter({
      name: 'sluice_rules_reloads_total',
      help: 'How often rules were reloaded.',
      registers,
    });
    this.#failures = new Counter({
      name: 'sluice_rules_reload_failures_total',
      help: 'Reloads in which a rule was wrong; what ran before runs on.',
      registers,
    });
    this.#invalid = new Gauge({
      name: 'sluice_rules_file_invalid',
      help: '1 for each rule file that is wrong, or whose stream does not exist, so that it is not in force.',
      labelNames: ['file'],
      registers,
    });
  }

  /** The rules were reloaded, and these files are not in force. */
  reloaded(invalidFiles: readonly string[]): void {
    this.#reloads.inc();
    if (invalidFiles.length > 0) this.#failures.inc();
    this.#invalid.reset();
    for (const file of invalidFiles) this.#invalid.set({ file }, 1);
  }
}
