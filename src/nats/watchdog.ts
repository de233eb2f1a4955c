import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyEnvironment } from '../settings.ts';

/** Ends a process and removes a folder when this process is gone, however it goes: also by SIGKILL. */
export interface Watchdog {
  /** The process to end. It takes the place of an earlier one. */
  guard(pid: number): void;
  /** The process has ended by itself, and its number may soon be another's. */
  release(): void;
  /** Does its work now. Resolves when the process was told to end and the folder is gone. */
  finish(): Promise<void>;
}

/** Starts a watchdog. It removes `folder`, unless that is null. */
export function startWatchdog(folder: string | null): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'sluice-watchdog', folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: copyEnvironment()['PATH'] ?? '/usr/bin:/bin' },
    // In a session of its own, it does not get the Ctrl-C that is meant for this process.
    detached: true,
  });
  const exited = once(shell, 'exit');
  // One that somebody ended cannot be told anything; the server then runs unguarded.
  shell.stdin.on('error', () => undefined);
  return {
    guard: (pid) => void shell.stdin.write(`${pid}\n`),
    release: () => void shell.stdin.write('\n'),
    async finish() {
      shell.stdin.end();
      await exited;
    },
  };
}

/** Its stdin is a pipe whose other end is ours alone, so the system closes it when we are gone. */
const script = `
pid=
while read -r line; do pid=$line; done
[ -z "$pid" ] || kill -KILL "$pid"
[ -n "$1" ] || exit 0
for attempt in 1 2 3 4 5; do
  rm -rf -- "$1" && exit 0
  sleep 1
done
`;
