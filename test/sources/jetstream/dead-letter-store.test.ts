import { headers } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { createStream } from '../../../src/nats/stream.ts';
import { headersOf, headOf } from '../../../src/sources/jetstream/dead-letter.ts';
import { letterSubject } from '../../../src/sources/jetstream/dead-letter-stream.ts';
import { countLetters, walkLetters } from '../../../src/sources/jetstream/dead-letter-walk.ts';
import { letterOf, LetterStream } from './letters.ts';

test.concurrent('a letter is read as it was written, with its bytes', async () => {
  await using stream = await LetterStream.open();
  const payload = Uint8Array.of(0, 0xff, 0x0a);
  const letter = letterOf(payload, {
    detail: 'Größe\r\n  falsch',
    index: 2,
    events: 3,
    accepted: 'update',
    replays: 4,
    attempts: 7,
    firstFailedAt: Date.UTC(2026, 0, 30),
  });
  await stream.store.publish(letter);
  const read = await stream.store.get(1);
  expect(read).toMatchObject({ ...letter, detail: 'Größe falsch', payload: expect.anything(), letter: 1, bytes: 3 });
  expect(new Uint8Array(read?.payload ?? [])).toEqual(payload);
  expect(await stream.store.get(2)).toBeUndefined();
});

test('a letter of an earlier version lacks what came later, and is read all the same', () => {
  const old = headersOf(letterOf('x', { index: 2 }), false);
  old.delete('Sluice-Events');
  const read = headOf(old, { letter: 5, failedAt: 99, bytes: 1 });
  expect(read).toMatchObject({ index: 2, events: 3, replays: 0, accepted: undefined, firstFailedAt: 99 });
});

test('what is no letter is none', () => {
  const at = { letter: 1, failedAt: 0, bytes: 0 };
  expect(headOf(undefined, at)).toBeUndefined();
  expect(headOf(headers(), at)).toBeUndefined();
  const odd = headersOf(letterOf('x'), false);
  odd.set('Sluice-Reason', 'toString');
  expect(headOf(odd, at)).toBeUndefined();
});

test.concurrent('the same letter again is not stored again, its successor is', async () => {
  await using stream = await LetterStream.open();
  const letter = letterOf('x');
  for (const replays of [0, 0, 1, 1]) await stream.store.publish({ ...letter, replays });
  expect(await stream.count()).toBe(2);
});

test.concurrent('removing a letter twice is no error', async () => {
  await using stream = await LetterStream.open();
  await stream.store.publish(letterOf('x'));
  for (let time = 0; time < 2; time++) await stream.store.remove(1);
  await stream.store.remove(99);
  expect(await stream.count()).toBe(0);
});

test.concurrent('a stream that forbids removing says so', async () => {
  await using stream = await LetterStream.open();
  await stream.store.publish(letterOf('x'));
  await stream.manager.streams.update(stream.name, { deny_delete: true });
  await expect(stream.store.remove(1)).rejects.toThrow('not permitted');
});

test.concurrent('a payload that does not fit beside the headers is read where it came from, while it is there', async () => {
  await using letters = await LetterStream.open();
  const name = `${letters.name}_EVENTS`;
  const stream = await createStream(letters.connection, name, [`${name}.>`]);
  const room = (letters.connection.info?.max_payload ?? 0) - 4_000;
  const event = `{"event_type":"Purchase","note":"${'x'.repeat(room)}"}`;
  await stream.publish(`${name}.a`, event);
  const stored = await letters.manager.streams.getMessage(name, { seq: 1 });
  const origin = { stream: name, sequence: 1, storedAt: Date.parse(stored?.timestamp ?? '') };
  await letters.store.publish(letterOf(event, origin));
  const letter = await letters.store.get(1);
  if (letter === undefined) throw new Error('there is no letter');
  expect(letter).toMatchObject({ isLeftOut: true, bytes: 0 });
  expect(new TextDecoder().decode(await letters.store.payloadOf(letter))).toBe(event);
  expect(await letters.store.payloadOf({ ...letter, storedAt: origin.storedAt - 5_000 })).toBeUndefined();
  await stream.delete();
  expect(await letters.store.payloadOf(letter)).toBeUndefined();
});

test.concurrent('letters are walked from the oldest, and those that come meanwhile are left out', async () => {
  await using stream = await LetterStream.open();
  for (let letter = 1; letter <= 1_200; letter++) {
    await stream.store.publish(letterOf('x', { sync: letter % 3 === 0 ? 'thirds' : 'others' }));
  }
  const seen: number[] = [];
  for await (const { letter } of walkLetters(stream.connection, stream.name, { sync: 'thirds' })) {
    seen.push(letter);
    if (letter === 3) await stream.store.publish(letterOf('late', { sync: 'thirds' }));
    // Removed while they are read, as by a replay.
    if (letter <= 300) await stream.store.remove(letter + 600);
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(1_200);
  expect(seen.every((letter) => letter % 3 === 0)).toBe(true);
  const counts = await countLetters(stream.connection, stream.name);
  expect(counts).toContainEqual({ sync: 'thirds', reason: 'rejected', letters: 400 - 100 + 1 });
});

test.concurrent('what is no letter in the stream is passed over', async () => {
  await using stream = await LetterStream.open();
  await jetstream(stream.connection).publish(letterSubject(stream.name, 'purchases', 'rejected'), 'hello');
  await stream.store.publish(letterOf('x'));
  const seen: number[] = [];
  for await (const { letter } of walkLetters(stream.connection, stream.name, {})) seen.push(letter);
  expect(seen).toEqual([2]);
  expect(await stream.store.get(1)).toBeUndefined();
});
