import { expect, test } from 'vitest';
import { fork } from '../../src/core/fork.ts';
import { discarded, filtered, type Outcome, returned } from '../../src/core/message.ts';
import { RecordedEnvelope } from '../recorded-message.ts';

const delivered: Outcome = { kind: 'delivered', attempts: 2 };
const refused = discarded('rejected', 'refused', 1);

test('both parts have the value of the event, and know where it came from', () => {
  const event = new RecordedEnvelope('value');
  for (const part of fork(event)) {
    expect(part.value).toBe('value');
    const { payload, storedAt, sequence } = event.message;
    expect(part.message).toMatchObject({ payload, storedAt, sequence });
  }
});

test.each([
  [filtered, filtered, filtered],
  [filtered, delivered, delivered],
  [delivered, filtered, delivered],
  [refused, delivered, { ...refused, accepted: 'event' }],
  [delivered, refused, { ...refused, accepted: 'update' }],
  [refused, filtered, refused],
  [returned, delivered, returned],
  [refused, returned, returned],
])('an event whose parts end as %o and %o ends as %o', (first, second, whole) => {
  const event = new RecordedEnvelope('value');
  const [one, two] = fork(event);
  two.settle(second);
  expect(event.outcome).toBeUndefined();
  one.settle(first);
  expect(event.outcome).toEqual(whole);
});

test('of several settlements of a part the first counts', () => {
  const event = new RecordedEnvelope('value');
  const [one, two] = fork(event);
  one.settle(delivered);
  one.settle(refused);
  expect(event.outcome).toBeUndefined();
  two.settle(filtered);
  two.settle(refused);
  expect(event.outcome).toEqual(delivered);
});
