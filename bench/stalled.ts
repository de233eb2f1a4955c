/**
 * Memory over time while the sink holds everything up and the stream is full: a sink that answers after a second and
 * refuses some requests, and one that answers nothing.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openBench } from './command-line.ts';
import { memoryOf } from './process-usage.ts';
import { numberText, type Row } from './report.ts';
import { startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, progress, report } = openBench(
  'stalled',
  'The memory of the engine over time, with a full stream and a sink that is slow, or answers nothing.',
  {
    events: { default: 150_000, quick: 6_000, help: 'how many events wait in the stream' },
    seconds: { default: 60, quick: 3, help: 'how long each sink is watched' },
    latency: { default: 1_000, help: 'milliseconds until the slow sink answers' },
    'reject-share': { default: 0.01, help: 'share of requests that it answers with 429' },
    ...workloadFlags,
    ...deliveryFlags,
  },
);
const samples = 6;
const workload = workloadOf(flags);
const sinks = [
  {
    name: `answers after ${flags.latency} ms, ${flags['reject-share'] * 100} % with 429`,
    latencyMs: flags.latency,
    rejectShare: flags['reject-share'],
  },
  { name: 'answers nothing', latencyMs: 2 ** 31 - 1, rejectShare: 0 },
];

let natsServer = '';
const rows: Row[] = [];
let most = 0;
for (const { name, ...sink } of sinks) {
  await using rig = await startRig({ ...sink, workload, delivery: flags });
  natsServer = rig.natsVersion;
  await rig.fill('EVENTS', flags.events, { onProgress: progress });
  const engine = await rig.start({ stream: 'EVENTS', name: 'stalled' });
  const resident: number[] = [];
  for (let sample = 1; sample <= samples; sample++) {
    progress(`sink ${name}: sample ${sample} of ${samples}`);
    await delay((flags.seconds * 1_000) / samples);
    resident.push((await memoryOf(engine.pid ?? 0)).resident / 1e6);
  }
  const peak = (await memoryOf(engine.pid ?? 0)).peak / 1e6;
  most = Math.max(most, peak);
  rows.push({ name, cells: [...resident.map(Math.round), Math.round(peak)] });
  // What is unacked comes again: ending it at once loses nothing.
  engine.kill('SIGKILL');
  await once(engine, 'exit');
}
const times = Array.from({ length: samples }, (_, i) => `${numberText(((i + 1) * flags.seconds) / samples)} s`);
report(
  {
    tables: [{ title: 'MB resident after', columns: ['the sink', ...times, 'at most'], rows }],
    reading: [`With the sink stalled the engine has at most ${numberText(Math.round(most))} MB resident.`],
  },
  { natsServer },
);
