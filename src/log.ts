import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Settings } from './settings.ts';

export type Log = Logger;

/**
 * The root logger. It writes to stderr, for stdout is for data: JSON lines, or readable ones on a terminal.
 *
 * @param secrets values that must not be shown, wherever they stand; more may be added to the set at any time.
 *   Those of the settings are known already.
 * @param destination where the lines go instead of stderr
 */
export function createLog(
  settings: Pick<Settings, 'log' | 'secrets'>,
  secrets: ReadonlySet<string> = new Set(),
  destination: DestinationStream = stderr(),
): Log {
  const { level, format } = settings.log;
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.errWithCause },
      hooks: { streamWrite: (line) => redactLine(line, [...settings.secrets, ...secrets]) },
    },
    pretty ? prettified(destination) : destination,
  );
}

const mask = '[redacted]';

/** The text with every secret in it masked. For words that come from outside: Braze's 401 repeats the key it refuses. */
export function redact(text: string, secrets: Iterable<string>): string {
  // Longest first, or the rest of a secret that begins with another would be left.
  const known = [...secrets].filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  return known.reduce((redacted, secret) => redacted.replaceAll(secret, mask), text);
}

/** Written at once, so that the last words before an end are not lost. */
function stderr(): DestinationStream {
  return pino.destination({ dest: 2, sync: true });
}

function prettified(destination: DestinationStream): DestinationStream {
  const colorize = process.stderr.isTTY && process.stderr.hasColors();
  const prettify = prettyFactory({ colorize, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => destination.write(prettify(line)) };
}

/** Fields that hold a secret by their name, at any depth: pino's own paths would have to name each place. */
const secretField =
  /(?:authorization|cookie|api[-_]?key|password|passwd|secret|token|creds|credentials|nkey|seed|jwt)$/i;
const mayHoldSecretField = new RegExp(String.raw`${secretField.source.replace('$', '')}"\s*:`, 'i');

/** Lines are parsed only when they may hold a secret, which is rare. */
function redactLine(line: string, secrets: readonly string[]): string {
  const written = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  if (!mayHoldSecretField.test(line) && !written.some((secret) => secret !== '' && line.includes(secret))) return line;
  const redacted = JSON.stringify(JSON.parse(line), (name, value: unknown) => {
    if (secretField.test(name) && value !== null && typeof value !== 'boolean') return mask;
    return typeof value === 'string' ? redact(value, secrets) : value;
  });
  return `${redacted}\n`;
}
