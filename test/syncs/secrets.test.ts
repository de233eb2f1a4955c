import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { load } from './rule-folder.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A rule with many values, right ones and wrong ones. */
const template: Json = {
  name: 'purchases',
  enabled: true,
  source: { stream: 'EVENTS', subjects: 'events.>', start: 'soon' },
  destination: { type: 'braze', endpoint: 'US-77', apiKey: 'k', appId: 'a', userAliasLabel: '', updateUsersOnly: 'no' },
  identifier: { property: 'mail', type: 'user_alia' },
  events: {
    send: 'yes',
    select: ['_all', { event: '$identify', where: 'a b' }],
    filter: { file: 'none.jsonata' },
    properties: ['event_propertis.x', { from: 'countri', as: '$x' }, { expr: '1 +', as: 'time' }],
  },
  users: { send: true, properties: ['external_id'], content: 'al' },
  batch: { maxWaitMs: 0, maxObjects: 99 },
  delivery: { concurrency: 'x', order: 'usr', rateLimit: { requests: 0 } },
};

/** Texts around a secret that fail in many ways: as a URL, as an expression, as a name, as a reference. */
const disguises = [
  '?',
  'https://?/x',
  'https://?:pw@h',
  'US-?',
  'a = ? b',
  '"?',
  '? ?',
  '$?(',
  'event_properties.?',
  '?.x',
  'user_properties.?',
  '$?',
  ' ',
  '\n?\n',
  'fil/?',
];

const secret = fc
  .string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'.split('')), minLength: 8, maxLength: 8 })
  .map((core) => `zq${core}`);

/** The rule with some of its values, whole parts too, replaced by what `replace` gives. */
function withReplaced(value: Json, picks: Iterator<boolean>, replace: () => string, top = true): Json {
  if (!top && picks.next().value === true) return replace();
  if (Array.isArray(value)) return value.map((item: Json) => withReplaced(item, picks, replace, false));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withReplaced(item, picks, replace, false)]),
  );
}

test('nothing that came from the environment is ever printed', async () => {
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.infiniteStream(fc.integer({ min: 0, max: 3 }).map((pick) => pick === 0)),
      fc.array(fc.constantFrom(...disguises), { minLength: 60, maxLength: 60 }),
      fc.constantFrom<(name: string) => string>(
        (name) => `\${${name}}`,
        (name) => `x = \${${name}} y`,
      ),
      async (core, picks, worn, written) => {
        const env: Record<string, string> = {};
        const text = withReplaced(template, picks, () => {
          const name = `V${Object.keys(env).length}`;
          env[name] = (worn[Object.keys(env).length] ?? '?').replaceAll('?', core);
          return written(name);
        });
        const { problems, lines } = await load({ 'a.yaml': stringify(text), 'b.json': JSON.stringify(text) }, { env });
        expect(problems.length).toBeGreaterThan(0);
        expect(lines.join('\n') + JSON.stringify(problems)).not.toContain(core);
      },
    ),
    { numRuns: 150 },
  );
});

test('a key that is written into the file is never printed', async () => {
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.constantFrom('?', 'Bearer ?', '"? ?"', '*?', '!?', '&? x y', '[?', '{?: 1}', '${?', '?: ?', '@?', "'?", '%?'),
      async (core, form) => {
        const apiKey = form.replaceAll('?', core);
        const { problems, lines } = await load({
          'a.yaml': `name: a b\ndestination:\n  apiKey: ${apiKey}\n  type: braze\n  endpoint: x\nevents: {}\n`,
        });
        expect(problems.length).toBeGreaterThan(0);
        expect(lines.join('\n') + JSON.stringify(problems)).not.toContain(core);
      },
    ),
    { numRuns: 100 },
  );
});

test('a filter file that the environment names is not named when it is wrong', async () => {
  const files = {
    'a.yaml':
      'name: a\ndestination: { type: braze, endpoint: US-01, apiKey: k }\nevents: { select: ["*"], filter: { file: "${F}" } }\n',
    'zq-secret.jsonata': 'a zq-secret b',
  };
  const { lines } = await load(files, { env: { F: 'zq-secret.jsonata' } });
  expect(lines).toEqual(['a.yaml:3:42: events.filter.file: the file "${F}" holds no JSONata (S0201)']);
});

test('whatever is in a file, it is told and not thrown', async () => {
  const whole = stringify(template);
  const slip = fc.record({
    at: fc.nat({ max: whole.length }),
    cut: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('${', '*', '&a ', '<<: *a', '|', '>', '- ', '{', '[', '\t', '\r', '\0', '---\n', '? '),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 4 }), async (slips) => {
      const text = slips.reduce(
        (before, { at, cut, put }) => before.slice(0, at) + put + before.slice(at + cut),
        whole,
      );
      const { problems } = await load({ 'a.yaml': text });
      for (const { line, col, message } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(col).toBeGreaterThan(0);
        expect(message).not.toMatch(/undefined|Invalid input|\[object/);
      }
      expect(problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
