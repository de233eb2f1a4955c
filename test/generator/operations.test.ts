import { expect, test } from 'vitest';
import { applyOperations } from '../../src/generator/operations.ts';

test.each([
  ['sets', {}, { $set: { plan: 'pro' } }, { plan: 'pro' }],
  ['sets once what is absent', {}, { $setOnce: { plan: 'pro' } }, { plan: 'pro' }],
  ['leaves what is set', { plan: 'free' }, { $setOnce: { plan: 'pro' } }, { plan: 'free' }],
  ['adds to nothing', {}, { $add: { points: 5 } }, { points: 5 }],
  ['takes away', { points: 5 }, { $add: { points: -7 } }, { points: -2 }],
  ['appends to a list', { liked: ['pop'] }, { $append: { liked: 'pop' } }, { liked: ['pop', 'pop'] }],
  ['appends to a scalar', { liked: 'pop' }, { $append: { liked: 'jazz' } }, { liked: ['pop', 'jazz'] }],
  ['inserts what is not there', { liked: ['pop'] }, { $postInsert: { liked: 'jazz' } }, { liked: ['pop', 'jazz'] }],
  ['does not insert twice', { liked: ['pop'] }, { $postInsert: { liked: 'pop' } }, { liked: ['pop'] }],
  ['removes each instance', { liked: ['pop', 'jazz', 'pop'] }, { $remove: { liked: 'pop' } }, { liked: ['jazz'] }],
  ['removes nothing from nothing', {}, { $remove: { liked: 'pop' } }, {}],
  ['unsets', { plan: 'pro', points: 1 }, { $unset: { plan: '-' } }, { points: 1 }],
  ['unsets before it sets', { plan: 'pro' }, { $set: { plan: 'free' }, $unset: { plan: '-' } }, { plan: 'free' }],
])('%s', (_, before, operations, after) => {
  const untouched = structuredClone(before);
  expect(applyOperations(before, operations)).toEqual(after);
  expect(before).toEqual(untouched);
});
