import { expect, test } from 'vitest';
import { startAmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';
import { event, events, post, upload } from './support.ts';

test.for(['/2/httpapi', '/batch'])('good events at %s are stored, and the answer says how many', async (path) => {
  await using simulator = await startAmplitudeSimulator();
  const reply = await upload(simulator, events(3), path);
  expect(reply).toMatchObject({ status: 200, body: { code: 200, events_ingested: 3 } });
  expect(reply.body['payload_size_bytes']).toBeGreaterThan(100);
  expect(simulator.events().map(({ event: stored }) => stored)).toEqual(events(3));
});

test('an event that comes again is taken and not stored, whichever request it comes in', async () => {
  await using simulator = await startAmplitudeSimulator();
  await upload(simulator, [event(), event()]);
  await upload(simulator, [event({ event_type: 'Another name' })]);
  expect(simulator.counts()).toMatchObject({ stored: 1, duplicates: 2, requests: 2 });
});

test('the same insert_id of another device is another event, and an event without one is always new', async () => {
  await using simulator = await startAmplitudeSimulator();
  const devices = [event({ device_id: 'device-1' }), event({ device_id: 'device-2' }), event({ user_id: 'user-2' })];
  await upload(simulator, [...devices, event({ insert_id: undefined }), event({ insert_id: undefined })]);
  expect(simulator.counts()).toMatchObject({ stored: 5, duplicates: 0 });
});

test('an insert_id is forgotten when its time is over', async () => {
  await using simulator = await startAmplitudeSimulator({ deduplicateMs: 0 });
  await upload(simulator, [event()]);
  await upload(simulator, [event()]);
  expect(simulator.counts()).toMatchObject({ stored: 2, duplicates: 0 });
});

test.for<[why: string, fields: Record<string, unknown>, list: string, field: string]>([
  ['no type', { event_type: undefined }, 'events_with_missing_fields', 'event_type'],
  ['a blank type', { event_type: ' ' }, 'events_with_invalid_fields', 'event_type'],
  ['a type of Amplitude itself', { event_type: '[Amplitude] Revenue' }, 'events_with_invalid_fields', 'event_type'],
  ['nobody', { user_id: undefined }, 'events_with_missing_fields', 'user_id'],
  ['a short id', { user_id: 'u1' }, 'events_with_invalid_id_lengths', 'user_id'],
  ['an id that means nobody', { user_id: 'Anonymous' }, 'events_with_invalid_fields', 'user_id'],
  ['a number for an id', { device_id: 12_345 }, 'events_with_invalid_fields', 'device_id'],
  ['seconds with a fraction', { time: 1_767_603_600.5 }, 'events_with_invalid_fields', 'time'],
  ['a time as text', { time: '2026-01-05' }, 'events_with_invalid_fields', 'time'],
  ['a price as text', { price: '1.5' }, 'events_with_invalid_fields', 'price'],
  ['properties as a list', { event_properties: [] }, 'events_with_invalid_fields', 'event_properties'],
  ['properties too deep', { event_properties: deep(42) }, 'events_with_invalid_fields', 'event_properties'],
])('an event with %s is refused, and all that came with it', async ([, fields, list, field]) => {
  await using simulator = await startAmplitudeSimulator();
  const reply = await upload(simulator, [event({ insert_id: 'good' }), event(fields)]);
  expect(reply).toMatchObject({ status: 400, body: { [list]: { [field]: [1] } } });
  expect(simulator.counts().stored).toBe(0);
});

test('HTTP V2 names the first bad event of each field, Batch all of them', async () => {
  await using simulator = await startAmplitudeSimulator();
  const bad = events(3, { time: 'now' });
  expect((await upload(simulator, bad)).body['events_with_invalid_fields']).toEqual({ time: [0] });
  expect((await upload(simulator, bad, '/batch')).body['events_with_invalid_fields']).toEqual({ time: [0, 1, 2] });
});

test('short ids pass where the request allows them', async () => {
  await using simulator = await startAmplitudeSimulator();
  expect((await upload(simulator, [event({ user_id: 'u1' })], '/batch', { min_id_length: 1 })).status).toBe(200);
});

test.for<[why: string, body: unknown, error: RegExp]>([
  ['no body', '', /Missing request body/],
  ['no JSON', '{"api_key":', /Invalid JSON/],
  ['a list', '[]', /Invalid JSON/],
  ['no key', { events: [event()] }, /missing required field/],
  ['an unknown key', { api_key: 'other', events: [event()] }, /Invalid API key: other/],
  ['no events', { api_key: 'amplitude-simulator-key' }, /missing required field/],
])('a request with %s is refused', async ([, body, error]) => {
  await using simulator = await startAmplitudeSimulator();
  expect(await post(simulator, body)).toMatchObject({ status: 400, body: { error: expect.stringMatching(error) } });
});

test('too many events, and too many bytes, are answered by 413', async () => {
  await using simulator = await startAmplitudeSimulator({ maxBodyBytes: { httpapi: 1_000, batch: 100_000 } });
  expect((await upload(simulator, events(20))).status).toBe(413);
  expect((await upload(simulator, events(20), '/batch')).status).toBe(200);
  simulator.set({ maxEvents: 19 });
  expect((await upload(simulator, events(20), '/batch')).status).toBe(413);
});

test('texts longer than 1,024 characters are cut', async () => {
  await using simulator = await startAmplitudeSimulator();
  await upload(simulator, [event({ event_properties: { text: 'x'.repeat(2_000), list: ['y'.repeat(1_025)] } })]);
  expect(simulator.counts().truncations).toBe(2);
  expect(simulator.events()[0]?.event).toMatchObject({ event_properties: { text: 'x'.repeat(1_024) } });
});

test('another path is none', async () => {
  await using simulator = await startAmplitudeSimulator();
  expect((await upload(simulator, [event()], '/httpapi')).status).toBe(404);
});

/** An object that holds an object, so many times. */
function deep(levels: number): unknown {
  return levels === 0 ? 1 : { inner: deep(levels - 1) };
}
