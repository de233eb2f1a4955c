import { expect, test } from 'vitest';
import { discarded, Envelope, filtered } from '../../src/core/message.ts';
import { RecordedMessage } from '../recorded-message.ts';

test('an envelope settles its own event of its message', () => {
  const message = new RecordedMessage();
  new Envelope('value', message, 3).settle(filtered);
  expect(message.settled).toEqual([{ index: 3, outcome: filtered }]);
});

test('an envelope around another value has the same duty', () => {
  const message = new RecordedMessage();
  const first = new Envelope('value', message, 3);
  const second = first.with(42);
  expect(second).toEqual(new Envelope(42, message, 3));
  expect(first.value).toBe('value');
  second.settle(filtered);
  expect(message.settled).toEqual([{ index: 3, outcome: filtered }]);
});

test('what is given up before it was sent has had no attempt', () => {
  expect(discarded('rejected', 'why')).toEqual({ kind: 'discarded', reason: 'rejected', detail: 'why', attempts: 0 });
  expect(discarded('rejected', 'why', 2)).toMatchObject({ attempts: 2 });
});
