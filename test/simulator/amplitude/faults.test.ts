import { expect, test } from 'vitest';
import { startAmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';
import { event, upload } from './support.ts';

test.for([
  [{ kind: 'status', status: 503, body: 'empty' }, 503],
  [{ kind: 'status', status: 502 }, 502],
  [{ kind: 'forbidden' }, 403],
  [{ kind: 'rate_limited' }, 429],
  [{ kind: 'too_large' }, 413],
  [{ kind: 'bad_request' }, 400],
  [{ kind: 'unauthorized' }, 400],
] as const)('%j is answered by %i, and nothing is stored', async ([fault, status]) => {
  await using simulator = await startAmplitudeSimulator();
  simulator.failNext(fault);
  const response = await fetch(`${simulator.url}/batch`, {
    method: 'POST',
    body: JSON.stringify({ api_key: simulator.key, events: [event()] }),
  });
  expect(response.status).toBe(status);
  expect(simulator.counts()).toMatchObject({ stored: 0, byStatus: { [status]: 1 } });
});

test('an answer can be lost after the events are stored, or a connection cut before', async () => {
  await using simulator = await startAmplitudeSimulator();
  simulator.failNext({ kind: 'lost' });
  simulator.failNext({ kind: 'reset' });
  await expect(upload(simulator, [event()])).rejects.toThrow('fetch failed');
  expect(simulator.counts()).toMatchObject({ stored: 1, byStatus: { none: 1 } });
  await expect(upload(simulator, [event({ insert_id: 'second' })])).rejects.toThrow('fetch failed');
  expect(simulator.counts()).toMatchObject({ stored: 1, byStatus: { none: 2 } });
});

test('a stalled request goes on when it is released', async () => {
  await using simulator = await startAmplitudeSimulator();
  simulator.failNext({ kind: 'stall' });
  const reply = upload(simulator, [event()]);
  await simulator.waitFor(() => simulator.counts().requests === 1);
  expect(simulator.counts().stored).toBe(0);
  simulator.release();
  expect((await reply).status).toBe(200);
});

test('faults and counts are reached over HTTP', async () => {
  await using simulator = await startAmplitudeSimulator();
  const ask = (path: string, body: unknown): Promise<Response> =>
    fetch(`${simulator.url}/_simulator${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await ask('/faults', { fault: { kind: 'forbidden' } })).status).toBe(204);
  expect((await ask('/faults', { fault: { kind: 'nonsense' } })).status).toBe(400);
  expect((await upload(simulator, [event()])).status).toBe(403);
  expect((await upload(simulator, [event()])).status).toBe(200);
  expect(await (await fetch(`${simulator.url}/_simulator/counts`)).json()).toMatchObject({ requests: 2, stored: 1 });
  expect(await (await fetch(`${simulator.url}/_simulator/events`)).json()).toMatchObject([{ event: event() }]);
});

test('a revoked key is unknown until it is restored', async () => {
  await using simulator = await startAmplitudeSimulator();
  simulator.revokeKeys();
  expect((await upload(simulator, [event()])).body['error']).toBe(`Invalid API key: ${simulator.key}`);
  simulator.restoreKeys();
  expect((await upload(simulator, [event()])).status).toBe(200);
});
