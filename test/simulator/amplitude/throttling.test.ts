import { expect, test } from 'vitest';
import { startAmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';
import { event, events, upload } from './support.ts';

const narrow = {
  httpapi: { eventsPerSecond: 3, windowMs: 1_000_000 },
  batch: { eventsPerSecond: 30, windowMs: 1_000_000 },
};
/** What the narrow limit lets through in a window. */
const most = 3_000;

test('a user with too many events lately is throttled, by name and by the places of his events', async () => {
  await using simulator = await startAmplitudeSimulator({ throttle: narrow, maxEvents: 10_000 });
  const { httpapi } = narrow;
  expect((await upload(simulator, events(most))).status).toBe(200);
  const reply = await upload(simulator, [event({ user_id: 'user-2', insert_id: 'b' }), event({ insert_id: 'late' })]);
  expect(reply).toMatchObject({
    status: 429,
    body: {
      eps_threshold: httpapi.eventsPerSecond,
      throttled_users: { 'user-1': expect.any(Number) },
      throttled_events: [1],
    },
  });
  expect(simulator.counts().stored).toBe(most);
  expect((await upload(simulator, [event({ user_id: 'user-2', insert_id: 'b' })])).status).toBe(200);
});

test('Batch takes more of a user than HTTP V2', async () => {
  await using simulator = await startAmplitudeSimulator({
    throttle: narrow,
    maxEvents: 10_000,
    maxBodyBytes: { httpapi: 1e7, batch: 1e7 },
  });
  expect((await upload(simulator, events(most + 1))).status).toBe(429);
  expect((await upload(simulator, events(most + 1), '/batch')).status).toBe(200);
});

test('a device is throttled as a user is', async () => {
  await using simulator = await startAmplitudeSimulator({
    throttle: { ...narrow, httpapi: { eventsPerSecond: 1, windowMs: 2_000 } },
  });
  const reply = await upload(simulator, events(3, { device_id: 'device-1', user_id: undefined }));
  expect(reply.body).toMatchObject({ throttled_devices: { 'device-1': 1.5 }, throttled_users: {} });
});

test('who is over the daily quota is named so', async () => {
  await using simulator = await startAmplitudeSimulator({ dailyQuota: 2 });
  const reply = await upload(simulator, events(3));
  expect(reply).toMatchObject({ status: 429, body: { exceeded_daily_quota_users: { 'user-1': 3 } } });
});

test('a silenced device is refused with the places of its events', async () => {
  await using simulator = await startAmplitudeSimulator({ silencedDevices: ['device-1'] });
  const reply = await upload(simulator, [event(), event({ device_id: 'device-1' })]);
  expect(reply).toMatchObject({ status: 400, body: { silenced_devices: ['device-1'], silenced_events: [1] } });
});

test('more requests a second than the project may send are answered by 429, which names nobody', async () => {
  await using simulator = await startAmplitudeSimulator({ requestsPerSecond: 1 });
  const replies = await Promise.all([1, 2, 3].map((id) => upload(simulator, [event({ insert_id: `r${id}` })])));
  expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429, 429]);
  for (const { body } of replies) expect(body['throttled_users']).toBeUndefined();
});
