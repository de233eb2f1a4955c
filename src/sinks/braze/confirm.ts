import { isDeepStrictEqual } from 'node:util';
import type { Entry, UpdateEntry } from '../../core/entry.ts';
import { canExport, exportBody, type ExportedUser, exportPath, maxExportedUsers, readExport } from './export.ts';
import type { BrazeSinkOptions } from './sink.ts';

/**
 * Updates whose events were delivered before, by an engine that crashed: Braze may have them already, and counts each
 * attribute that it is sent once more.
 *
 * Braze is asked once for each such user, before this process sends the user anything: its own writes would not show
 * yet. A user's updates are sent one after the other, so of those that come again Braze has the first few, or none. The
 * fewest with which the answer agrees are left out. It may agree with more of them if a later one led back: then a value
 * is sent twice rather than never. If the answer agrees with none of it somebody else has changed the user, and all are
 * sent.
 *
 * What is told apart so are the states that a user had from the last one that is written on. So that these are as few as
 * can be, and no value comes back among them, a user is sent nothing more until the state with the last update is written.
 */
export class Confirmation {
  readonly #options: BrazeSinkOptions;
  /** The updates of users who were not asked for yet, in order. */
  readonly #open = new Map<string, UpdateEntry[]>();
  /** Who was asked for, or sent to. */
  readonly #closed = new Set<string>();
  /** What Braze has. */
  readonly #known = new WeakSet<Entry>();
  /** By user, the update that was answered last, while its state is not written. */
  readonly #unwritten = new Map<string, Promise<void>>();

  constructor(options: BrazeSinkOptions) {
    this.#options = options;
  }

  /** Takes note of an update, in the order of the stream. */
  note(update: UpdateEntry): void {
    const { user, before } = update;
    if (before === undefined || this.#closed.has(user)) return;
    const updates = this.#open.get(user);
    if (updates === undefined) this.#open.set(user, [update]);
    else updates.push(update);
  }

  /** Waits until no update of these entries would be one of two whose states are not written. */
  async written(entries: readonly Entry[]): Promise<void> {
    const updates = entries.filter(({ kind }) => kind === 'update');
    await Promise.all(updates.map(({ user }) => this.#unwritten.get(user)).filter((write) => write !== undefined));
  }

  /** Takes note of entries that were answered. */
  answered(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { user } = entry;
      const written = entry.kind === 'update' ? entry.written : undefined;
      if (written === undefined) continue;
      const forgotten = written.then(() => {
        if (this.#unwritten.get(user) === forgotten) this.#unwritten.delete(user);
      });
      this.#unwritten.set(user, forgotten);
    }
  }

  /** Whether Braze may have some of the entries. */
  concerns(entries: readonly Entry[]): boolean {
    return entries.some((entry) => this.#open.has(entry.user) || this.#known.has(entry));
  }

  /** Asks Braze for the users of these entries; answers whether Braze has an entry already. */
  async known(entries: readonly Entry[], abort: AbortSignal): Promise<(entry: Entry) => boolean> {
    const users = [...new Set(entries.map(({ user }) => user))].filter((user) => this.#open.has(user));
    for (let start = 0; start < users.length; start += maxExportedUsers) {
      await this.#ask(users.slice(start, start + maxExportedUsers), abort);
    }
    return (entry) => this.#known.has(entry);
  }

  async #ask(users: readonly string[], abort: AbortSignal): Promise<void> {
    const { config, workspace, telemetry } = this.#options;
    const headers = { authorization: `Bearer ${config.apiKey}`, 'content-type': 'application/json' };
    const reply = await workspace.client.post(exportPath, exportBody(config, users), headers, abort);
    const found = readExport(config, reply);
    if (typeof found === 'string') telemetry.confirmationFailed(found);
    for (const user of users) {
      const updates = this.#open.get(user) ?? [];
      this.#open.delete(user);
      this.#closed.add(user);
      const state = typeof found === 'string' ? undefined : found.get(user);
      if (state === undefined) continue;
      for (const update of updates.slice(0, arrived(updates, state))) {
        this.#known.add(update);
        telemetry.attributesConfirmed(Object.keys(update.attributes).length);
      }
    }
  }
}

/** How many of the updates, from the first on, are the fewest that make a user what this one is; 0 if none do. */
function arrived(updates: readonly UpdateEntry[], user: ExportedUser): number {
  const expected: Record<string, unknown> = {};
  for (const { before } of updates.toReversed()) Object.assign(expected, before);
  const isSame = (): boolean =>
    Object.entries(expected).every(([name, value]) => {
      const found = user.attribute(name);
      return found === undefined || isDeepStrictEqual(found, value);
    });
  if (Object.keys(expected).length > 0 && isSame()) return 0;
  for (const [index, { attributes }] of updates.entries()) {
    Object.assign(expected, attributes);
    if (isSame()) return index + 1;
  }
  return 0;
}

/** Undefined if Braze is not to be asked, or cannot be asked for the users of this sync. */
export function confirmation(options: BrazeSinkOptions): Confirmation | undefined {
  return options.asksAfterCrash === true && canExport(options.config) ? new Confirmation(options) : undefined;
}
