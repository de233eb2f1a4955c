/** Rules whose destination is Amplitude: what they may say, what they become, and what they would send. */
import { expect, test } from 'vitest';
import { dryRun } from '../../src/syncs/dry-run.ts';
import { amplitudeSyncSchema } from '../../src/syncs/schema.ts';
import { resolveSync } from '../../src/syncs/sync.ts';
import { load, rule } from './rule-folder.ts';

const env = { AMPLITUDE_API_KEY: 'a-secret-key', BRAZE_API_KEY: 'f3c1-key' };

/** A rule with the given last lines, and nothing wrong in the lines before: they begin on line 4. */
function back(rest: string, destination = 'type: amplitude, apiKey: "${AMPLITUDE_API_KEY}"'): string {
  return `name: back\ndestination: { ${destination} }\n#\n${rest}\n`;
}

const all = 'events: { select: ["*"] }';

async function problems(text: string): Promise<readonly string[]> {
  const { lines } = await load({ 'a.yaml': text }, { env });
  return lines;
}

test('a rule of a few lines becomes a sync with the defaults of the way back', async () => {
  const { syncs, lines } = await load({ 'a.yaml': back(all) }, { env });
  expect(lines).toEqual([]);
  expect(syncs).toMatchObject([
    {
      source: { stream: 'CURRENTS', subjects: 'currents.>', start: 'new' },
      destination: {
        type: 'amplitude',
        endpoint: 'https://api2.amplitude.com',
        apiKey: 'a-secret-key',
        api: 'httpapi',
      },
      events: { select: [{ event: '*' }], properties: [{ kind: 'all' }], echoes: 'drop' },
      users: { send: false },
      batch: { maxObjects: 100 },
      delivery: { rateLimit: { requests: 100, perMs: 1_000 } },
    },
  ]);
});

test.for([
  ['region: us', 'https://api2.amplitude.com'],
  ['region: eu', 'https://api.eu.amplitude.com'],
  ['endpoint: "http://127.0.0.1:8081"', 'http://127.0.0.1:8081'],
])('%s leads to %s', async ([where, origin]) => {
  const { syncs } = await load({ 'a.yaml': back(all, `type: amplitude, apiKey: k, ${where}`) }, { env });
  expect(syncs[0]?.destination.endpoint).toBe(origin);
});

test.for<[destination: string, line: string]>([
  ['type: amplitude, apiKey: k, region: mars', 'region: takes us, eu, not "mars"'],
  [
    'type: amplitude, apiKey: k, region: us, endpoint: "https://x.example"',
    'region: says one host and endpoint another',
  ],
  [
    'type: amplitude, apiKey: k, endpoint: "http://x.example"',
    'endpoint: "http://x.example" would send the key unencrypted',
  ],
  ['type: amplitude, apiKey: k, endpoint: US-01', 'endpoint: "US-01" is no URL; write https://<host>'],
  ['type: amplitude, apiKey: k, appId: x', "`appId` is for destination.type: braze, and this sync's is amplitude"],
  ['type: amplitude, apiKey: "a b"', 'apiKey: holds a blank'],
  ['type: amplitud, apiKey: k', 'takes braze, amplitude, not "amplitud"; did you mean amplitude?'],
])('%s is refused', async ([destination, line]) => {
  expect((await problems(back(all, destination))).join('\n')).toContain(line);
});

test('what makes sense for Braze alone is refused by name, at its place', async () => {
  expect(await problems(back(`identifier: { property: user_id }\nusers: { properties: [plan] }\n${all}`))).toEqual([
    "a.yaml:4:1: identifier: `identifier` is for destination.type: braze, and this sync's is amplitude; leave it out",
    "a.yaml:5:1: users: `users` is for destination.type: braze, and this sync's is amplitude; leave it out",
  ]);
});

test('what makes sense for Amplitude alone is refused in a rule for Braze', async () => {
  const text = rule(all).replace('type: braze', 'type: braze, names: plain');
  expect(await problems(text)).toEqual([
    "a.yaml:2:29: destination.names: `names` is for destination.type: amplitude, and this sync's is braze; leave it out",
  ]);
});

test('properties are those of Currents events', async () => {
  const lines = await problems(
    back(
      'events: { select: ["*"], properties: ["*", event_properties.x, propertys.y, user, {from: "*", as: all}, {from: user.timezone, as: tz}] }',
    ),
  );
  expect(lines).toEqual([
    expect.stringContaining(
      'events.properties[1]: "event_properties.x" is no property of events; write properties.<name>',
    ),
    expect.stringContaining(
      'events.properties[2]: "propertys.y" is no property of events; did you mean `properties.<name>`?',
    ),
    expect.stringContaining('events.properties[3]: "user" names no property; write user.<name>'),
    expect.stringContaining('events.properties[4].from: "*" is no property of events'),
  ]);
});

test('a rule has to say what is sent', async () => {
  expect(await problems(back(''))).toEqual([expect.stringContaining('events: is missing')]);
  expect(await problems(back('events: {}'))).toEqual([expect.stringContaining('events.select: no event is selected')]);
});

test.for<[text: string, line: string]>([
  [
    back('events: { select: ["*"], echoes: send }'),
    'a.yaml:4:26: events.echoes: opens a loop: what Amplitude has sent',
  ],
  [rule('events: { select: ["*"], echoes: send }'), 'a.yaml:4:26: events.echoes: opens a loop: what Braze has told'],
  [
    back('events: { select: [users.behaviors.Purchase] }'),
    'a.yaml:4:20: events.select[0]: is not sent: it may come from',
  ],
  [
    rule('events: { select: ["[Appboy] Email Open"] }'),
    'a.yaml:4:20: events.select[0]: is not sent: it comes from Braze',
  ],
  [
    rule('events: { select: [{ event: "[Appboy] X", where: "$exists(user_id)" }] }'),
    'events.select[0].event: is not sent',
  ],
])('%s: check tells of the loop, as a warning', async ([text, line]) => {
  const { lines, problems: found } = await load({ 'a.yaml': text }, { env });
  expect(lines).toEqual([expect.stringContaining(line)]);
  expect(found).toMatchObject([{ severity: 'warning' }]);
});

const events = [
  { event_type: 'users.messages.email.Open', id: 'a', time: 1, user: { external_user_id: 'u1' }, properties: { x: 1 } },
  { event_type: 'users.behaviors.CustomEvent', id: 'b', time: 2, user: { device_id: 'd1' }, properties: { name: 'V' } },
  { event_type: 'users.messages.email.Send', id: 'c', time: 3, user: { user_id: 'braze-1' }, properties: {} },
];

async function tryOut(rest: Readonly<Record<string, unknown>>) {
  const destination = { type: 'amplitude', apiKey: 'a-secret-key' };
  const file = amplitudeSyncSchema.parse({ name: 'back', destination, events: { select: ['*'] }, ...rest });
  return await dryRun(
    resolveSync('back.yaml', file, undefined),
    events.map((event) => Buffer.from(JSON.stringify(event))),
  );
}

test('a dry run shows the body without the key, and what becomes of each event', async () => {
  const { requests, outcomes } = await tryOut({});
  expect(requests.map((body): unknown => JSON.parse(body))).toEqual([
    {
      events: [
        {
          user_id: 'u1',
          insert_id: 'a',
          library: 'Braze',
          event_type: '[Appboy] Email Open',
          time: 1_000,
          event_properties: { x: 1 },
        },
      ],
    },
  ]);
  expect(outcomes).toMatchObject([
    { outcome: 'delivered' },
    { outcome: 'filtered' },
    { outcome: 'discarded', reason: 'unresolved_identifier', detail: expect.stringContaining('user.external_user_id') },
  ]);
});

test('echoes are sent if the rule asks for them, and only the named properties if it names some', async () => {
  const select = { select: ['users.behaviors.CustomEvent'], echoes: 'send' };
  const { requests } = await tryOut({ events: { ...select, properties: [{ from: 'properties.name', as: 'called' }] } });
  expect(requests.map((body): unknown => JSON.parse(body))).toMatchObject([
    { events: [{ event_type: '[Appboy] [Custom Event] V', device_id: 'd1', event_properties: { called: 'V' } }] },
  ]);
});
