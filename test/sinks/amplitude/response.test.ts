import { expect, test } from 'vitest';
import type { Entry } from '../../../src/core/entry.ts';
import { encodeEvent } from '../../../src/sinks/amplitude/request.ts';
import { readReply } from '../../../src/sinks/amplitude/response.ts';
import type { Verdict } from '../../../src/sinks/http/verdict.ts';

const entries: readonly Entry[] = [
  { user_id: 'user-a', device_id: 'device-1' },
  { user_id: 'user-b' },
  { device_id: 'device-2' },
  { user_id: 'user-a' },
].map((fields) =>
  encodeEvent(
    {
      identifier: fields.user_id ?? fields.device_id ?? '',
      name: 'Opened',
      time: '2026-03-01T10:00:00.000Z',
      properties: {},
      fields,
    },
    0,
  ),
);

function read(status: number, body: unknown = '', headers: Record<string, string> = {}): Verdict {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readReply({ kind: 'answer', status, headers, body: text }, { entries, now: 0, secret: 'a-secret-key' });
}

test.for([200, 202, 204])('%i is accepted, whatever its body says', (status) => {
  expect(read(status, '{"code":2')).toEqual({ kind: 'accepted', refused: new Map() });
});

test.for([408, 500, 502, 503, 504, 599])('%i says nothing about what is there: it is sent again', (status) => {
  expect(read(status, '<html>')).toEqual({ kind: 'retry', detail: `Amplitude answered ${status}` });
});

test('no answer is sent again', () => {
  const reply = { kind: 'failure', detail: 'no answer within 5 ms' } as const;
  expect(readReply(reply, { entries, now: 0, secret: 'k' })).toEqual({ kind: 'retry', detail: reply.detail });
});

test.for<[why: string, body: unknown]>([
  ['no list', {}],
  ['empty lists', { throttled_users: {}, throttled_devices: {}, throttled_events: [] }],
  ['names of others', { throttled_users: { 'user-z': 40 }, throttled_events: [9, -1, 0.5, '1'] }],
  ['no JSON', 'Too many requests'],
])('a 429 with %s pauses everything for 30 seconds', ([, body]) => {
  expect(read(429, body)).toEqual({ kind: 'pause', waitMs: 30_000 });
});

test('a 429 that says how long is obeyed', () => {
  expect(read(429, {}, { 'retry-after': '7' })).toEqual({ kind: 'pause', waitMs: 7_000 });
});

test.for<[body: unknown, places: readonly number[]]>([
  [{ throttled_users: { 'user-b': 31 } }, [1]],
  [{ throttled_users: ['user-b'] }, [1]],
  [{ throttled_devices: { 'device-2': 31 } }, [2]],
  [{ throttled_devices: { 'device-1': 31 } }, [0]],
  [{ throttled_users: { 'user-a': 31 } }, [0, 3]],
  // The later event of that user must not be there before.
  [{ throttled_events: [0] }, [0, 3]],
  [{ throttled_events: [1, 2], throttled_users: { 'user-a': 31 } }, [0, 1, 2, 3]],
])('429 with %j: those wait for 30 seconds who are named', ([body, places]) => {
  const verdict = read(429, body);
  expect(verdict).toMatchObject({ kind: 'throttled', waitMs: 30_000 });
  expect(verdict.kind === 'throttled' && verdict.waiting).toEqual(new Set(places));
});

test('who is over the daily quota is refused, and the throttled are tried again with the others', () => {
  const body = { exceeded_daily_quota_users: { 'user-b': 5e5 }, throttled_users: { 'user-a': 31 } };
  expect(read(429, body)).toEqual({
    kind: 'refused',
    refused: new Map([[1, 'the user or device is over its daily quota']]),
  });
});

test('a 400 refuses the events that it names, each with all that it says of it', () => {
  const body = {
    error: 'Request has invalid or missing fields',
    missing_field: null,
    events_with_invalid_fields: { time: [0, 3], price: [3] },
    events_with_missing_fields: { event_type: [1] },
    events_with_invalid_id_lengths: { user_id: [3] },
  };
  expect(read(400, body)).toEqual({
    kind: 'refused',
    refused: new Map([
      [1, 'missing event_type'],
      [0, 'invalid time'],
      [3, 'invalid time; invalid price; too short: user_id'],
    ]),
  });
});

test('a 400 for silenced devices refuses their events', () => {
  expect(read(400, { silenced_devices: ['device-1'], silenced_events: [2] })).toMatchObject({
    refused: new Map([
      [0, 'the device is silenced'],
      [2, 'the device is silenced'],
    ]),
  });
});

test.for<[body: unknown, detail: string]>([
  [{ error: 'Invalid JSON request body' }, 'Invalid JSON request body'],
  [{ events_with_invalid_fields: { time: [17] } }, 'Amplitude answered 400 and gave no reason'],
  ['', 'Amplitude answered 400 and gave no reason'],
])('400 with %j names nobody: it is halved', ([body, detail]) => {
  expect(read(400, body)).toEqual({ kind: 'split', reason: 'rejected', detail });
});

test('413 is halved', () => {
  expect(read(413, { error: 'Payload too large' })).toMatchObject({ kind: 'split', reason: 'too_large' });
});

test.for<[status: number, body: unknown, key: boolean, detail: string]>([
  [400, { error: 'Invalid API key: a-secret-key' }, true, 'Amplitude answered 400: Invalid API key: [the API key]'],
  [400, { error: 'Missing', missing_field: 'api_key' }, true, 'Amplitude answered 400: Missing'],
  [401, '', true, 'Amplitude answered 401'],
  [403, '<html>', false, 'Amplitude answered 403'],
  [404, { error: 'Invalid request path' }, false, 'Amplitude answered 404: Invalid request path'],
  [301, '', false, 'Amplitude answered 301'],
])('%i with %j holds the sync', ([status, body, key, detail]) => {
  expect(read(status, body)).toEqual({ kind: 'hold', key, detail });
});
