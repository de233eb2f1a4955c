import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLog, redact } from '../src/log.ts';
import { readSettings, type Environment } from '../src/settings.ts';

/** A log and the lines that it wrote. */
function record(env: Environment, secrets?: ReadonlySet<string>) {
  const lines: string[] = [];
  const log = createLog(readSettings(env), secrets, { write: (line) => void lines.push(line) });
  return { log, lines };
}

test('a JSON line holds the level by name, the time in UTC, the fields and the sentence', () => {
  const { log, lines } = record({ LOG_FORMAT: 'json' });
  log.child({ sync: 'purchases' }).warn({ waitMs: 5 }, 'Braze asked us to slow down.');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/\n$/);
  expect(JSON.parse(lines.join(''))).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    sync: 'purchases',
    waitMs: 5,
    msg: 'Braze asked us to slow down.',
  });
});

test('a pretty line is for people', () => {
  const { log, lines } = record({ LOG_FORMAT: 'pretty' });
  log.info({ sync: 'purchases' }, 'Started.');
  expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: Started\.\n\s+sync: "purchases"\n$/);
});

test('what is below the level is not written', () => {
  const { log, lines } = record({ LOG_FORMAT: 'json', LOG_LEVEL: 'error' });
  log.warn('Nothing.');
  log.error('Something.');
  expect(lines).toHaveLength(1);
});

test('an error is written with its cause', () => {
  const { log, lines } = record({ LOG_FORMAT: 'json' });
  log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'It failed.');
  expect(JSON.parse(lines.join(''))).toMatchObject({ err: { message: 'outer', cause: { message: 'inner' } } });
});

test('a field that holds a secret by its name is masked at any depth, and its neighbours are not', () => {
  const { log, lines } = record({ LOG_FORMAT: 'json' });
  const request = { headers: { Authorization: 'Bearer S3S', accept: '*/*' }, config: [{ apiKey: 'S3S', tokens: 3 }] };
  log.info({ request, NATS_TOKEN: 'S3S', password: { is: 'S3S' } }, 'Asked.');
  expect(lines.join('')).not.toContain('S3S');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    request: { headers: { accept: '*/*' }, config: [{ tokens: 3 }] },
  });
});

test('a known secret is masked wherever it stands, from the moment it is known', () => {
  const secrets = new Set<string>();
  const { log, lines } = record({ LOG_FORMAT: 'json', NATS_TOKEN: 'nats-token' }, secrets);
  secrets.add('braze"key');
  const err = new Error('Invalid API key: braze"key', { cause: new Error('nats-token') });
  log.error({ err, answer: { message: ['braze"key'] } }, 'Refused: braze"key');
  expect(lines.join('')).not.toMatch(/braze|nats-token/);
  expect(JSON.parse(lines.join(''))).toMatchObject({ answer: { message: ['[redacted]'] }, msg: 'Refused: [redacted]' });
});

test('a secret that looks like a part of the line does not break it', () => {
  const secrets = new Set(['info', '"', '20', ':']);
  const { log, lines } = record({ LOG_FORMAT: 'json' }, secrets);
  log.info({ status: 2020 }, 'Fine: "20".');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    status: 2020,
    msg: 'Fine[redacted] [redacted][redacted][redacted].',
  });
});

test('redacted text holds no secret', () => {
  const secret = fc.string({ minLength: 1, unit: fc.constantFrom('x', 'y', '$', '&') });
  fc.assert(
    fc.property(fc.array(secret), fc.string(), (secrets, filling) => {
      const text = redact([filling, ...secrets].join(filling), secrets);
      for (const secret of secrets) expect(text).not.toContain(secret);
    }),
  );
});
