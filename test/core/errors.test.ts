import { expect, test } from 'vitest';
import { ConfigError, exitCodes, messageOf, SluiceError, UnreachableError, UsageError } from '../../src/core/errors.ts';

test('the exit codes are the documented ones', () => {
  expect(exitCodes).toEqual({ fine: 0, invalid: 1, usage: 2, unreachable: 3 });
});

test.each([
  [ConfigError, 'ConfigError', 1],
  [UsageError, 'UsageError', 2],
  [UnreachableError, 'UnreachableError', 3],
] as const)('%o ends a command with its exit code', (Kind, name, exitCode) => {
  const cause = new Error('the cause');
  const error = new Kind('what is wrong', { cause });
  expect(error).toBeInstanceOf(SluiceError);
  expect(error).toMatchObject({ name, exitCode, message: 'what is wrong', cause });
  expect(String(error)).toBe(`${name}: what is wrong`);
});

test('anything that was thrown has a message', () => {
  expect([new TypeError('broken'), 'broken', 7, null, undefined].map(messageOf)).toEqual([
    'broken',
    'broken',
    '7',
    'null',
    'undefined',
  ]);
});
