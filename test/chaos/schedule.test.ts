import { expect, test } from 'vitest';
import { coveringSeeds, type Schedule, scheduleOf } from './schedule.ts';

/** What a schedule lets go wrong, each kind by a name. */
function kindsOf({ engine, server, natsLink, brazeLink, braze, key, headerModel }: Schedule): readonly string[] {
  return [
    ...engine.map(() => 'kill of the engine'),
    ...server.map(() => 'kill of the server'),
    ...natsLink.map(({ fault }) => `NATS ${fault.kind}`),
    ...brazeLink.map(({ fault }) => `Braze ${fault.kind}`),
    ...braze.map(({ fault: { fault } }) => (fault.kind === 'rate_limited' ? `429 ${headerModel}` : fault.kind)),
    ...braze.flatMap(({ fault: { fault } }) => ('body' in fault ? [`body ${fault.body}`] : [])),
    ...key.map(() => 'revoked key'),
  ];
}

const links = ['NATS', 'Braze'].flatMap((side) => ['cut', 'reset', 'slow', 'silent'].map((how) => `${side} ${how}`));
const processes = ['kill of the engine', 'kill of the server', 'revoked key'];
const answers = ['status', 'truncated', 'lost', 'reset', 'slow', 'bad_request', 'too_large', '429 epoch', '429 mau'];
const bodies = ['body html', 'body empty', 'body json', 'body text'];

test('the seeds of `npm test` let everything go wrong that can', () => {
  const kinds = coveringSeeds.flatMap((seed) => kindsOf(scheduleOf(seed)));
  expect(new Set(kinds)).toEqual(new Set([...links, ...processes, ...answers, ...bodies]));
});

test('a seed repeats its schedule, and another has another', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7));
  expect(scheduleOf(8)).not.toEqual(scheduleOf(7));
});
