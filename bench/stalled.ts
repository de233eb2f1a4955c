/**
 * Memory while the sink answers nothing and the stream is full: prints the engine's resident set over time.
 *
 * node bench/stalled.ts [--events 200000] [--seconds 60]
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startRig } from './rig.ts';

const { values: flags } = parseArgs({
  options: { events: { type: 'string', default: '200000' }, seconds: { type: 'string', default: '60' } },
});
const seconds = Number(flags.seconds);

await using rig = await startRig({ events: Number(flags.events), latencyMs: seconds * 10_000 });
console.log(`${flags.events} events of ${rig.bytesPerEvent} bytes wait, the sink answers nothing; ${rig.machine}`);
const engine = await rig.engine('EVENTS', 'stalled', []);
const every = Math.max(1, Math.round(seconds / 6));
for (let second = every; second <= seconds; second += every) {
  await delay(every * 1_000);
  console.log(`after ${second} s: ${await memory('VmRSS')} MB, at most ${await memory('VmHWM')} MB`);
}
// What is unacked comes again: ending it at once loses nothing.
engine.kill('SIGKILL');
await once(engine, 'exit');

/** From the process's own books, in MB; Linux only. */
async function memory(field: string): Promise<number> {
  const status = await readFile(`/proc/${engine.pid}/status`, 'utf8');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return Math.round((Number(kib) * 1_024) / 1e6);
}
