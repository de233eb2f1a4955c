import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RateLimit } from '../../../src/sinks/http/rate-limit.ts';
import { Askers } from './askers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

test('as many as the limit says pass at once, and the next when the window has moved on', async () => {
  const askers = new Askers(new RateLimit({ requests: 3, perMs: 100 }));
  await askers.ask(5);
  expect(askers.names).toEqual([0, 1, 2]);
  await vi.advanceTimersByTimeAsync(99);
  expect(askers.names).toEqual([0, 1, 2]);
  await vi.advanceTimersByTimeAsync(1);
  expect(askers.names).toEqual([0, 1, 2, 3, 4]);
});

test('nobody passes while a pause lasts, and a shorter one does not end it', async () => {
  const gate = new RateLimit({ requests: 3, perMs: 100 });
  const askers = new Askers(gate);
  gate.pause(1_000);
  gate.pause(10);
  await askers.ask(2);
  await vi.advanceTimersByTimeAsync(999);
  expect(askers.names).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(askers.names).toEqual([0, 1]);
});

test('a pause that begins while somebody waits holds them, too', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  const askers = new Askers(gate);
  await askers.ask(2);
  gate.pause(500);
  await vi.advanceTimersByTimeAsync(499);
  expect(askers.names).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(askers.names).toEqual([0, 1]);
});

test('after a pause one goes ahead, and the others follow when it was not asked to pause again', async () => {
  const gate = new RateLimit({ requests: 10, perMs: 100 });
  gate.pause(50);
  const gone: string[] = [];
  for (const name of ['a', 'b', 'c']) void gate.pass(never).then(() => gone.push(name));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(gone).toEqual(['a']);

  gate.pause(50);
  await vi.advanceTimersByTimeAsync(49);
  expect(gone).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(gone).toEqual(['a', 'b']);

  gate.resume();
  await vi.advanceTimersByTimeAsync(0);
  expect(gone).toEqual(['a', 'b', 'c']);
});

test('a request that left before the pause ends neither the pause nor the rule that one goes ahead', async () => {
  const gate = new RateLimit({ requests: 10, perMs: 100 });
  let gone = 0;
  gate.pause(50);
  for (let asked = 0; asked < 3; asked++) void gate.pass(never).then(() => gone++);
  gate.resume();
  await vi.advanceTimersByTimeAsync(49);
  expect(gone).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(gone).toBe(1);
});

test('who asks when a turn has just fallen free does not overtake those who wait', async () => {
  vi.useRealTimers();
  const gate = new RateLimit({ requests: 1, perMs: 2 });
  const gone: string[] = [];
  await gate.pass(never);
  const first = gate.pass(never).then(() => gone.push('first'));
  // The time comes while no timer can fire.
  for (const until = performance.now() + 5; performance.now() < until;) continue;
  const second = gate.pass(never).then(() => gone.push('second'));
  await Promise.all([first, second]);
  expect(gone).toEqual(['first', 'second']);
});

test('who gives up leaves the line at once, and takes no turn', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  const askers = new Askers(gate);
  await askers.ask(4);
  askers.all[1]?.abort.abort();
  askers.all[2]?.abort.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(askers.all.map(({ passed }) => passed)).toEqual([true, false, false, undefined]);
  await vi.advanceTimersByTimeAsync(100);
  expect(askers.names).toEqual([0, 3]);
});

test('who has given up before it asks does not pass, and takes no turn', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  expect(await gate.pass(AbortSignal.abort())).toBe(false);
  expect(await gate.pass(never)).toBe(true);
});

test('nothing is left behind when all have given up: no timer, no listener', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  gate.pause(3_600_000);
  const abort = new AbortController();
  const asked = Array.from({ length: 50 }, () => gate.pass(abort.signal));
  expect(vi.getTimerCount()).toBe(1);
  abort.abort();
  expect(new Set(await Promise.all(asked))).toEqual(new Set([false]));
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('who has passed leaves no listener behind', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  const abort = new AbortController();
  const asked = [gate.pass(abort.signal), gate.pass(abort.signal), gate.pass(abort.signal)];
  await vi.advanceTimersByTimeAsync(200);
  expect(await Promise.all(asked)).toEqual([true, true, true]);
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('a pause longer than a timer can hold does not end early', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  const askers = new Askers(gate);
  gate.pause(2 ** 31 + 1_000);
  await askers.ask();
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(askers.names).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(askers.names).toEqual([0]);
});

test('a pause longer than a timer can hold does not make a timer that fires over and over', async () => {
  vi.useRealTimers();
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  const abort = new AbortController();
  gate.pause(2 ** 40);
  const asked = gate.pass(abort.signal);
  await setImmediate();
  abort.abort();
  expect(await asked).toBe(false);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});

test('a second limit holds beside the first, from when it is stated', async () => {
  const gate = new RateLimit({ requests: 2, perMs: 10 });
  gate.tighten({ requests: 3, perMs: 1_000 });
  const askers = new Askers(gate);
  await askers.ask(4);
  expect(askers.names).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(999);
  expect(askers.names).toEqual([0, 1, 2]);
  await vi.advanceTimersByTimeAsync(1);
  expect(askers.names).toEqual([0, 1, 2, 3]);
});

test('a laxer limit changes nothing', async () => {
  const gate = new RateLimit({ requests: 1, perMs: 100 });
  gate.tighten({ requests: 1, perMs: 100 });
  gate.tighten({ requests: 5, perMs: 100 });
  gate.tighten({ requests: 1, perMs: 50 });
  const askers = new Askers(gate);
  await askers.ask(2);
  await vi.advanceTimersByTimeAsync(99);
  expect(askers.names).toEqual([0]);
});
