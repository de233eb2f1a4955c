/**
 * What a deployment sets from outside: the only reader of the environment. What a sync does is in its rule file.
 */
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from './core/errors.ts';
import { hideUserinfo, parseAddress } from './nats/address.ts';

/** Variables and their values, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Settings = ReturnType<typeof settingsOf>;

/** One variable, for `--help` and for the docs. */
export interface SettingInfo {
  readonly name: string;
  readonly description: string;
  /** As text. Absent when there is none, or when the description tells it. */
  readonly default?: string;
  /** What it may be, if that is a list. */
  readonly choices?: readonly string[];
  /** Whether its value must not be shown. */
  readonly secret: boolean;
}

/**
 * Reads the settings. A variable that is set to nothing counts as not set. Throws a UsageError that names every
 * variable that is wrong, with its value unless that is secret, and what it should be.
 */
export function readSettings(env: Environment = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = variables.safeParse(given);
  const issues = parsed.error?.issues.map(({ path, message }): Problem => [String(path[0]), message]) ?? [];
  const problems = [...issues, ...conflicts(given)];
  if (parsed.success && problems.length === 0) return settingsOf(parsed.data);

  const lines = problems.map(([name, message]) => `  ${name}=${shown(name, given[name])}: ${message}`);
  throw new UsageError(
    `The environment is wrong:\n${[...new Set(lines)].join('\n')}\nMend or unset what is named here.`,
  );
}

/** A copy of the environment, for `${…}` in rules and for child processes, so that nothing else reads `process.env`. */
export function copyEnvironment(): Environment {
  return { ...process.env };
}

const wholeNumber = (max: number) => {
  const error = `expected a whole number from 0 to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(0, { error }).max(max, { error });
};

const oneOf = <const T extends readonly string[]>(choices: T) =>
  z.enum(choices, { error: `expected one of ${choices.join(', ')}` });

const natsUrls = z
  .string()
  .default('nats://127.0.0.1:4222')
  .transform((text, context) => {
    const urls = text.split(',').map((url) => url.trim());
    for (const url of urls) {
      try {
        parseAddress(url);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    }
    return urls;
  });

/** A stream's name may hold no blank and none of these (docs.nats.io/nats-concepts/jetstream/streams). */
const streamName = z
  .string()
  .regex(/^[^\s.*>/\\]{1,255}$/, { error: 'expected a stream name: no blanks and none of . * > / \\' });

/** `KEY=STREAM`, separated by commas. An error must not repeat a key. */
const gatewayKeys = z.string().transform((text, context): ReadonlyMap<string, string> => {
  const keys = new Map<string, string>();
  for (const [index, pair] of text.split(',').entries()) {
    const [key = '', stream = '', ...rest] = pair.trim().split('=');
    if (key !== '' && rest.length === 0 && /^[\w-]{1,255}$/.test(stream) && !keys.has(key)) keys.set(key, stream);
    else {
      const message = `expected KEY=STREAM, separated by commas, each key once, a stream of letters, digits, _ and -; see number ${index + 1}`;
      context.addIssue({ code: 'custom', message });
    }
  }
  return keys;
});

const variables = z.object({
  NATS_URL: natsUrls.describe(
    'NATS servers, separated by commas. `tls://` demands TLS; a user and password, or a token, may stand before an `@`.',
  ),
  NATS_CREDS: z.string().optional().describe('Path of a credentials file (JWT and seed), as `nsc` writes it.'),
  NATS_USER: z.string().optional().describe('User name.'),
  NATS_PASSWORD: z.string().optional().meta({ secret: true }).describe('Password of NATS_USER.'),
  NATS_TOKEN: z.string().optional().meta({ secret: true }).describe('Token, for servers that ask for one.'),
  NATS_NKEY: z.string().optional().describe('Path of a file that holds an NKey seed.'),
  NATS_TLS_CA: z
    .string()
    .optional()
    .describe('Path of the CA certificate of the servers (PEM), if it is not a public one.'),
  NATS_TLS_CERT: z.string().optional().describe('Path of the client certificate (PEM), for servers that ask for one.'),
  NATS_TLS_KEY: z.string().optional().describe('Path of the key of NATS_TLS_CERT (PEM).'),
  NATS_SERVER: z
    .string()
    .optional()
    .describe('Path of the nats-server program that `demo` and the tests start. Found or fetched if not set.'),
  SLUICE_CACHE: z
    .string()
    .optional()
    .describe("Where a fetched nats-server is kept: `.cache` in a checkout, else `sluice` in the user's cache folder."),
  SLUICE_RULES: z.string().default('rules').describe('Folder of the rule files.'),
  SLUICE_HTTP_HOST: z.string().default('127.0.0.1').describe('Address on which health and metrics are served.'),
  // The port of OpenTelemetry's exporters for Prometheus. On 8222 a nats-server beside us would have its own monitor.
  SLUICE_HTTP_PORT: wholeNumber(65_535).default(9464).describe('Port of health and metrics; 0 takes any free one.'),
  SLUICE_DRAIN_MS: wholeNumber(3_600_000)
    .default(25_000)
    .describe(
      'How long a stop waits for what is in flight, in ms. The default fits into the 30 s that Kubernetes gives.',
    ),
  SLUICE_DEAD_LETTERS: streamName.default('SLUICE_DEAD_LETTERS').describe('Stream of what could not be delivered.'),
  SLUICE_DEAD_LETTERS_MAX_DAYS: wholeNumber(36_500)
    .optional()
    .describe(
      'How long a dead letter is kept, in days; 0 for ever. If not set, 30 for a stream that `run` makes, and as it is ' +
        'for one that exists.',
    ),
  SLUICE_DEAD_LETTERS_MAX_MB: wholeNumber(1_000_000_000)
    .optional()
    .describe(
      'How much the dead letters may take, in MiB; 0 for no limit. A full stream refuses new letters, so that syncs ' +
        'come to a stand rather than lose events. If not set, 1024 for a stream that `run` makes, and as it is for one ' +
        'that exists.',
    ),
  SLUICE_REPLICAS: wholeNumber(5)
    .min(1, { error: 'expected a whole number from 1 to 5' })
    .default(1)
    .describe(
      'How many servers of a NATS cluster hold the stream of dead letters and the states of users, when they are made: ' +
        '3 in production. Those that exist are left as they are.',
    ),
  SLUICE_ACK_WAIT_MS: wholeNumber(3_600_000)
    .min(1_000, { error: 'expected at least 1000' })
    .default(10_000)
    .describe(
      'How long JetStream waits for a sign of life before it delivers a message again, in ms. An engine that takes over ' +
        'from one that crashed waits so long.',
    ),
  SLUICE_STATE_CACHE: wholeNumber(10_000_000)
    .default(100_000)
    .describe("How many users' states each sync that sends users keeps at hand; the others are read when needed."),
  SLUICE_GATEWAY_HOST: z.string().default('127.0.0.1').describe('Address on which the gateway takes events.'),
  SLUICE_GATEWAY_PORT: wholeNumber(65_535).default(8080).describe('Port of the gateway; 0 takes any free one.'),
  SLUICE_GATEWAY_KEYS: gatewayKeys
    .optional()
    .meta({ secret: true })
    .describe(
      'Amplitude API keys that the gateway takes, each with the stream of its project: `KEY=STREAM`, separated by commas. ' +
        'The subjects of a stream begin with its name in lower case: those of `EVENTS` with `events.`.',
    ),
  SLUICE_GATEWAY_PARTITIONS: wholeNumber(1_024)
    .min(1, { error: 'expected at least 1' })
    .default(16)
    .describe(
      "Over how many partitions, the second token of the subject, users are spread. A change moves users, so that their events' order is not kept across it.",
    ),
  SLUICE_GATEWAY_LAYOUT: oneOf(['event', 'packed'])
    .default('event')
    .describe(
      'How the gateway stores events: `event` as a message each; `packed` those of a request that share a partition as one, which is cheaper, but a consumer cannot choose them by type.',
    ),
  SLUICE_GATEWAY_MAX_BYTES: wholeNumber(8_000_000_000)
    .default(64 * 1_024 * 1_024)
    .describe('Memory for requests that the gateway has not answered yet, in bytes; above it it answers 429.'),
  SLUICE_GATEWAY_TRUST_PROXY: oneOf(['true', 'false'])
    .default('false')
    .describe('Whether `X-Forwarded-For` says who sends, for `"ip": "$remote"`. Only behind a proxy that sets it.'),
  SLUICE_CURRENTS_TOKEN: z
    .string()
    .regex(/^\S+$/, { error: 'expected a token without blanks' })
    .optional()
    .meta({ secret: true })
    .describe('Bearer token of Braze Currents. The gateway serves `/currents` when it is set.'),
  SLUICE_CURRENTS_STREAM: streamName.default('CURRENTS').describe("Stream of Braze's events."),
  SLUICE_STREAM_REPLICAS: wholeNumber(5)
    .min(1, { error: 'expected at least 1' })
    .default(1)
    .describe(
      'Replicas of a stream that the gateway makes. This and the next three leave a stream that is there alone.',
    ),
  SLUICE_STREAM_MAX_AGE_MS: wholeNumber(10 * 365 * 86_400_000)
    .default(7 * 86_400_000)
    .describe('How long the stream keeps messages, delivered or not, in ms; 0 is for ever.'),
  SLUICE_STREAM_MAX_BYTES: wholeNumber(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Size at which the stream takes nothing more, so that the gateway answers 503; 0 is no limit.'),
  SLUICE_STREAM_DUPLICATE_WINDOW_MS: wholeNumber(7 * 86_400_000)
    .min(100, { error: 'expected at least 100' })
    .default(120_000)
    .describe(
      'For how long the stream knows an event again by its device and `insert_id`, in ms. It costs memory in NATS.',
    ),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least level that is logged.'),
  LOG_FORMAT: oneOf(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('How log lines look; `auto` is `pretty` on a terminal and `json` elsewhere.'),
});

/** Every setting, in the order of the docs. */
export const settingsTable: readonly SettingInfo[] = describeVariables();

function describeVariables(): SettingInfo[] {
  const { properties = {} } = z.toJSONSchema(variables, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', default: value, enum: choices, secret } = typeof property === 'object' ? property : {};
    return {
      name,
      description,
      ...(value !== undefined && { default: typeof value === 'string' ? value : JSON.stringify(value) }),
      ...(choices !== undefined && { choices: choices.map(String) }),
      secret: secret === true,
    };
  });
}

const secretNames = new Set(settingsTable.filter(({ secret }) => secret).map(({ name }) => name));

function shown(name: string, value = ''): string {
  return secretNames.has(name) ? '[redacted]' : JSON.stringify(hideUserinfo(value));
}

type Problem = readonly [name: string, message: string];

function* conflicts(given: Environment): Iterable<Problem> {
  const has = (name: string) => given[name] !== undefined;
  if (has('NATS_PASSWORD') && !has('NATS_USER')) yield ['NATS_PASSWORD', 'needs NATS_USER'];
  if (has('NATS_TLS_CERT') && !has('NATS_TLS_KEY')) yield ['NATS_TLS_CERT', 'needs NATS_TLS_KEY'];
  if (has('NATS_TLS_KEY') && !has('NATS_TLS_CERT')) yield ['NATS_TLS_KEY', 'needs NATS_TLS_CERT'];
  const [first, ...others] = ['NATS_CREDS', 'NATS_NKEY', 'NATS_TOKEN', 'NATS_USER'].filter(has);
  for (const name of others) yield [name, `cannot be set beside ${first}: choose one way to say who connects`];
}

function settingsOf(from: z.infer<typeof variables>) {
  const userinfo = from.NATS_URL.map(parseAddress).flatMap(({ password, token }) => [password, token]);
  return {
    nats: {
      urls: from.NATS_URL,
      creds: from.NATS_CREDS,
      user: from.NATS_USER,
      password: from.NATS_PASSWORD,
      token: from.NATS_TOKEN,
      nkey: from.NATS_NKEY,
      tls: { ca: from.NATS_TLS_CA, cert: from.NATS_TLS_CERT, key: from.NATS_TLS_KEY },
    },
    /** Path of a nats-server program. */
    natsServer: from.NATS_SERVER,
    /** An absolute path. */
    cacheDir: resolve(from.SLUICE_CACHE ?? defaultCache()),
    rules: from.SLUICE_RULES,
    http: { host: from.SLUICE_HTTP_HOST, port: from.SLUICE_HTTP_PORT },
    drainMs: from.SLUICE_DRAIN_MS,
    /** The name of a stream. */
    deadLetters: from.SLUICE_DEAD_LETTERS,
    /** What is undefined is not set. */
    deadLetterLimits: {
      maxAgeMs: times(from.SLUICE_DEAD_LETTERS_MAX_DAYS, 86_400_000),
      maxBytes: times(from.SLUICE_DEAD_LETTERS_MAX_MB, 1_048_576),
    },
    replicas: from.SLUICE_REPLICAS,
    ackWaitMs: from.SLUICE_ACK_WAIT_MS,
    stateCache: from.SLUICE_STATE_CACHE,
    gateway: {
      host: from.SLUICE_GATEWAY_HOST,
      port: from.SLUICE_GATEWAY_PORT,
      keys: from.SLUICE_GATEWAY_KEYS ?? new Map<string, string>(),
      partitions: from.SLUICE_GATEWAY_PARTITIONS,
      layout: from.SLUICE_GATEWAY_LAYOUT,
      maxBytes: from.SLUICE_GATEWAY_MAX_BYTES,
      trustProxy: from.SLUICE_GATEWAY_TRUST_PROXY === 'true',
      currents:
        from.SLUICE_CURRENTS_TOKEN === undefined
          ? undefined
          : { token: from.SLUICE_CURRENTS_TOKEN, stream: from.SLUICE_CURRENTS_STREAM },
      streams: {
        replicas: from.SLUICE_STREAM_REPLICAS,
        maxAgeMs: from.SLUICE_STREAM_MAX_AGE_MS,
        maxBytes: from.SLUICE_STREAM_MAX_BYTES,
        duplicateWindowMs: from.SLUICE_STREAM_DUPLICATE_WINDOW_MS,
      },
    },
    log: { level: from.LOG_LEVEL, format: from.LOG_FORMAT },
    /** Every value above that must not be shown. */
    secrets: [
      from.NATS_PASSWORD,
      from.NATS_TOKEN,
      from.SLUICE_CURRENTS_TOKEN,
      ...(from.SLUICE_GATEWAY_KEYS?.keys() ?? []),
      ...userinfo,
    ].filter((value) => value !== undefined),
  } as const;
}

function times(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value * unit;
}

function defaultCache(): string {
  const root = resolve(import.meta.dirname, '..');
  const installed = root.includes(`${sep}node_modules${sep}`);
  return installed ? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice') : join(root, '.cache');
}
