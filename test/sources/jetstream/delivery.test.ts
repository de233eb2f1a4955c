import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAckSubject } from '../../../src/sources/jetstream/delivery.ts';

test('reads the ack subject in its short form', () => {
  const subject = '$JS.ACK.EVENTS.purchases.1.4711.17.1732406400123456789.99';
  expect(parseAckSubject(subject)).toEqual({
    sequence: 4_711,
    delivery: 17,
    storedAt: 1_732_406_400_123,
    redelivered: false,
  });
});

test('reads the ack subject with a domain, with and without more behind it', () => {
  const subject = '$JS.ACK.hub.Xy12.EVENTS.purchases.3.9007199254740991.17.1732406400999999999.0';
  const expected = { sequence: Number.MAX_SAFE_INTEGER, delivery: 17, storedAt: 1_732_406_400_999, redelivered: true };
  expect(parseAckSubject(subject)).toEqual(expected);
  expect(parseAckSubject(`${subject}.random`)).toEqual(expected);
  expect(parseAckSubject(subject.replace('.hub.', '._.'))).toEqual(expected);
});

test('numbers in names are not taken for those of the delivery', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1 }),
      fc.integer({ min: 1 }),
      (stream, name, deliveries, sequence) => {
        const subject = `$JS.ACK.${stream}.${name}.${deliveries}.${sequence}.5.1000000.6`;
        expect(parseAckSubject(subject)).toEqual({ sequence, delivery: 5, storedAt: 1, redelivered: deliveries > 1 });
      },
    ),
  );
});

test('another subject is refused', () => {
  for (const subject of ['', 'events.1.Purchase', '$JS.ACK.a.b.1.2.3', '$JS.ACK.a.b.1.2.3.4.5.6'])
    expect(() => parseAckSubject(subject)).toThrow('no message of JetStream');
});
