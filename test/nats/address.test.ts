import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { hideUserinfo, parseAddress } from '../../src/nats/address.ts';

test.each([
  ['nats://nats.example:4333', { host: 'nats.example:4333', tls: false }],
  ['nats://nats.example', { host: 'nats.example:4222', tls: false }],
  ['nats.example:4333', { host: 'nats.example:4333', tls: false }],
  ['tls://nats.example', { host: 'nats.example:4222', tls: true }],
  ['nats://[::1]:4333', { host: '[::1]:4333', tls: false }],
  ['nats://ada:p%40ss@nats.example', { host: 'nats.example:4222', tls: false, user: 'ada', password: 'p@ss' }],
  ['nats://s3cret@nats.example', { host: 'nats.example:4222', tls: false, token: 's3cret' }],
])('%s is read', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each([
  '',
  'nats://',
  'nats://host:port',
  'ws://host:80',
  'https://host',
  'nats://%zz@host',
  'nats://a:1;nats://b:1',
])('"%s" is refused', (text) => {
  expect(() => parseAddress(text)).toThrow(UsageError);
});

const host = fc.constantFrom('nats://%@host:4222', 'tls://%@host', '%@host:1', 'ws://%@host', 'nats://%@host:port');
const secret = fc
  .string({ minLength: 5, unit: fc.constantFrom('S', '3', ':', '/', '@', ',', '#', '?', '%', ' ') })
  .filter((text) => text.includes('S3S'));

test('what stands before the @ is never shown', () => {
  fc.assert(
    fc.property(host, secret, (template, userinfo) => {
      const url = template.replace('%', () => userinfo);
      expect(hideUserinfo(url)).not.toContain('S3S');
      expect(wordsAgainst(url)).not.toContain('S3S');
    }),
  );
});

function wordsAgainst(url: string): string {
  try {
    parseAddress(url);
    return '';
  } catch (error) {
    return String(error);
  }
}
