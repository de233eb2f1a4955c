import { expect, test } from 'vitest';
import { type Sample, trendsOf } from './samples.ts';

/** A hundred samples, with what changes from one to the next. */
function samples(at: (index: number) => Partial<Sample>): Sample[] {
  const steady = {
    rssBytes: 200e6,
    heapBytes: 50e6,
    resources: { Timeout: 10 },
    received: 0,
    delivered: 0,
    inFlight: 0,
  };
  return Array.from({ length: 100 }, (_, index) => ({ ms: index * 1_000, ...steady, ...at(index) }));
}

function growing(of: Sample[]): string[] {
  return trendsOf(of).flatMap(({ reading, late, most }) => (late > most ? [reading] : []));
}

test('what is steady but for moments does not grow', () => {
  expect(
    growing(samples((index) => (index % 7 === 0 ? { rssBytes: 900e6, resources: { Timeout: 500 } } : {}))),
  ).toEqual([]);
});

test('what is only warming up does not grow', () => {
  expect(growing(samples((index) => ({ rssBytes: Math.min(index, 15) * 15e6 })))).toEqual([]);
});

test('memory that leaks grows', () => {
  const leak = samples((index) => ({ rssBytes: 200e6 + index * 1e6, heapBytes: 50e6 + index * 1e6 }));
  expect(growing(leak)).toEqual(['RSS, bytes', 'heap after collection, bytes']);
});

test('timers and handles that are never closed grow', () => {
  expect(growing(samples((index) => ({ resources: { Timeout: index, TCPSocketWrap: 2 } })))).toEqual(['Timeout']);
  expect(growing(samples((index) => (index > 50 ? { resources: { FSReqCallback: index } } : {})))).toEqual([
    'FSReqCallback',
  ]);
});
