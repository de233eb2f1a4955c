import { merge, type Observable, Subject } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { discarded, filtered, type Message, type Outcome } from '../../../src/core/message.ts';
import { Metrics } from '../../../src/metrics.ts';
import { requestReplay } from '../../../src/sources/jetstream/replay-client.ts';
import { ReplaySource } from '../../../src/sources/jetstream/replay-source.ts';
import { withReplays } from '../../../src/sources/with-replays.ts';
import { letterOf, LetterStream } from './letters.ts';

const delivered: Outcome = { kind: 'delivered', attempts: 1 };
const never = new AbortController().signal;

/** A source of replays, and what it has handed out. */
async function replaying(letters: LetterStream) {
  const metrics = new Metrics().of('purchases');
  const { connection, store } = letters;
  const source = new ReplaySource({
    connection,
    sync: 'purchases',
    stream: 'EVENTS',
    letters: store,
    telemetry: metrics,
  });
  const stop = new AbortController();
  const messages: Message[] = [];
  const completed = vi.fn<() => void>();
  const subscription = source.messages(stop.signal).subscribe({
    next: (message) => {
      message.expect(1);
      messages.push(message);
    },
    complete: completed,
  });
  await connection.flush();
  const request = (letter: number, abort = never) =>
    requestReplay(connection, { stream: letters.name, sync: 'purchases', letter }, 0, abort);
  return {
    source,
    stop,
    messages,
    subscription,
    metrics,
    request,
    /** Asks for a letter, and settles it. */
    async settle(letter: number, outcome: Outcome) {
      const before = messages.length;
      const answer = request(letter);
      await vi.waitFor(() => expect(messages).toHaveLength(before + 1), { timeout: 10_000 });
      messages[before]?.settle(outcome, 0);
      return await answer;
    },
  };
}

test.concurrent('a letter comes as its message was, and goes when it was settled', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  const letter = letterOf('{"a":1}', { index: 0, accepted: 'event' });
  await letters.store.publish(letter);
  await letters.store.publish(letterOf('x'));

  const answer = replays.request(1);
  await vi.waitFor(() => expect(replays.messages).toHaveLength(1), { timeout: 10_000 });
  const [message] = replays.messages;
  expect(message).toMatchObject({
    sequence: letter.sequence,
    storedAt: letter.storedAt,
    replay: { index: 0, accepted: 'event' },
  });
  expect(Buffer.from(message?.payload ?? []).toString()).toBe('{"a":1}');
  expect(await letters.count()).toBe(2);
  message?.settle(delivered, 0);
  expect(await answer).toEqual({ kind: 'delivered' });
  expect(await letters.count()).toBe(1);
  expect(await replays.settle(2, filtered)).toEqual({ kind: 'filtered' });
  expect(await letters.count()).toBe(0);
  expect(replays.metrics).toMatchObject({ delivered: 1, inFlight: 0 });
});

test.concurrent('a letter that fails again has a successor with its whole history, and then goes', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  const firstFailedAt = Date.UTC(2026, 0, 1);
  await letters.store.publish(letterOf('x', { attempts: 2, replays: 1, firstFailedAt, accepted: 'update' }));
  const answer = await replays.settle(1, discarded('expired', 'too late', 3));
  expect(answer).toEqual({ kind: 'discarded', reason: 'expired', detail: 'too late' });
  expect(await letters.store.get(1)).toBeUndefined();
  expect(await letters.store.get(2)).toMatchObject({
    reason: 'expired',
    detail: 'too late',
    attempts: 5,
    replays: 2,
    firstFailedAt,
    accepted: 'update',
  });
});

test.concurrent('where a successor cannot be stored, the letter stays as it is', async () => {
  await using letters = await LetterStream.open({ maxBytes: 3_000 });
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('x'.repeat(2_000)));
  const answer = await replays.settle(1, discarded('rejected', 'no', 1));
  expect(answer).toMatchObject({ kind: 'discarded', kept: expect.stringContaining('is full') });
  expect(await letters.store.get(1)).toMatchObject({ replays: 0, attempts: 1 });
});

test.concurrent('one event of a list is replayed as an event, whatever it is', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('[{"a":1},{"a":2}]', { index: 0, events: 2 }));
  const answer = replays.request(1);
  await vi.waitFor(() => expect(replays.messages).toHaveLength(1), { timeout: 10_000 });
  expect(Buffer.from(replays.messages[0]?.payload ?? []).toString()).toBe('[[{"a":1},{"a":2}]]');
  replays.messages[0]?.settle(delivered, 0);
  expect(await answer).toEqual({ kind: 'delivered' });
});

test.concurrent('letters that are gone, of another sync, or no numbers are answered as gone', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('x', { sync: 'others' }));
  for (const letter of [1, 2, -1, NaN, 1.5]) expect(await replays.request(letter)).toEqual({ kind: 'gone' });
  expect(replays.messages).toEqual([]);
  expect(await letters.count()).toBe(1);
});

test.concurrent('a letter whose payload is gone with its stream cannot be replayed, and stays', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  const tooLarge = 'x'.repeat((letters.connection.info?.max_payload ?? 0) - 4_000);
  await letters.store.publish(letterOf(tooLarge, { stream: 'NO_SUCH_STREAM' }));
  expect(await replays.request(1)).toMatchObject({ kind: 'unreadable', detail: expect.stringContaining('is gone') });
  expect(await letters.count()).toBe(1);
});

test.concurrent('a letter that came from another stream has no place in the one that the sync reads now', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('x', { stream: 'OTHER', sequence: 77 }));
  const answer = replays.request(1);
  await vi.waitFor(() => expect(replays.messages).toMatchObject([{ sequence: 0 }]), { timeout: 10_000 });
  replays.messages[0]?.settle(delivered, 0);
  expect(await answer).toEqual({ kind: 'delivered' });
});

test.concurrent('asked twice, a letter is sent once, and whoever asked last is answered', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('x'));
  const gaveUp = new AbortController();
  const first = replays.request(1, gaveUp.signal);
  await vi.waitFor(() => expect(replays.messages).toHaveLength(1), { timeout: 10_000 });
  gaveUp.abort();
  expect(await first).toEqual({ kind: 'returned' });
  const second = replays.request(1);
  await letters.connection.flush();
  // The second request is taken by the time a third one, for another letter, is answered.
  expect(await replays.request(99)).toEqual({ kind: 'gone' });
  replays.messages[0]?.settle(delivered, 0);
  expect(await second).toEqual({ kind: 'delivered' });
  // An answer that came too late is given again.
  expect(await replays.request(1)).toEqual({ kind: 'delivered' });
  expect(replays.messages).toHaveLength(1);
});

test.concurrent('no more letters are on their way than there are credits, and large ones count more', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  const large = 'x'.repeat(512 * 1_024);
  for (let letter = 1; letter <= 20; letter++) await letters.store.publish(letterOf(large));
  const answers = Array.from({ length: 20 }, (_, index) => replays.request(index + 1));
  // Of 512 credits each takes 32.
  await vi.waitFor(() => expect(replays.messages).toHaveLength(16), { timeout: 10_000 });
  replays.messages[0]?.settle(delivered, 0);
  await vi.waitFor(() => expect(replays.messages).toHaveLength(17), { timeout: 10_000 });
  let place = 1;
  await vi.waitFor(
    () => {
      for (; place < replays.messages.length; place++) replays.messages[place]?.settle(delivered, 0);
      expect(place).toBe(20);
    },
    { timeout: 10_000 },
  );
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => delivered).map(({ kind }) => ({ kind })));
});

test.concurrent('where no engine runs the sync, that is the answer', async () => {
  await using letters = await LetterStream.open();
  const { connection, name: stream } = letters;
  const request = { stream, sync: 'purchases', letter: 1 };
  expect(await requestReplay(connection, request, 0, never)).toBeUndefined();
  expect(await requestReplay(connection, request, Infinity, AbortSignal.timeout(300))).toEqual({ kind: 'returned' });
});

test.concurrent('when the pipeline breaks, its letters are where they were', async () => {
  await using letters = await LetterStream.open();
  const replays = await replaying(letters);
  await letters.store.publish(letterOf('x'));
  const abort = new AbortController();
  const answer = replays.request(1, abort.signal);
  await vi.waitFor(() => expect(replays.messages).toHaveLength(1), { timeout: 10_000 });
  replays.subscription.unsubscribe();
  await replays.source.settled(never);
  expect(replays.metrics.inFlight).toBe(0);
  expect(await letters.count()).toBe(1);
  expect(await answer).toBeUndefined();
});

test('replays end with the source that they come along with', async () => {
  const stream = new Subject<Message>();
  const replays = new Subject<Message>();
  const source = {
    messages: () => stream,
    settled: () => Promise.resolve(),
  };
  const until = (signal: AbortSignal): Observable<Message> => {
    signal.addEventListener('abort', () => replays.complete());
    return merge(replays);
  };
  const completed = vi.fn<() => void>();
  const both = withReplays(source, { messages: until, settled: () => Promise.resolve() });
  both.messages(never).subscribe({ complete: completed });
  expect(completed).not.toHaveBeenCalled();
  stream.complete();
  expect(completed).toHaveBeenCalledOnce();
  await both.settled(never);
});
