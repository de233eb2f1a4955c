import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { concatMap, EMPTY, filter, fromEvent, interval, map, merge } from 'rxjs';
import { Reloader, type ReloadOptions } from './reload.ts';
import { findRuleFiles } from './syncs/rule-files.ts';
import { watchFiles, type Watched } from './watch-files.ts';

export interface FollowOptions extends ReloadOptions {
  /** Whether the files are watched; SIGHUP reloads in any case. */
  readonly watch: boolean;
}

/** How often a rule is tried again that NATS did not have what it needs for. */
const retryMs = 30_000;

/** Reloads the rules when one of their files changes, and on SIGHUP. `close` resolves when no reload is under way. */
export function followRules(options: FollowOptions): { close(): Promise<void> } {
  const reloader = new Reloader(options);
  const stop = new AbortController();
  let reloading = Promise.resolve();
  const following = merge(
    fromEvent(process, 'SIGHUP').pipe(map(() => true)),
    options.watch ? watchFiles(() => watched(options.rules, reloader.files)).pipe(map(() => false)) : EMPTY,
    interval(retryMs).pipe(
      filter(() => reloader.incomplete),
      map(() => false),
    ),
  )
    .pipe(
      concatMap((asked) => {
        reloading = reloader.reload(asked, stop.signal);
        return reloading;
      }),
    )
    .subscribe();
  return {
    async close() {
      following.unsubscribe();
      stop.abort();
      await reloading;
    },
  };
}

async function watched(rules: string, filesBefore: readonly string[]): Promise<Watched> {
  const isFolder = await stat(rules).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const files = [...new Set([...(await findRuleFiles([rules]).catch(() => [])), ...filesBefore])];
  return { files, folders: [...new Set([isFolder ? rules : dirname(rules), ...files.map((file) => dirname(file))])] };
}
