import { expect, test } from 'vitest';
import { load, rule } from './rule-folder.ts';

/** Each: what is wrong, the rule from its line 4 on, and what is said about it. */
const faults: readonly (readonly [string, string, ...string[]])[] = [
  [
    'an unknown key',
    'events: { select: ["*"] }\nidentifer: {}',
    '5:1: identifer: unknown key `identifer`; did you mean `identifier`?',
  ],
  [
    'an unknown key that belongs elsewhere',
    'events: { select: ["*"] }\nwhere: x',
    '5:1: where: unknown key `where`; it belongs under events.select[]',
  ],
  [
    'an unknown key that is like no other',
    'events: { select: ["*"] }\nbatch: { zzzzz: 1 }',
    '5:10: batch.zzzzz: unknown key `zzzzz`; the keys here are maxWaitMs, maxObjects',
  ],
  [
    'events that are sent and not selected',
    'events: { send: true }',
    '4:1: events.select: no event is selected; name event types, or write select: ["*"] for all events',
  ],
  [
    'an empty selection',
    'events:\n  select: []\n',
    '5:11: events.select: no event is selected; name event types, or write select: ["*"] for all events',
  ],
  [
    'internal names as event types',
    'events: { select: [_all, _identify, { event: $identify }, $groupidentify, " "] }',
    '4:20: events.select[0]: "_all" is never sent as an event; write "*" for all events',
    '4:26: events.select[1]: "_identify" is never sent as an event; changes of user properties are sent by `users`',
    '4:46: events.select[2].event: "$identify" is never sent as an event; changes of user properties are sent by `users`',
    '4:59: events.select[3]: "$groupidentify" is never sent as an event; group properties cannot be sent to Braze',
    '4:75: events.select[4]: " " is blank; name an event type, or write "*"',
  ],
  [
    'rows of another kind',
    'events: { select: [5, { where: "true" }, { event: 5 }] }',
    '4:20: events.select[0]: takes an event type or { event, where }, not 5',
    '4:23: events.select[1].event: is missing; add event: Song Played',
    '4:51: events.select[2].event: takes text, not 5; put it in quotes if that is the text',
  ],
  [
    'text where a list belongs',
    'events: { select: Purchase }',
    '4:19: events.select: takes a list, not "Purchase"; write each item on a line of its own, after "- "',
  ],
  [
    'an empty value',
    'events: { select: ["*"] }\nbatch:\n',
    '5:1: batch: takes a mapping of keys to values, not nothing',
  ],
  [
    'property references to nothing',
    `events:
  select: ["*"]
  properties: [event_propertes.price, platfrom, event_properties, groups., plan.version, banana]`,
    '6:16: events.properties[0]: "event_propertes.price" is no property of events; did you mean `event_properties.<name>`?',
    '6:39: events.properties[1]: "platfrom" is no property of events; did you mean `platform`?',
    '6:49: events.properties[2]: "event_properties" names no property; write event_properties.<name>',
    '6:67: events.properties[3]: "groups." names no property; write groups.<name>',
    '6:76: events.properties[4]: "plan.version" reads inside a field; write { expr: …, as: <name> } for that',
    '6:90: events.properties[5]: "banana" is no property of events; write event_properties.<name>, user_properties.<name>, group_properties.<name>, groups.<name>, or a field such as platform',
  ],
  [
    'property names that Braze refuses',
    `events:
  select: ["*"]
  properties:
    - event_properties.$price
    - time
    - { from: event_properties.a, as: "" }
    - { expr: "1", as: event_name }`,
    '7:7: events.properties[0]: "event_properties.$price" begins with `$`, which Braze refuses; give it a name: { from: …, as: <name> }',
    '8:7: events.properties[1]: "time" is reserved by Braze on every event; give it a name: { from: …, as: <name> }',
    '9:39: events.properties[2].as: "" is blank, which Braze refuses; choose another name',
    '10:24: events.properties[3].as: "event_name" is reserved by Braze on every event; choose another name',
  ],
  [
    'two properties of one name',
    `events:
  select: ["*"]
  properties: [event_properties.plan, user_properties.plan, { from: country, as: plan }]`,
    '6:39: events.properties[1]: "user_properties.plan" is sent under the name of properties[0]; give it a name: { from: …, as: <name> }',
    '6:82: events.properties[2].as: "plan" is sent under the name of properties[0]; choose another name',
  ],
  [
    'a property row of a mistyped key',
    'events: { select: ["*"], properties: [{ from: country, az: x }, { expr: "1" }] }',
    '4:56: events.properties[0].az: unknown key `az`; did you mean `as`?',
    '4:65: events.properties[1].as: is missing; add as: page_url',
  ],
  [
    'user properties that cannot be sent',
    'users: { properties: [external_id, plan, plan, user_properties.plan, $x] }',
    '4:23: users.properties[0]: "external_id" is no attribute to Braze but an instruction',
    '4:42: users.properties[2]: "plan" is listed twice; leave one out',
    '4:48: users.properties[3]: "user_properties.plan" has a prefix too many; write the bare name of the user property',
    '4:70: users.properties[4]: "$x" begins with `$`, which Braze refuses',
  ],
  [
    'an identifier that is no user property',
    'events: { select: ["*"] }\nidentifier: { property: event_properties.email, type: e-mail }',
    '5:25: identifier.property: "event_properties.email" cannot be mapped; write user_id, device_id, amplitude_id or user_properties.<name>',
    '5:55: identifier.type: takes external_id, braze_id, user_alias, email, not "e-mail"; did you mean email?',
  ],
  [
    'a user alias without a label',
    'events: { select: ["*"] }\nidentifier: { type: user_alias }',
    '2:1: destination.userAliasLabel: is missing, and identifier.type is user_alias; add a label such as userAliasLabel: amplitude_id',
  ],
  [
    'numbers out of range',
    'events: { select: ["*"] }\nbatch: { maxObjects: 76, maxWaitMs: 0 }\ndelivery: { concurrency: 1.5, giveUpAfterMs: soon, rateLimit: { perMs: 2147483648 } }',
    '5:22: batch.maxObjects: must be at most 75, and is 76',
    '5:37: batch.maxWaitMs: must be at least 1, and is 0',
    '6:26: delivery.concurrency: takes a whole number, not 1.5',
    '6:46: delivery.giveUpAfterMs: takes a whole number, not "soon"',
    '6:72: delivery.rateLimit.perMs: must be at most 2147483647, and is 2147483648',
  ],
  [
    'a source that is none',
    'events: { select: ["*"] }\nsource: { stream: my.stream, subjects: "events.>.x", start: 2026-01-31T09:00:00 }',
    '5:19: source.stream: "my.stream" is no stream name; it has no blanks, dots, slashes, * or >',
    '5:40: source.subjects: "events.>.x" is no subject; it is words joined by dots, where * stands for one word and > for all the rest',
    '5:61: source.start: takes new, all or an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z, not "2026-01-31T09:00:00"',
  ],
  [
    'a filter file that does not exist',
    'events: { select: ["*"], filter: { file: none.jsonata } }',
    '4:42: events.filter.file: the file "none.jsonata" does not exist; name it as seen from the folder of the rule',
  ],
  [
    'several faults of all kinds, told at once',
    'events: { send: yes, filter: "a b", properties: [x.y] }\nidentifier: { type: user_alias, propety: user_id }\nbatches: {}',
    '2:1: destination.userAliasLabel: is missing, and identifier.type is user_alias; add a label such as userAliasLabel: amplitude_id',
    '4:17: events.send: takes true or false, not "yes"',
    '4:33: events.filter: this is not JSONata: Syntax error: "b" (S0201)',
    '4:50: events.properties[0]: "x.y" is no property of events; write event_properties.<name>, user_properties.<name>, group_properties.<name>, groups.<name>, or a field such as platform',
    '5:33: identifier.propety: unknown key `propety`; did you mean `property`?',
    '6:1: batches: unknown key `batches`; did you mean `batch`?',
  ],
];

test.for(faults)('%s', async ([, rest, ...expected]) => {
  const { lines, syncs } = await load({ 'a.yaml': rule(rest) });
  expect(lines).toEqual(expected.map((line) => `a.yaml:${line}`));
  expect(syncs).toEqual([]);
});

test('what a rule cannot do without is asked for', async () => {
  const { lines } = await load({ 'a.yaml': 'destination: {}\n', 'b.yaml': '# comment\nenabled: true\n' });
  expect(lines).toEqual([
    'a.yaml:1:1: destination.apiKey: is missing; add apiKey: ${BRAZE_API_KEY}',
    'a.yaml:1:1: destination.endpoint: is missing; add endpoint: https://rest.iad-01.braze.com',
    'a.yaml:1:1: destination.type: is missing; it takes braze, amplitude',
    'a.yaml:1:1: name: is missing; add name: purchases',
    'b.yaml:2:1: destination: is missing; it takes a mapping of keys to values',
    'b.yaml:2:1: name: is missing; add name: purchases',
  ]);
});

test.for(['-1 x', 'a.b', '', 'x'.repeat(65)])('%j is no name of a sync', async (name) => {
  const { lines } = await load({ 'a.yaml': rule('', JSON.stringify(name)) });
  expect(lines[0]).toMatch(/^a\.yaml:1:7: name: .* is no name; use 1 to 64 letters, digits, _ and -$/);
});

test('two syncs of one name are told apart by file, whatever else is wrong with them', async () => {
  const { lines, syncs } = await load({
    'a.yaml': rule('events: { select: ["*"] }'),
    'b.yaml': rule('evnts: {}'),
    'c.yaml': rule('events: { select: ["*"] }', 'other'),
  });
  expect(lines).toEqual([
    'b.yaml:1:7: name: a.yaml has the name "purchases" already; choose another',
    'b.yaml:4:1: evnts: unknown key `evnts`; did you mean `events`?',
  ]);
  expect(syncs.map(({ name }) => name)).toEqual(['purchases', 'other']);
});

test('all problems of all files are told in one run', async () => {
  const { lines, files } = await load({
    'a.yaml': 'x: [',
    'b.yaml': rule('x: 1'),
    'c.yaml': '',
    'd.json': '{"name": }',
  });
  expect(files).toHaveLength(4);
  expect(new Set(lines.map((line) => line.split(':')[0]))).toEqual(new Set(files));
});

test('what does nothing is a warning, and the rule can be run', async () => {
  const { problems, syncs } = await load({
    'a.yaml': rule('users: { send: false }\nevents: { send: false }\nenabled: true'),
    'b.yaml': rule('enabled: false', 'b'),
  });
  expect(problems).toEqual([
    {
      file: 'a.yaml',
      line: 6,
      col: 1,
      path: 'enabled',
      message: 'neither events nor users are sent; add events or users, or set enabled: false',
      severity: 'warning',
    },
  ]);
  expect(syncs).toHaveLength(2);
});

test('an alias label that is not used is a warning', async () => {
  const text = rule('events: { select: ["*"] }').replace('type: braze', 'type: braze, userAliasLabel: x');
  const { problems, syncs } = await load({ 'a.yaml': text });
  expect(problems).toMatchObject([{ path: 'destination.userAliasLabel', line: 2, col: 29, severity: 'warning' }]);
  expect(syncs[0]?.destination).not.toHaveProperty('userAliasLabel');
});

test('a rule has no say over the lines of the output', async () => {
  const { lines } = await load({ 'a.yaml': rule('"x\\ny\\e[31m": 1\nbatch: { maxObjects: "\\n\\u2028" }') });
  for (const line of lines) expect(line).toMatch(/^[^\p{Cc}\u2028]+$/u);
  expect(lines[0]).toContain('["x\\ny\\u001b[31m"]');
});
