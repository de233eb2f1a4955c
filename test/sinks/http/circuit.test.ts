import { expect, test } from 'vitest';
import { Circuit } from '../../../src/sinks/http/circuit.ts';

const backoff = { firstMs: 1_000, maxMs: 8_000 };

test('failures that are tolerated change nothing, and the next one opens the circuit', () => {
  const circuit = new Circuit(2);
  expect(circuit.failed(0, 1, backoff)).toBeUndefined();
  expect(circuit.failed(1, 2, backoff)).toBeUndefined();
  expect(circuit.failed(2, 3, backoff)).toBeGreaterThanOrEqual(500);
});

test('an answer in between starts the count anew', () => {
  const circuit = new Circuit(1);
  for (let at = 0; at < 10; at += 2) {
    expect(circuit.failed(at, at + 1, backoff)).toBeUndefined();
    expect(circuit.answered(at + 1)).toBe(true);
  }
});

test('each request that asks in vain whether it is over makes the pause longer, up to the longest', () => {
  const circuit = new Circuit(0);
  const ceilings = [1_000, 2_000, 4_000, 8_000, 8_000];
  for (const [at, ceiling] of ceilings.entries()) {
    const pauseMs = circuit.failed(at, at, backoff);
    expect(pauseMs).toBeGreaterThanOrEqual(ceiling / 2);
    expect(pauseMs).toBeLessThanOrEqual(ceiling);
  }
});

test('what was under way when the circuit opened says nothing new, whether it fails or is answered', () => {
  const circuit = new Circuit(0);
  expect(circuit.failed(10, 20, backoff)).toBeLessThanOrEqual(1_000);
  expect(circuit.failed(11, 21, backoff)).toBeUndefined();
  expect(circuit.answered(12)).toBe(false);
  expect(circuit.failed(30, 31, backoff)).toBeGreaterThanOrEqual(1_000);
});

test('an answer closes the circuit', () => {
  const circuit = new Circuit(0);
  for (let at = 0; at < 5; at++) circuit.failed(at, at, backoff);
  expect(circuit.answered(5)).toBe(true);
  expect(circuit.failed(6, 6, backoff)).toBeLessThanOrEqual(1_000);
});
