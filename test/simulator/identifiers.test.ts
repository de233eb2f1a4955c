import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, identifierMissing, problemOf, purchase } from './support.ts';

test('an object of any kind without an identifier is rejected', async () => {
  await using simulator = await startSimulator();
  const nobody = { external_id: undefined };
  expect(await problemOf(simulator, { events: [event(nobody)] })).toBe(identifierMissing);
  expect(await problemOf(simulator, { attributes: [attributes(nobody)] })).toBe(identifierMissing);
  expect(await problemOf(simulator, { purchases: [purchase(nobody)] })).toBe(identifierMissing);
  expect(await problemOf(simulator, { events: [event({ external_id: null })] })).toBe(identifierMissing);
});

test.each([[null], ['text'], [7], [['list']]])('the object %j is rejected', async (object) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [object] })).toBe(identifierMissing);
});

const alias = { alias_name: 'a', alias_label: 'l' };

test.each([
  { external_id: 'u1', user_alias: alias },
  { external_id: 'u1', braze_id: 'b' },
  { external_id: undefined, user_alias: alias, braze_id: 'b' },
  { external_id: 'u1', user_alias: alias, braze_id: 'b' },
])('the identifiers %j together are rejected', async (identifiers) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event(identifiers)] })).toMatch(/only one of/);
});

test.each([
  { email: 'a@example.org' },
  { phone: '+49 170 1234567' },
  { braze_id: '65f0c0ffee65f0c0ffee65f0' },
  { user_alias: alias },
  { external_id: 42 },
  { external_id: 'u1', email: 'a@example.org', phone: '+491701234567' },
])('the identifiers %j are accepted', async (identifiers) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ external_id: undefined, ...identifiers })] })).toBe('accepted');
});

test('an external id may have 987 bytes', async () => {
  await using simulator = await startSimulator();
  const ofBytes = (bytes: number) => ({ events: [event({ external_id: 'é'.repeat((bytes - 1) / 2).concat('x') })] });
  expect(await problemOf(simulator, ofBytes(987))).toBe('accepted');
  expect(await problemOf(simulator, ofBytes(989))).toBe('EXTERNAL_USER_ID_TOO_LARGE');
});

test.each(['', true, {}])('the external id %j is rejected', async (externalId) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ external_id: externalId })] })).toMatch(/external_id/);
});

test('an external id that is blocked is rejected', async () => {
  await using simulator = await startSimulator({ blockedExternalIds: ['dummy'] });
  expect(await problemOf(simulator, { events: [event({ external_id: 'dummy' })] })).toBe(
    'BLACKLISTED_EXTERNAL_USER_ID',
  );
});

test.each([
  {},
  'name',
  { alias_name: 'a' },
  { alias_label: 'l' },
  { alias_name: '', alias_label: 'l' },
  { alias_name: 'a', alias_label: '' },
  { alias_name: 1, alias_label: 'l' },
  { alias_name: 'a'.repeat(237), alias_label: 'l' },
  { alias_name: 'a', alias_label: 'é'.repeat(119) },
])('the alias %j is rejected', async (userAlias) => {
  await using simulator = await startSimulator();
  const object = event({ external_id: undefined, user_alias: userAlias });
  expect(await problemOf(simulator, { events: [object] })).toMatch(/user_alias/);
});

test.each([
  '',
  ' ',
  'nobody',
  'a b@example.org',
  'a@example',
  'a@@example.org',
  '.a@example.org',
  'a.@example.org',
  '"a"@example.org',
  `${'a'.repeat(65)}@example.org`,
  ' a@example.org',
  'a@example.org\n',
  7,
])('the email address %j is rejected', async (email) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { attributes: [attributes({ email })] })).toBe('EMAIL_BAD_FORMAT');
});

test.each(['a@example.org', 'first.last+tag@mail.example.co.uk', 'é@bücher.example', null])(
  'the email address %j is accepted',
  async (email) => {
    await using simulator = await startSimulator();
    expect(await problemOf(simulator, { attributes: [attributes({ email })] })).toBe('accepted');
  },
);

test('a phone number that has no digits identifies nobody', async () => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ external_id: undefined, phone: 'none' })] })).toMatch(/phone/);
});
