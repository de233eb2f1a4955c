import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, post, purchase } from './support.ts';

const alias = (name: string) => ({
  external_id: undefined,
  user_alias: { alias_name: name, alias_label: 'amplitude_id' },
});
const email = (value: string) => ({ external_id: undefined, email: value });

test('an unknown external id, email address or phone number makes a profile', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, {
    attributes: [attributes({ external_id: 'u1' })],
    events: [event(email('a@example.org'))],
    purchases: [purchase({ external_id: undefined, phone: '+491701234567' })],
  });
  expect(simulator.profile('u1')).toMatchObject({ externalId: 'u1', attributes: { plan: 'free' } });
  expect(simulator.profile({ kind: 'email', value: 'a@example.org' })).toMatchObject({ email: 'a@example.org' });
  expect(simulator.profile({ kind: 'phone', value: '+491701234567' })).toMatchObject({ phone: '+491701234567' });
  expect(simulator.profiles()).toHaveLength(3);
});

test('with _update_existing_only nothing is made, and that is a success', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const { status } = await post(simulator, {
    attributes: [attributes({ _update_existing_only: true })],
    events: [event({ ...email('a@example.org'), _update_existing_only: true })],
  });
  expect(status).toBe(201);
  expect(simulator.profiles()).toEqual([]);
  expect(simulator.counts()).toMatchObject({ applied: 0, skipped: 2, dataPoints: 0 });
});

test('an unknown alias makes a profile only if attributes ask for it', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { attributes: [attributes(alias('omitted'))] });
  await post(simulator, { attributes: [attributes({ ...alias('update'), _update_existing_only: true })] });
  await post(simulator, { attributes: [attributes({ ...alias('create'), _update_existing_only: false })] });
  expect(simulator.profiles().map((profile) => profile.alias?.name)).toEqual(['create']);
  expect(simulator.counts()).toMatchObject({ applied: 1, skipped: 2 });
});

test('whether an event makes the profile of an unknown alias can be set', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { events: [event(alias('omitted'))] });
  await post(simulator, { events: [event({ ...alias('create'), _update_existing_only: false })] });
  simulator.set({ aliasEvents: 'update-only' });
  await post(simulator, { events: [event({ ...alias('strict'), _update_existing_only: false })] });
  await post(simulator, { purchases: [purchase({ ...alias('strict'), _update_existing_only: false })] });
  expect(simulator.profiles().map((profile) => profile.alias?.name)).toEqual(['create']);
});

test('an alias that is known takes events', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0, aliasEvents: 'update-only' });
  await post(simulator, { attributes: [attributes({ ...alias('42'), _update_existing_only: false })] });
  await post(simulator, { events: [event(alias('42'))] });
  expect(simulator.eventsOf({ kind: 'user_alias', name: '42', label: 'amplitude_id' })).toHaveLength(1);
});

test('aliases are told apart by label and name together', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const labelled = (label: string, name: string) =>
    attributes({
      external_id: undefined,
      user_alias: { alias_label: label, alias_name: name },
      _update_existing_only: false,
    });
  await post(simulator, { attributes: [labelled('a:b', 'c'), labelled('a', 'b:c'), labelled('a', 'B:c')] });
  expect(simulator.profiles()).toHaveLength(3);
});

test('an unknown braze id makes nothing, a known one is found', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const by = (brazeId: string) => event({ external_id: undefined, braze_id: brazeId });
  await post(simulator, { events: [by('65f0c0ffee65f0c0ffee65f0')] });
  expect(simulator.profiles()).toEqual([]);
  await post(simulator, { events: [event()] });
  const brazeId = simulator.profile('u1')?.brazeId ?? '';
  await post(simulator, { events: [by(brazeId)] });
  expect(simulator.eventsOf({ kind: 'braze_id', value: brazeId })).toHaveLength(2);
});

test('beside an external id the email address is a value, and never used for the lookup', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { attributes: [attributes(email('a@example.org'))] });
  await post(simulator, { attributes: [attributes({ external_id: 'new', email: 'a@example.org' })] });
  expect(simulator.profiles().map((profile) => profile.email)).toEqual(['a@example.org', 'a@example.org']);
  expect(simulator.profile('new')?.email).toBe('a@example.org');
});

test('of several profiles with an address the latest with an external id is taken', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const address = 'a@example.org';
  const send = (fields: Record<string, unknown>) => post(simulator, { attributes: [attributes(fields)] });
  await send({ ...alias('1'), email: address, _update_existing_only: false });
  await send({ ...alias('2'), email: address, _update_existing_only: false });
  const find = () => simulator.profile({ kind: 'email', value: address });
  expect(find()?.alias?.name).toBe('2');
  await send({ external_id: 'first', email: address });
  await send({ external_id: 'second', email: address });
  await send(alias('1'));
  expect(find()?.externalId).toBe('second');
  await send({ external_id: 'first' });
  expect(find()?.externalId).toBe('first');
});

test('an address that was changed or removed finds nobody', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const find = (value: string) => simulator.profile({ kind: 'email', value })?.externalId;
  await post(simulator, { attributes: [attributes({ email: 'old@example.org' })] });
  await post(simulator, { attributes: [attributes({ email: 'new@example.org' })] });
  expect([find('old@example.org'), find('new@example.org')]).toEqual([undefined, 'u1']);
  await post(simulator, { attributes: [attributes({ email: null })] });
  expect(find('new@example.org')).toBeUndefined();
});
