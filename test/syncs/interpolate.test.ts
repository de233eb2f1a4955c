import { expect, test } from 'vitest';
import { interpolate } from '../../src/syncs/interpolate.ts';
import { load, rule } from './rule-folder.ts';

const environment = { A: 'one', B_2: 'two', EMPTY: '', TRICKY: '${A}: [x] $& "' };
const text = (source: string) => interpolate(source, environment, false).text;

test('variables are replaced wherever they stand in a text', () => {
  expect(text('${A}')).toBe('one');
  expect(text('x-${A}-${B_2}${A}')).toBe('x-one-twoone');
  expect(text('$A {A} $')).toBe('$A {A} $');
});

test('a value is not looked at again', () => {
  expect(text('<${TRICKY}>')).toBe('<${A}: [x] $& ">');
});

test('a doubled dollar stands for the characters themselves', () => {
  expect(interpolate('$${A} ${A} $${', environment, false)).toEqual({
    text: '${A} one ${',
    secret: true,
    unset: [],
    malformed: false,
  });
});

test('unset and empty variables are named once, and stay as they were written', () => {
  expect(interpolate('${NONE}${EMPTY}${NONE}', environment, false)).toEqual({
    text: '${NONE}${EMPTY}${NONE}',
    secret: false,
    unset: ['NONE', 'EMPTY'],
    malformed: false,
  });
});

test.for(['${}', '${A-B}', '${A:-default}', '${1}', '${A', '${ A }'])('%s is no variable', (source) => {
  expect(interpolate(source, environment, false)).toMatchObject({ text: source, malformed: true });
});

test('in an expression only what is exactly a variable is replaced, since `${` begins an object there', () => {
  const expression = (source: string) => interpolate(source, environment, true);
  expect(expression('a = "${A}"')).toMatchObject({ text: 'a = "one"', malformed: false });
  expect(expression('items${sku: $sum(price)}')).toMatchObject({ text: 'items${sku: $sum(price)}', malformed: false });
  expect(expression('$${sku: 1}')).toMatchObject({ text: '$${sku: 1}', malformed: false });
  expect(expression('$${A}')).toMatchObject({ text: '${A}', secret: false });
});

const selectAll = 'events: { select: ["*"] }';

test('a value from the environment cannot change the structure of a rule', async () => {
  const { syncs, lines } = await load(
    { 'a.yaml': rule('events:\n  select: [ "${TYPE}" ]\n') },
    { env: { BRAZE_API_KEY: 'k', TYPE: '"]\nenabled: false\n# *a' } },
  );
  expect(lines).toEqual([]);
  expect(syncs[0]).toMatchObject({ enabled: true, events: { select: [{ event: '"]\nenabled: false\n# *a' }] } });
});

test('keys and comments are left alone', async () => {
  const { lines } = await load({ 'a.yaml': rule(`# \${NONE}\n${selectAll}\n"\${BRAZE_API_KEY}": 1`) });
  expect(lines).toEqual([expect.stringMatching(/^a\.yaml:6:1: \["\$\{BRAZE_API_KEY\}"\]: unknown key/)]);
});

test('numbers and truth values may come from the environment', async () => {
  const { syncs, lines } = await load(
    {
      'a.yaml': rule(
        `enabled: \${ON}\nbatch:\n  maxObjects: \${SIZE}\ndelivery:\n  giveUpAfterMs: \${AGE}\n${selectAll}`,
      ),
    },
    { env: { BRAZE_API_KEY: '12345', ON: 'false', SIZE: '7', AGE: '60000' } },
  );
  expect(lines).toEqual([]);
  expect(syncs[0]).toMatchObject({
    enabled: false,
    batch: { maxObjects: 7 },
    delivery: { giveUpAfterMs: 60_000 },
    destination: { apiKey: '12345' },
  });
});

test('each variable that is not set is told where it is used, and nothing else is said about its value', async () => {
  const { lines } = await load(
    {
      'a.yaml': rule(
        `events: { select: ["*"], filter: "\${FILTER} = 1" }\nbatch: { maxObjects: "\${SIZE}" }\nsource: { start: "\${A:-new}" }`,
      ),
    },
    { env: { SIZE: '' } },
  );
  expect(lines).toEqual([
    'a.yaml:2:54: destination.apiKey: the environment variable BRAZE_API_KEY is unset or empty; set it',
    'a.yaml:4:34: events.filter: the environment variable FILTER is unset or empty; set it',
    'a.yaml:5:22: batch.maxObjects: the environment variable SIZE is unset or empty; set it',
    'a.yaml:6:18: source.start: holds `${` with no variable; write ${NAME}, or $${ for these characters',
  ]);
});
