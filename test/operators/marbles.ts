import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** Runs a test in virtual time, in which a character of a diagram is a millisecond. */
export function marbles(test: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}
