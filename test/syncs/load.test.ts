import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, UsageError } from '../../src/core/errors.ts';
import { loadSyncForDryRun, loadSyncs, loadSyncsOrThrow } from '../../src/syncs/load.ts';
import { env, load, rule, ruleFolder } from './rule-folder.ts';

const selectAll = 'events: { select: ["*"] }';

const everything = `
name: purchases                    # also the durable consumer's name
enabled: true
source:                            # optional; these are the defaults
  stream: EVENTS
  subjects: events.>
  start: new                       # new | all | an ISO 8601 time; only when the consumer is first made
destination:
  type: braze
  endpoint: https://rest.iad-01.braze.com   # or an instance's name: US-01 … KR-01
  apiKey: \${BRAZE_API_KEY}         # environment, in scalar values only, after parsing
  appId: \${BRAZE_APP_ID}
  userAliasLabel: amplitude_id     # required exactly when identifier.type is user_alias
  updateUsersOnly: false
identifier:
  property: user_id                # user_id | device_id | amplitude_id | user_properties.<name>
  type: user_alias                 # external_id | braze_id | user_alias | email
events:
  send: true
  select:                          # rows are alternatives; "*" is All Events
    - Purchase
    - event: Song Played
      where: event_properties.plays > 3
  filter: $exists($identifier)     # JSONata over the event; $identifier is the resolved Braze identifier
  properties:                      # nothing is sent that is not named here
    - event_properties.price
    - user_properties.plan
    - { from: event_properties.url, as: page_url }
    - { expr: event_properties.price * event_properties.quantity, as: total }
users:
  send: true
  properties: [plan, lifetime_value]
  content: changed                 # changed | selected
batch: { maxWaitMs: 1000, maxObjects: 75 }
delivery: { concurrency: 16, order: user, rateLimit: { requests: 3000, perMs: 3000 }, giveUpAfterMs: null }
`;

test('a rule that sets everything becomes a sync', async () => {
  const { syncs, lines } = await load({ 'purchases.yaml': everything });
  expect(lines).toEqual([]);
  expect(syncs).toEqual([
    {
      file: expect.stringMatching(/purchases\.yaml$/),
      name: 'purchases',
      enabled: true,
      source: { stream: 'EVENTS', subjects: 'events.>', start: 'new' },
      destination: {
        type: 'braze',
        endpoint: 'https://rest.iad-01.braze.com',
        apiKey: 'f3c1-key',
        appId: 'app-1',
        identifierType: 'user_alias',
        userAliasLabel: 'amplitude_id',
        updateUsersOnly: false,
      },
      identifier: { property: 'user_id' },
      events: {
        send: true,
        select: [{ event: 'Purchase' }, { event: 'Song Played', where: 'event_properties.plays > 3' }],
        filter: '$exists($identifier)',
        properties: [
          { kind: 'reference', from: 'event_properties.price', as: 'price' },
          { kind: 'reference', from: 'user_properties.plan', as: 'plan' },
          { kind: 'reference', from: 'event_properties.url', as: 'page_url' },
          { kind: 'expression', expr: 'event_properties.price * event_properties.quantity', as: 'total' },
        ],
        echoes: 'drop',
      },
      users: { send: true, properties: ['plan', 'lifetime_value'], content: 'changed', afterCrash: 'resend' },
      batch: { maxWaitMs: 1000, maxObjects: 75 },
      delivery: { concurrency: 16, order: 'user', rateLimit: { requests: 3000, perMs: 3000 }, giveUpAfterMs: null },
    },
  ]);
});

test('a rule that sets the least has the documented defaults', async () => {
  const { syncs } = await load({ 'a.yaml': rule(selectAll) });
  expect(syncs[0]).toMatchObject({
    enabled: true,
    source: { stream: 'EVENTS', subjects: 'events.>', start: 'new' },
    destination: { endpoint: 'https://rest.iad-01.braze.com', identifierType: 'external_id', updateUsersOnly: false },
    identifier: { property: 'user_id' },
    events: { send: true, select: [{ event: '*' }], properties: [] },
    users: { send: false, properties: [], content: 'changed', afterCrash: 'resend' },
    batch: { maxWaitMs: 1000, maxObjects: 75 },
    delivery: { concurrency: 16, order: 'user', rateLimit: { requests: 3000, perMs: 3000 }, giveUpAfterMs: null },
  });
});

test('a setting of a group leaves the others of the group at their defaults', async () => {
  const { syncs } = await load({ 'a.yaml': rule(`${selectAll}\ndelivery: { rateLimit: { requests: 10 } }`) });
  expect(syncs[0]?.delivery).toMatchObject({ concurrency: 16, rateLimit: { requests: 10, perMs: 3000 } });
});

test('a start at a time is that moment, whatever its zone', async () => {
  const { syncs } = await load({ 'a.yaml': rule(`${selectAll}\nsource: { start: 2026-01-31T10:00:00+01:00 }`) });
  expect(syncs[0]?.source.start).toEqual(new Date('2026-01-31T09:00:00Z'));
});

test('users alone may be sent', async () => {
  const { syncs, lines } = await load({ 'a.yaml': rule('users: { properties: [plan] }') });
  expect(lines).toEqual([]);
  expect(syncs[0]).toMatchObject({ events: { send: false }, users: { send: true, properties: ['plan'] } });
});

test('a rule may be JSON', async () => {
  const json = JSON.stringify(
    { name: 'a', destination: { type: 'braze', endpoint: 'EU-01', apiKey: 'k' }, events: { select: ['*'] } },
    null,
    '\t',
  );
  const { syncs, lines } = await load({ 'a.json': json });
  expect(lines).toEqual([]);
  expect(syncs[0]?.destination.endpoint).toBe('https://rest.fra-01.braze.eu');
});

test('aliases and merged mappings are followed', async () => {
  const { syncs, lines } = await load({
    'a.yaml': rule(`events:
  select:
    - { event: Purchase, where: &paid event_properties.price > 0 }
    - { event: Renewal, where: *paid }
delivery: { rateLimit: { <<: { requests: 7, perMs: 8 }, perMs: 100 } }`),
  });
  expect(lines).toEqual([]);
  expect(syncs[0]).toMatchObject({
    events: {
      select: [
        { event: 'Purchase', where: 'event_properties.price > 0' },
        { event: 'Renewal', where: 'event_properties.price > 0' },
      ],
    },
    delivery: { rateLimit: { requests: 7, perMs: 100 } },
  });
});

test('a folder stands for the rules in it and below, and for nothing else', async () => {
  const { files, lines } = await load({
    'b.yaml': rule(selectAll, 'b'),
    'a.yml': rule(selectAll, 'a'),
    'team/c.json': JSON.stringify({
      name: 'c',
      enabled: false,
      destination: { type: 'braze', endpoint: 'US-02', apiKey: 'k' },
    }),
    'b.test.yaml': 'not: a rule',
    'sync.schema.json': '{}',
    'README.md': '# not a rule',
    'filters/all.jsonata': 'true',
    '.hidden/d.yaml': 'not: read',
  });
  expect(files).toEqual(['a.yml', 'b.yaml', 'team/c.json']);
  expect(lines).toEqual([]);
});

test('a link to a rule is followed, as in a mounted ConfigMap', async () => {
  await using folder = await ruleFolder({ '..data/a.yaml': rule(selectAll) });
  await symlink(join('..data', 'a.yaml'), join(folder.path, 'a.yaml'));
  const { syncs } = await loadSyncs(folder.path, { env });
  expect(syncs.map(({ name }) => name)).toEqual(['purchases']);
});

test('a filter file is read from the folder of its rule', async () => {
  const { syncs } = await load({
    'team/a.yaml': rule('events: { select: ["*"], filter: { file: ../filters/paid.jsonata } }'),
    'filters/paid.jsonata': '\uFEFF/* who pays */ user_properties.plan != "free"\n',
  });
  expect(syncs[0]?.events.filter).toBe('/* who pays */ user_properties.plan != "free"\n');
});

test('a path that does not exist, or is no rule file, is a usage error', async () => {
  await using folder = await ruleFolder({ 'notes.txt': 'x' });
  await expect(loadSyncs(join(folder.path, 'none.yaml'), { env })).rejects.toThrow(UsageError);
  await expect(loadSyncs(join(folder.path, 'notes.txt'), { env })).rejects.toThrow(/notes\.txt is no rule file/);
});

test('loading for a run throws all errors at once', async () => {
  await using folder = await ruleFolder({ 'a.yaml': 'x: 1', 'b.yaml': 'y: 1' });
  const loading = loadSyncsOrThrow(folder.path, { env });
  await expect(loading).rejects.toThrow(ConfigError);
  await expect(loading).rejects.toThrow(/a\.yaml:1:1: x: .*\n(.*\n)*.*b\.yaml:1:1: y: /);
});

test('loading for a run gives the warnings with the syncs', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule('') });
  const { syncs, problems } = await loadSyncsOrThrow([folder.path], { env });
  expect(syncs).toHaveLength(1);
  expect(problems).toMatchObject([{ path: 'enabled', severity: 'warning' }]);
});

test('a sync that is off needs no secrets', async () => {
  const { lines } = await load({ 'a.yaml': rule(`enabled: false\n${selectAll}`) }, { env: {} });
  expect(lines).toEqual([]);
});

test('a check needs no secrets, and says which are missing', async () => {
  const text = everything
    .replace('https://rest.iad-01.braze.com', '${ENDPOINT}')
    .replace('maxObjects: 75', 'maxObjects: "${SIZE}"');
  const { lines, unset } = await load({ 'a.yaml': text }, { env: {}, missingEnv: 'placeholder' });
  expect(lines).toEqual([]);
  expect(unset).toEqual(['BRAZE_API_KEY', 'BRAZE_APP_ID', 'ENDPOINT', 'SIZE']);
});

test('a dry run needs no secrets', async () => {
  await using folder = await ruleFolder({
    'a.yaml': everything.replace('https://rest.iad-01.braze.com', '${ENDPOINT}'),
  });
  const { destination } = await loadSyncForDryRun(join(folder.path, 'a.yaml'), {});
  expect(destination).toMatchObject({ apiKey: '${BRAZE_API_KEY}', appId: '${BRAZE_APP_ID}' });
  expect(new URL(destination.endpoint).hostname).toMatch(/\.invalid$/);
});

test.for(['events: { select: ["${EVENT}"] }', `${selectAll}\nbatch: { maxObjects: "\${EVENT}" }`])(
  'a dry run needs the variables that decide what happens: %s',
  async (rest) => {
    await using folder = await ruleFolder({ 'a.yaml': rule(rest) });
    await expect(loadSyncForDryRun(join(folder.path, 'a.yaml'), {})).rejects.toThrow(/EVENT is unset or empty/);
  },
);

test('a dry run takes one rule file', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule(selectAll), 'a.test.yaml': 'tests: []' });
  await expect(loadSyncForDryRun(folder.path, env)).rejects.toThrow(UsageError);
  await expect(loadSyncForDryRun(join(folder.path, 'a.test.yaml'), env)).rejects.toThrow(UsageError);
});
