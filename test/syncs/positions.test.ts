import { expect, test } from 'vitest';
import { load, rule } from './rule-folder.ts';

/** The problems of a rule, and where they should be: `§` marks the place, and is no part of the rule. */
async function problemsOf(marked: string) {
  const before = marked.slice(0, marked.indexOf('§')).split('\n');
  const { problems } = await load({ 'a.yaml': marked.replace('§', '') });
  return { problems, place: { line: before.length, col: (before.at(-1) ?? '').length + 1 } };
}

const expressions: readonly (readonly [string, string, RegExp])[] = [
  ['plain', 'filter: a.b = c §d_e', /Syntax error: "d_e" \(S0201\)/],
  ['plain over several lines', 'filter: a = 1 and\n    b = §= 2', /S0211/],
  ['in single quotes', "filter: 'a = ''b'' §c'", /"c"/],
  ['in double quotes', 'filter: "a = \\"b\\" §c"', /"c"/],
  ['in double quotes with other escapes, at its start', 'filter: §"a\\u0020b c"', /S0201/],
  ['in a literal block', 'filter: |-\n    a = 1 and\n      b = §= 2\n', /S0211/],
  ['in a block of stated indentation', 'filter: |2+ # why\n     a = 1\n\n     and b = §= 2\n', /S0211/],
  ['in a folded block', 'filter: >\n    a = 1\n    and b\n    or c = §= 2\n', /S0211/],
  ['broken off', 'filter: $exists§(', /before end of expression \(S0203\)/],
  ['broken off after blanks', 'filter: "a +§    "', /Unexpected end of expression \(S0207\)/],
  ['blank', 'filter: "§  "', /The expression is empty \(S0207\)/],
  ['after text of other scripts', 'filter: "«日本» = §?"', /S0211|S0204/],
  ['in a row', 'filter: "true"\n  properties: [{ as: x, expr: 1 + §) }]', /S0211/],
];

test.for(expressions)('a fault is found in an expression %s', async ([, lines, message]) => {
  const { problems, place } = await problemsOf(rule(`events:\n  select: ["*"]\n  ${lines}`));
  expect(problems).toMatchObject([{ ...place, message: expect.stringMatching(message) }]);
});

test('a fault in a filter file is placed there, and told once for all rules that share it', async () => {
  const shared = 'events: { select: ["*"], filter: { file: filters/paid.jsonata } }';
  const { lines } = await load({
    'a.yaml': rule(shared, 'a'),
    'b.yaml': rule(shared, 'b'),
    'filters/paid.jsonata': '/* who pays */\nuser_properties.plan !! "free"\n',
  });
  expect(lines).toEqual([expect.stringMatching(/^filters\/paid\.jsonata:2:22: events\.filter: this is not JSONata: /)]);
});

const syntax: readonly (readonly [string, string, RegExp])[] = [
  ['a key that is there twice', 'events: { select: ["*"] }\n§events: {}', /^the key is written twice/],
  ['an event type that begins with a bracket', 'events:\n  select:\n    - [Amplitude] §Page Viewed', /quotes$/],
  ['an asterisk without quotes', 'events: { select: [§*] }', /write "\*" in quotes$/],
  ['an alias to nothing', 'events: { select: [§*all] }', /^no anchor before this alias/],
  ['an expression with a colon', 'events:\n  filter: §a ? b : c', /": " in quotes$/],
  ['a tab', 'events:\n§\tselect: []', /use spaces$/],
  ['a second document', '§---\nname: other', /a file of its own$/],
  ['a tag', 'batch: §!size { maxObjects: 1 }', /^a rule has no tags/],
  ['a bracket that stays open', 'events: { select: ["*"] \n§', /stays open$/],
];

test.for(syntax)('YAML is refused at its place for %s', async ([, lines, message]) => {
  const { problems, place } = await problemsOf(rule(lines));
  expect(problems).toMatchObject([{ ...place, message: expect.stringMatching(message) }]);
});

test('a fault behind an alias is placed where the value is written', async () => {
  const { problems, place } = await problemsOf(
    rule('source: { stream: &s §a.b }\nevents: { select: ["*"] }\nidentifier: { property: *s }'),
  );
  expect(problems).toMatchObject([
    { ...place, path: 'identifier.property' },
    { ...place, path: 'source.stream' },
  ]);
});

test('columns and lines are counted as editors do, with carriage returns and a byte order mark', async () => {
  const { problems } = await load({
    'a.yaml': `\uFEFF${rule('events: { select: ["*"] }\nbatch: { maxObjects: x }').replaceAll('\n', '\r\n')}`,
  });
  expect(problems).toMatchObject([{ line: 5, col: 22 }]);
});

test('a file that cannot be read as a rule is told at its top', async () => {
  const { lines } = await load({
    'a.yaml': '',
    'b.yaml': '# nothing\n',
    'c.yaml': '- a\n- b\n',
    'd.yaml': 'text',
    'e.yaml': Uint8Array.of(0xff, 0xfe),
  });
  expect(lines).toEqual([
    'a.yaml:1:1: (file): the file is empty',
    'b.yaml:1:1: (file): the file is empty',
    'c.yaml:1:1: (file): takes a mapping of keys to values, not a list',
    'd.yaml:1:1: (file): takes a mapping of keys to values, not "text"',
    'e.yaml:1:1: (file): the file is not text in UTF-8',
  ]);
});

test('aliases that unfold without end are refused before they cost anything', async () => {
  const levels = Array.from(
    { length: 20 },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 9 }, () => `*l${n}`).join(', ')}]`,
  );
  const { lines } = await load({
    'a.yaml': `l0: &l0 x\n${levels.join('\n')}`,
    'b.yaml': 'a: &a { <<: *a }',
    'c.yaml': 'a: { <<: 1 }',
  });
  expect(lines).toEqual([
    'a.yaml:1:1: (file): the aliases unfold to more than a rule can need; write the values out',
    'b.yaml:1:1: (file): the aliases unfold to more than a rule can need; write the values out',
    'c.yaml:1:1: (file): what `<<` merges is no mapping; merge an anchored mapping, or leave it out',
  ]);
});

test('a key that every object has is as unknown as any other', async () => {
  const { lines, syncs } = await load({
    'a.yaml': rule('events: { select: ["*"] }\n__proto__: { enabled: false }\nconstructor: 1'),
  });
  expect(syncs).toEqual([]);
  expect(lines).toEqual([
    expect.stringMatching(/^a\.yaml:5:1: __proto__: unknown key/),
    expect.stringMatching(/^a\.yaml:6:1: constructor: unknown key/),
  ]);
});
