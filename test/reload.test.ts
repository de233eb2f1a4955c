import { expect, inject, test, vi } from 'vitest';
import { createStream } from '../src/nats/stream.ts';
import { FollowingEngine } from './following-engine.ts';

vi.setConfig({ testTimeout: 120_000 });
const natsUrl = inject('natsUrl');
const starts = /^The sync starts/;
/** Waits without haste: other tests run beside these. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 20 });
const reloaded = /^The rules are reloaded/;

test.concurrent('a changed rule restarts its sync alone, and no event is lost or sent twice', async () => {
  await using following = await FollowingEngine.start(natsUrl, {
    'a.json': { version: 'a1' },
    'b.json': { version: 'b' },
  });
  const before = await following.publish(20);
  await eventually(() => expect(following.delivered('a1')).toEqual(before));
  await following.writeRule('a.json', { version: 'a2' });
  const during = await following.publish(20);
  await following.told(starts, 2, following.syncOf('a.json'));
  const after = await following.publish(20);

  const all = [...before, ...during, ...after];
  await eventually(() => expect([...following.delivered('a1'), ...following.delivered('a2')]).toEqual(all));
  expect(following.delivered('a2')).toEqual(expect.arrayContaining([...after]));
  await eventually(() => expect(following.delivered('b')).toEqual(all));
  expect(following.tellings(starts, following.syncOf('b.json'))).toBe(1);
});

test.concurrent('what is in flight under the old rule is delivered before the new one starts', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': { version: 'old' } });
  following.simulator.failNext({ kind: 'slow', ms: 1_000 });
  const [slow = -1] = await following.publish(1);
  await eventually(() => expect(following.simulator.counts().requests).toBe(1));
  await following.writeRule('a.json', { version: 'new' });
  await following.told(starts, 2);
  expect(following.delivered('old')).toEqual([slow]);
  const [next = -1] = await following.publish(1);
  await eventually(() => expect(following.delivered('new')).toEqual([next]));
  expect(following.delivered('old')).toEqual([slow]);
});

test.concurrent('a rule that is wrong leaves what runs in place, and is told with its place and in the metrics', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': {}, 'b.json': { version: 'b' } });
  await following.write('a.json', '{ "name": "a", "nonsense": true }');
  await following.told(/a\.json:1:16: nonsense: /);
  await following.told(/^The rules are reloaded, but for \S*a\.json: what ran in place of that runs on\.$/);
  const metrics = await following.metrics.text();
  expect(metrics).toMatch(/sluice_rules_reload_failures_total 1/);
  expect(metrics).toMatch(/sluice_rules_file_invalid\{file="[^"]*a\.json"\} 1/);
  const numbers = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual(numbers));
  expect(following.tellings(starts)).toBe(2);

  // One rule that is wrong does not keep others from being changed.
  await following.writeRule('b.json', { version: 'b2' });
  await following.told(starts, 2, following.syncOf('b.json'));
  await following.writeRule('a.json', { version: 'mended' });
  await following.told(starts, 2, following.syncOf('a.json'));
  expect(await following.metrics.text()).not.toContain('sluice_rules_file_invalid{');
});

test.concurrent('a rule whose stream does not exist is not put in force', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': {} });
  await following.writeRule('a.json', { stream: 'GONE' });
  await following.told(/a\.json: there is no stream GONE/);
  const numbers = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual(numbers));
  expect(await following.metrics.text()).toMatch(/sluice_rules_file_invalid\{file="[^"]*a\.json"\} 1/);
});

test.concurrent('a filter file is a part of the rules that name it', async () => {
  const filter = { file: '../shared.jsonata' };
  await using following = await FollowingEngine.start(natsUrl, { 'rules/b.json': { version: 'b' } });
  await following.write('shared.jsonata', 'true');
  await following.writeRule('rules/a.json', { filter });
  await following.told(starts, 1, following.syncOf('rules/a.json'));
  await following.write('shared.jsonata', 'event_properties.seq >= 5');
  await following.told(starts, 2, following.syncOf('rules/a.json'));
  const numbers = await following.publish(10);
  await eventually(() => expect(following.delivered('b')).toEqual(numbers));
  await eventually(() => expect(following.delivered()).toEqual([5, 6, 7, 8, 9]));

  await following.write('shared.jsonata', 'event_properties.');
  await following.told(/shared\.jsonata:1:\d+: events\.filter: /);
  expect(following.tellings(starts, following.syncOf('rules/b.json'))).toBe(1);
});

test.concurrent('a rule that is added starts, one that is removed ends, and its consumer keeps its place', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': {} });
  await following.writeRule('b.json', { version: 'b' });
  await following.told(reloaded);
  const first = await following.publish(5);
  await eventually(() => expect(following.delivered('b')).toEqual(first));

  await following.remove('b.json');
  await following.told(/sluice consumers delete/);
  await following.told(/^The sync has ended/, 1, following.syncOf('b.json'));
  const meanwhile = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual([...first, ...meanwhile]));
  expect(following.delivered('b')).toEqual(first);
  await following.writeRule('b.json', { version: 'b' });
  await eventually(() => expect(following.delivered('b')).toEqual([...first, ...meanwhile]));
});

test.concurrent('a sync that was disabled starts from now, whatever its rule says of the start', async () => {
  await using following = await FollowingEngine.start(natsUrl, {
    'a.json': { start: 'all' },
    'b.json': { version: 'b' },
  });
  const before = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual(before));
  await following.writeRule('a.json', { start: 'all', enabled: false });
  await following.told(reloaded);
  const meanwhile = await following.publish(5);
  await eventually(() => expect(following.delivered('b')).toEqual([...before, ...meanwhile]));
  await following.writeRule('a.json', { start: 'all' });
  await following.told(/passed over/);
  const after = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual([...before, ...after]));
});

test.concurrent('a sync that was disabled starts from now also if no engine ran when it was enabled', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': { start: 'all' } });
  const before = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual(before));
  await following.stopEngine();
  await following.writeRule('a.json', { start: 'all', enabled: false });
  await following.startEngine();
  await following.stopEngine();
  await following.publish(5);
  await following.writeRule('a.json', { start: 'all' });
  await following.startEngine();
  await following.told(/passed over/);
  const after = await following.publish(5);
  await eventually(() => expect(following.delivered()).toEqual([...before, ...after]));
});

test.concurrent('a sync that is disabled from the first begins where its rule says', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': { start: 'all', enabled: false } });
  const numbers = await following.publish(5);
  await following.writeRule('a.json', { start: 'all' });
  await eventually(() => expect(following.delivered()).toEqual(numbers));
});

test.concurrent('a file may be moved: its sync runs on', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': { name: 'moved' } });
  await following.rename('a.json', 'c.json');
  await following.writeRule('d.json', { name: 'other' });
  await following.told(starts, 1, 'other');
  expect(following.tellings(starts, 'moved')).toBe(1);

  await following.write('c.json', 'not a rule');
  await following.told(/c\.json:1:1: /);
  await following.told(reloaded, 2);
  expect(following.engine.running.map(({ name }) => name)).toEqual(['moved', 'other']);
});

test.concurrent('while two files claim a name, what runs under it runs on', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'b.json': { name: 'claimed' } });
  await following.writeRule('a.json', { name: 'claimed', version: 'usurper' });
  await following.told(/b\.json:1:\d+: name: .*a\.json has the name "claimed" already/);
  await following.told(reloaded);
  const numbers = await following.publish(3);
  await eventually(() => expect(following.delivered()).toEqual(numbers));
  await following.remove('b.json');
  await following.told(starts, 2, 'claimed');
  const more = await following.publish(3);
  await eventually(() => expect(following.delivered('usurper')).toEqual(more));
});

test.concurrent('a sync that reads another stream begins there, and keeps its place in the first', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': {} });
  const other = await createStream(following.connection, `${following.stream.name}_2`, [
    `${following.stream.name}_2.>`,
  ]);
  const there = await following.publish(3, other);
  await following.writeRule('a.json', { stream: other.name, start: 'all' });
  await eventually(() => expect(following.delivered()).toEqual(there));
  const missed = await following.publish(3);
  await following.writeRule('a.json', {});
  await eventually(() => expect(following.delivered()).toEqual([...there, ...missed]));
  await other.delete();
});

test.concurrent('a mended key takes effect at once', async () => {
  await using following = await FollowingEngine.start(natsUrl, { 'a.json': { apiKey: 'wrong' } });
  const numbers = await following.publish(5);
  await eventually(() => expect(following.engine.ready).toBe(false));
  await following.writeRule('a.json', {});
  await eventually(() => expect(following.delivered()).toEqual(numbers));
  expect(following.engine.ready).toBe(true);
});
