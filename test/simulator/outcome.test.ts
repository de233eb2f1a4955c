import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, identifierMissing, noValidData, post, purchase } from './support.ts';

test('a request of good objects is a 201 with the counters of the arrays that were sent', async () => {
  await using simulator = await startSimulator();
  const reply = await post(simulator, { attributes: [attributes()], events: [event(), event()] });
  expect(reply.status).toBe(201);
  expect(reply.headers.get('content-type')).toContain('application/json');
  expect(reply.json()).toEqual({ message: 'success', attributes_processed: 1, events_processed: 2 });
});

test('bad objects in good company are named in a 201 and spoil nothing', async () => {
  await using simulator = await startSimulator();
  const reply = await post(simulator, {
    attributes: [attributes({ email: 'x' })],
    events: [event(), {}, event({ name: '' }), event()],
    purchases: [purchase(), purchase({ quantity: 0 })],
  });
  expect(reply.status).toBe(201);
  expect(reply.json()).toEqual({
    message: 'success',
    events_processed: 2,
    purchases_processed: 1,
    errors: [
      { type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 0 },
      { type: identifierMissing, input_array: 'events', index: 1 },
      { type: "'name' is required", input_array: 'events', index: 2 },
      { type: "'quantity' is not valid", input_array: 'purchases', index: 1 },
    ],
  });
  expect(simulator.counts()).toMatchObject({
    accepted: { attributes: 0, events: 2, purchases: 1 },
    rejected: { attributes: 1, events: 2, purchases: 1 },
  });
});

test('bad objects alone are a 400 that names them', async () => {
  await using simulator = await startSimulator();
  const reply = await post(simulator, { events: [{}, event({ external_id: 'x'.repeat(1000) })] });
  expect(reply.status).toBe(400);
  expect(reply.json()).toEqual({
    message: noValidData,
    errors: [
      { type: identifierMissing, input_array: 'events', index: 0 },
      { type: 'EXTERNAL_USER_ID_TOO_LARGE', input_array: 'events', index: 1 },
    ],
  });
});

test('errors are told in sentences when asked for', async () => {
  await using simulator = await startSimulator({ errorStyle: 'sentence' });
  const reply = await post(simulator, { attributes: [attributes({ email: 'x' })] });
  expect(reply.json()['errors']).toEqual([
    { type: "The value provided for the 'email' field is not a valid email.", input_array: 'attributes', index: 0 },
  ]);
});

test('an object may be named twice when asked for', async () => {
  await using simulator = await startSimulator({ repeatErrors: true });
  const reply = await post(simulator, { events: [event()], attributes: [attributes({ email: 'x' })] });
  expect(reply.json()['errors']).toEqual([
    { type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 0 },
    { type: expect.stringContaining('email'), input_array: 'attributes', index: 0 },
  ]);
  expect(simulator.counts().rejected.attributes).toBe(1);
});

test('a 201 comes before the objects are applied', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 500 });
  const { status } = await post(simulator, { events: [event()], attributes: [attributes()] });
  expect(status).toBe(201);
  expect(simulator.acceptedEvents()).toHaveLength(1);
  expect(simulator.eventsOf('u1')).toEqual([]);
  await simulator.waitFor(() => simulator.counts().applied === 2);
  expect(simulator.eventsOf('u1')).toHaveLength(1);
  expect(simulator.profile('u1')?.attributes).toEqual({ plan: 'free' });
});

test('within a request attributes are applied first, then events, then purchases', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const user = { external_id: undefined, user_alias: { alias_name: 'a', alias_label: 'l' } };
  const reference = { kind: 'user_alias', name: 'a', label: 'l' } as const;
  await post(simulator, {
    purchases: [purchase(user)],
    events: [event(user)],
    attributes: [attributes({ ...user, _update_existing_only: false })],
  });
  // The profile is made by the attributes object alone, so what came before it would have been skipped.
  expect(simulator.counts()).toMatchObject({ applied: 3, skipped: 0 });
  expect(simulator.eventsOf(reference)).toHaveLength(1);
  expect(simulator.purchasesOf(reference)).toHaveLength(1);
});

test('equal events are stored each, with an id of its own', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { events: [event(), event()] });
  await post(simulator, { events: [event()] });
  const ids = simulator.eventsOf('u1').map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(simulator.counts().accepted.events).toBe(3);
});
