import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { debounceTime, interval, merge, Observable, startWith, Subject, switchMap } from 'rxjs';

/** What is watched: it may be another thing each time. */
export interface Watched {
  /** Changes in these are noticed at once, where the system tells of them. */
  readonly folders: readonly string[];
  /** A change is a change of one of these, or other files than before. */
  readonly files: readonly string[];
}

export interface WatchOptions {
  /** How long the folders have to be still: editors write a file in several steps. In milliseconds. */
  readonly settleMs?: number;
  /** How often the files are looked at without being told: network file systems and shared folders tell nothing. */
  readonly pollMs?: number;
}

/**
 * Emits at first, and then when files have changed. What counts is what the files are; what the system tells of their
 * folders only hurries the next look. So a file may be replaced, renamed or linked elsewhere, and a system that tells
 * nothing, or no more, costs time alone.
 */
export function watchFiles(
  find: () => Promise<Watched>,
  { settleMs = 100, pollMs = 5_000 }: WatchOptions = {},
): Observable<void> {
  return new Observable((subscriber) => {
    const stirred = new Subject<void>();
    const watchers = new Map<string, FSWatcher>();
    let seen: string | undefined;
    const look = async (): Promise<void> => {
      const { folders, files } = await find();
      if (subscriber.closed) return;
      follow(watchers, folders, () => stirred.next());
      const now = await stateOf(files);
      if (now === seen) return;
      seen = now;
      subscriber.next();
    };
    const looking = merge(interval(pollMs), stirred.pipe(debounceTime(settleMs)))
      .pipe(startWith(undefined), switchMap(look))
      .subscribe({ error: (error: unknown) => subscriber.error(error) });
    return () => {
      looking.unsubscribe();
      follow(watchers, [], () => undefined);
    };
  });
}

/** Watches exactly these folders. One that cannot be watched, since there are too many or it is gone, is tried again. */
function follow(watchers: Map<string, FSWatcher>, folders: readonly string[], onStir: () => void): void {
  for (const [folder, watcher] of watchers) {
    if (folders.includes(folder)) continue;
    watcher.close();
    watchers.delete(folder);
  }
  for (const folder of folders) {
    if (watchers.has(folder)) continue;
    try {
      const watcher = watch(folder, { persistent: false }, onStir);
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
    } catch {
      continue;
    }
  }
}

/** Differs when a file was written, replaced, added or removed; links are followed. */
async function stateOf(files: readonly string[]): Promise<string> {
  const states = files.map(async (file) => {
    const { ino, size, mtimeMs } = await stat(file).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }));
    return [file, ino, size, mtimeMs];
  });
  return JSON.stringify(await Promise.all(states));
}
