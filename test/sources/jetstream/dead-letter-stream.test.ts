import { DiscardPolicy } from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.ts';
import { createLog } from '../../../src/log.ts';
import { Metrics } from '../../../src/metrics.ts';
import { type DeadLetterWatchOptions, watchDeadLetters } from '../../../src/dead-letter-watch.ts';
import {
  deadLetterStream,
  defaultDeadLetterLimits,
  ensureDeadLetterStream,
} from '../../../src/sources/jetstream/dead-letter-stream.ts';
import { letterOf, LetterStream, unlimited } from './letters.ts';

const nanos = 1_000_000;

test.concurrent('a stream that is made has the default limits, and refuses letters when it is full', async () => {
  await using stream = await LetterStream.open({});
  expect(await stream.config()).toMatchObject({
    max_age: defaultDeadLetterLimits.maxAgeMs * nanos,
    max_bytes: defaultDeadLetterLimits.maxBytes,
    discard: DiscardPolicy.New,
    storage: 'file',
    subjects: [`sluice.dead-letters.${stream.name}.*.*`],
  });
});

test.concurrent('limits that are stated are set, also on a stream that exists; 0 takes them away', async () => {
  await using stream = await LetterStream.open({ maxAgeMs: 86_400_000, maxBytes: 100_000 });
  expect(await stream.config()).toMatchObject({ max_age: 86_400_000 * nanos, max_bytes: 100_000 });
  await ensureDeadLetterStream(stream.connection, stream.name, { maxAgeMs: 3_600_000, maxBytes: 200_000 });
  expect(await stream.config()).toMatchObject({ max_age: 3_600_000 * nanos, max_bytes: 200_000 });
  await ensureDeadLetterStream(stream.connection, stream.name, unlimited);
  expect(await stream.config()).toMatchObject({ max_age: 0, max_bytes: -1 });
});

test.concurrent('what an operator changed by hand is kept where no setting says otherwise', async () => {
  await using stream = await LetterStream.open();
  const byHand = {
    max_age: 7_200_000 * nanos,
    max_bytes: 123_456,
    discard: DiscardPolicy.Old,
    max_msg_size: 5_000,
    description: 'ours',
  };
  await stream.manager.streams.update(stream.name, byHand);
  await ensureDeadLetterStream(stream.connection, stream.name, {});
  expect(await stream.config()).toMatchObject(byHand);
  await ensureDeadLetterStream(stream.connection, stream.name, { maxBytes: 234_567 });
  expect(await stream.config()).toMatchObject({ ...byHand, max_bytes: 234_567 });
});

test.concurrent('a limit that would remove letters is not set, and why is told', async () => {
  await using stream = await LetterStream.open();
  for (let letter = 0; letter < 5; letter++) await stream.store.publish(letterOf('x'.repeat(1_000)));
  const whys: string[] = [];
  const refused = (why: string): void => void whys.push(why);
  await ensureDeadLetterStream(stream.connection, stream.name, { maxBytes: 3_000 }, refused);
  await ensureDeadLetterStream(stream.connection, stream.name, { maxAgeMs: 1 }, refused);
  expect(whys).toEqual([
    expect.stringMatching(/^it holds \d+ bytes, more than the limit of 3000; replay or purge/),
    expect.stringMatching(/^its oldest letter is of .* older than the limit allows; replay or purge/),
  ]);
  expect(await stream.config()).toMatchObject({ max_age: 0, max_bytes: -1 });
  expect(await stream.count()).toBe(5);
});

test.concurrent('a full stream refuses a letter in words that say what to do, and keeps those that it has', async () => {
  await using stream = await LetterStream.open({ maxBytes: 4_000 });
  await stream.store.publish(letterOf('x'.repeat(2_000)));
  await expect(stream.store.publish(letterOf('x'.repeat(2_000)))).rejects.toThrow(
    `the stream ${stream.name} is full; replay or purge letters, or raise SLUICE_DEAD_LETTERS_MAX_MB`,
  );
  expect(await stream.count()).toBe(1);
  await stream.store.remove(1);
  await stream.store.publish(letterOf('x'.repeat(2_000)));
  expect(await stream.count()).toBe(1);
});

test.concurrent('more room than the server has is an error where it was asked for', async () => {
  await using stream = await LetterStream.withoutStream();
  const making = ensureDeadLetterStream(stream.connection, stream.name, { maxBytes: 2 ** 52 });
  await expect(making).rejects.toThrow(UnreachableError);
  await expect(making).rejects.toThrow(/set SLUICE_DEAD_LETTERS_MAX_MB to less/);
  await expect(deadLetterStream(stream.connection, stream.name)).rejects.toThrow(/no stream .* of dead letters/);
});

/** A watch that looks often, and what it logs. */
function watching(stream: LetterStream, more: Partial<DeadLetterWatchOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({ log: { level: 'info', format: 'json' }, secrets: [] }, new Set(), {
    write: (line) => void lines.push(line),
  });
  const metrics = new Metrics();
  const { connection, name } = stream;
  const watch = watchDeadLetters({ connection, stream: name, limits: unlimited, metrics, log, everyMs: 20, ...more });
  return { metrics, lines, [Symbol.dispose]: () => watch.stop() };
}

test.concurrent('the watch tells once that the stream fills up, and keeps the metrics', async () => {
  await using stream = await LetterStream.open({ maxBytes: 10_000 });
  await stream.store.publish(letterOf('x'.repeat(1_000)));
  using watch = watching(stream);
  await vi.waitFor(() => expect(watch.metrics.deadLetters).toMatchObject({ letters: 1, maxBytes: 10_000 }), {
    timeout: 10_000,
  });
  expect(watch.lines).toEqual([]);
  await stream.store.publish(letterOf('x'.repeat(7_000)));
  await vi.waitFor(() => expect(watch.metrics.deadLetters?.letters).toBe(2), { timeout: 10_000 });
  expect(watch.lines).toEqual([expect.stringContaining('The stream of dead letters fills up.')]);
  expect(await watch.metrics.text()).toContain('\nsluice_dead_letters 2\n');
});

test.concurrent('the watch tells that letters will soon be too old, and that they are gone', async () => {
  await using stream = await LetterStream.open();
  await stream.manager.streams.update(stream.name, { max_age: 4_000 * nanos, duplicate_window: 1_000 * nanos });
  await stream.store.publish(letterOf('x'));
  using watch = watching(stream);
  await vi.waitFor(() => expect(watch.lines.join('')).toContain('will soon reach the age'), { timeout: 20_000 });
  await vi.waitFor(() => expect(watch.lines.join('')).toContain('and are gone'), { timeout: 20_000 });
  expect(await stream.count()).toBe(0);
});

test.concurrent('a stream that somebody deleted is made again, and that is an error in the log', async () => {
  await using stream = await LetterStream.withoutStream();
  using watch = watching(stream);
  await vi.waitFor(async () => expect(await stream.count()).toBe(0), { timeout: 10_000 });
  expect(watch.lines.join('')).toContain('It is made again.');
});
