import { expect, test } from 'vitest';
import { UsageError } from '../src/core/errors.ts';
import { copyEnvironment, readSettings, settingsTable } from '../src/settings.ts';

test('with nothing set, the defaults are those of a machine that runs everything', () => {
  expect(readSettings({})).toMatchObject({
    nats: { urls: ['nats://127.0.0.1:4222'] },
    rules: 'rules',
    http: { host: '127.0.0.1', port: 9464 },
    drainMs: 25_000,
    deadLetters: 'SLUICE_DEAD_LETTERS',
    log: { level: 'info', format: 'auto' },
    secrets: [],
  });
});

test('what is set is read, with its type', () => {
  const settings = readSettings({
    NATS_URL: 'nats://a:4222, tls://b:4222',
    NATS_USER: 'ada',
    NATS_PASSWORD: 'p',
    SLUICE_HTTP_PORT: '0',
    SLUICE_DRAIN_MS: '1000',
    LOG_LEVEL: 'debug',
    UNRELATED: 'x',
  });
  expect(settings).toMatchObject({
    nats: { urls: ['nats://a:4222', 'tls://b:4222'], user: 'ada', password: 'p' },
    http: { port: 0 },
    drainMs: 1000,
    log: { level: 'debug' },
  });
});

test('a variable that is set to nothing counts as not set', () => {
  const empty = Object.fromEntries(settingsTable.map(({ name }) => [name, '']));
  expect(readSettings(empty)).toEqual(readSettings({}));
});

test('every variable that is wrong is named with its value and what it should be', () => {
  const reading = () =>
    readSettings({ SLUICE_HTTP_PORT: '80x', SLUICE_DRAIN_MS: '-1', LOG_LEVEL: 'loud', SLUICE_DEAD_LETTERS: 'a.b' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow(
    [
      'The environment is wrong:',
      '  SLUICE_HTTP_PORT="80x": expected a whole number from 0 to 65535',
      '  SLUICE_DRAIN_MS="-1": expected a whole number from 0 to 3600000',
      '  SLUICE_DEAD_LETTERS="a.b": expected a stream name: no blanks and none of . * > / \\',
      '  LOG_LEVEL="loud": expected one of trace, debug, info, warn, error, fatal, silent',
      'Mend or unset what is named here.',
    ].join('\n'),
  );
});

test.each([
  [{ SLUICE_HTTP_PORT: '65536' }, 'from 0 to 65535'],
  [{ SLUICE_HTTP_PORT: '80.5' }, 'from 0 to 65535'],
  [{ NATS_URL: 'nats://a:1, ws://b:2' }, 'begins with ws://'],
  [{ NATS_URL: 'nats://a:1,' }, 'not a NATS URL'],
  [{ NATS_PASSWORD: 'p' }, 'needs NATS_USER'],
  [{ NATS_TLS_CERT: 'c' }, 'needs NATS_TLS_KEY'],
  [{ NATS_TLS_KEY: 'k' }, 'needs NATS_TLS_CERT'],
  [{ NATS_CREDS: 'c', NATS_TOKEN: 't' }, 'cannot be set beside NATS_CREDS'],
])('%j is refused: %s', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});

test('an error shows no secret', () => {
  const reading = () =>
    readSettings({ NATS_URL: 'ws://ada:S3S@b', NATS_PASSWORD: 'S3S', NATS_TOKEN: 'S3S', NATS_CREDS: 'c' });
  expect(reading).toThrow('[redacted]');
  expect(reading).not.toThrow('S3S');
});

test('the secrets are listed, those in URLs too', () => {
  const { secrets } = readSettings({ NATS_URL: 'nats://ada:one@a', NATS_USER: 'bob', NATS_PASSWORD: 'two' });
  expect(secrets).toEqual(expect.arrayContaining(['one', 'two']));
});

test('the table describes every setting and marks the secret ones', () => {
  for (const { description } of settingsTable) expect(description).toMatch(/\.$/);
  expect(settingsTable.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
    'NATS_PASSWORD',
    'NATS_TOKEN',
    'SLUICE_GATEWAY_KEYS',
    'SLUICE_CURRENTS_TOKEN',
  ]);
  expect(settingsTable).toContainEqual({
    name: 'SLUICE_HTTP_PORT',
    description: 'Port of health and metrics; 0 takes any free one.',
    default: '9464',
    secret: false,
  });
});

test('each default of the table is what is read when the variable is not set', () => {
  const defaults = Object.fromEntries(settingsTable.map(({ name, default: value }) => [name, value]));
  expect(readSettings(defaults)).toEqual(readSettings({}));
});

test('the copy of the environment is not the environment', () => {
  const copy = copyEnvironment();
  expect(copy).toEqual(process.env);
  expect(copy).not.toBe(process.env);
});
