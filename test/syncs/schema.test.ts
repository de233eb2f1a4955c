import { expect, test } from 'vitest';
import { amplitudeFields, fields, fieldsAt } from '../../src/syncs/fields.ts';
import { load } from './rule-folder.ts';

test('every field has a description, as a sentence', () => {
  expect(fields.length).toBeGreaterThan(40);
  for (const { path, description } of fields) expect(`${path}: ${description}`).toMatch(/: \S.*\.$/);
});

test('every field that holds no other has an example', () => {
  const without = fields.filter(({ path, example }) => example === undefined && fieldsAt(path.split('.')).length === 0);
  expect(without.map(({ path }) => path)).toEqual([]);
});

test('the examples make a rule', async () => {
  const exampleOf = (parent: string): Record<string, unknown> =>
    Object.fromEntries(
      fields
        .filter((field) => field.parent === parent)
        .map(({ path, key, example }) => [key, example ?? exampleOf(path)]),
    );
  const { lines } = await load({
    'a.json': JSON.stringify(exampleOf(''), null, 1),
    'filters/identified.jsonata': 'true',
  });
  expect(lines).toEqual([]);
});

test('every default is told, and what has none and cannot be left out is told to be required', () => {
  const told = Object.fromEntries(
    fields.map(({ path, required, default: value }) => [path, required ? 'required' : value]),
  );
  expect(told).toMatchObject({
    name: 'required',
    enabled: true,
    'source.start': 'new',
    'destination.endpoint': 'required',
    'destination.apiKey': 'required',
    'destination.updateUsersOnly': false,
    'identifier.property': 'user_id',
    'events.send': true,
    'delivery.giveUpAfterMs': null,
    'delivery.rateLimit.perMs': 3000,
  });
});

test('the examples of a sync to Amplitude make a rule', async () => {
  const exampleOf = (parent: string): Record<string, unknown> =>
    Object.fromEntries(
      amplitudeFields
        .filter((field) => field.parent === parent && field.example !== null)
        .map(({ path, key, example }) => [key, example ?? exampleOf(path)]),
    );
  const { endpoint: _, ...destination } = exampleOf('destination');
  const rule = { ...exampleOf(''), destination };
  const { lines } = await load({ 'a.json': JSON.stringify(rule, null, 1), 'filters/identified.jsonata': 'true' });
  expect(lines).toEqual([]);
});
