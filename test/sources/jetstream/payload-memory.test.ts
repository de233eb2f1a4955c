import { array, assert, boolean, constantFrom, nat, oneof, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, PayloadMemory } from '../../../src/sources/jetstream/payload-memory.ts';

interface Kept {
  readonly text: string;
  readonly payload: Buffer<ArrayBuffer>;
  readonly block: Block;
}

function keep(memory: PayloadMemory, text: string): Kept {
  const bytes = Buffer.from(text, 'latin1');
  const block = memory.blockFor(bytes.byteLength);
  const payload = block.keep(bytes);
  // What it came in may be used for something else at once.
  bytes.fill(0);
  return { text, payload, block };
}

/** How many bytes are held by payloads, whether they are needed or not. */
const held = (all: readonly Kept[]): number =>
  [...new Set(all.map(({ payload }) => payload.buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);

test('payloads that came one after the other share a block, which is freed with the last of them', () => {
  const memory = new PayloadMemory();
  const first = Array.from({ length: 64 }, (_, index) => keep(memory, String(index % 10).repeat(1_024)));
  expect(new Set(first.map(({ payload }) => payload.buffer)).size).toBe(1);
  const next = keep(memory, 'x');
  expect(next.payload.buffer).not.toBe(first[0]?.payload.buffer);
  for (const { block } of first.slice(1)) block.release();
  expect(first[0]?.payload.toString('latin1')).toBe('0'.repeat(1_024));
  first[0]?.block.release();
  expect(held(first)).toBe(0);
  expect(next.payload.toString('latin1')).toBe('x');
});

test('a large payload is freed by itself', () => {
  const memory = new PayloadMemory();
  const small = keep(memory, 'small');
  const large = keep(memory, 'l'.repeat(1_000_000));
  expect(large.payload.toString('latin1')).toBe(large.text);
  large.block.release();
  expect(held([large])).toBe(0);
  expect(small.payload.toString('latin1')).toBe('small');
});

test('whatever is released when, the others are as they came, and no more than a block is left in the end', () => {
  const size = oneof(nat(2_000), constantFrom(0, 4_095, 4_096, 4_097), nat(100_000));
  const act = record({ size, release: nat(), keeps: boolean() });
  assert(
    property(array(act, { maxLength: 200, size: 'max' }), (acts) => {
      const memory = new PayloadMemory();
      const all: Kept[] = [];
      const open: Kept[] = [];
      for (const { size: bytes, release, keeps } of acts) {
        const text = String.fromCharCode(33 + (all.length % 200)).repeat(bytes);
        const kept = keep(memory, text);
        all.push(kept);
        open.push(kept);
        if (!keeps) for (const { block } of open.splice(release % open.length, 2)) block.release();
        // As one text: an assertion for each would be most of the time.
        expect(
          open.map(({ payload }) => payload.toString('latin1')).join('') === open.map(({ text }) => text).join(''),
        ).toBe(true);
      }
      for (const { block } of open) block.release();
      expect(held(all)).toBeLessThanOrEqual(64 * 1024);
    }),
    { numRuns: 100 },
  );
});
