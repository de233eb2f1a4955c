import { expect, test } from 'vitest';
import { batch } from '../../src/operators/batch.ts';
import { marbles } from './marbles.ts';

const options = { maxWaitMs: 5, maxObjects: 3 };

test('a full batch leaves at once, and the time begins anew', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    const source = hot('a-bc-d-------|');
    const result = source.pipe(batch(options));
    expectObservable(result).toBe('---w----x----(y|)', { w: ['a', 'b', 'c'], x: ['d'], y: [] });
  });
});

test('when the time is up what there is leaves', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    const source = hot('-a--b--c-|');
    const result = source.pipe(batch(options));
    expectObservable(result).toBe('-----x---(y|)', { x: ['a', 'b'], y: ['c'] });
  });
});

test('an empty batch says that time has passed', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    expectObservable(hot('------------').pipe(batch(options)), '------------!').toBe('-----x----y-', { x: [], y: [] });
  });
});

test('completion while a batch fills lets it leave', () => {
  expect.hasAssertions();
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('(ab|)').pipe(batch(options))).toBe('(x|)', { x: ['a', 'b'] });
  });
});

test('many at once leave in full batches and a rest', () => {
  expect.hasAssertions();
  marbles(({ cold, expectObservable }) => {
    const result = cold('(abcdefg|)').pipe(batch(options));
    expectObservable(result).toBe('(xyz|)', { x: ['a', 'b', 'c'], y: ['d', 'e', 'f'], z: ['g'] });
  });
});

test('an error passes what is being collected, which the source gives out again', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    expectObservable(hot('-a-#').pipe(batch(options))).toBe('---#');
  });
});

test('after the end of the subscription nothing leaves, and no timer is left', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a--b--c-');
    expectObservable(source.pipe(batch(options)), '---!').toBe('----');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});
