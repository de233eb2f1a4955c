import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Places } from '../../../src/sinks/braze/body.ts';
import { readReply } from '../../../src/sinks/braze/response.ts';
import type { Verdict } from '../../../src/sinks/http/verdict.ts';
import type { Reply } from '../../../src/sinks/http/client.ts';

const noValidData = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";
const html = '<html><body><h1>502 Bad Gateway</h1></body></html>';

/** A request of so many events. */
function events(count: number): Places {
  return { attributes: [], events: Array.from({ length: count }, (_, place) => [place]) };
}

function read(status: number, body: unknown = '', headers: Record<string, string> = {}): Verdict {
  const reply: Reply = {
    kind: 'answer',
    status,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  return readReply(reply, { places: () => events(3), now: 1_000_000_000_000, secret: 'the-key' });
}

function error(index: unknown, type: unknown = 'BAD', input_array: unknown = 'events'): object {
  return { type, input_array, index };
}

test.for<[string, number, unknown]>([
  ['201', 201, { message: 'success', events_processed: 3 }],
  ['201 with no errors in the list', 201, { message: 'success', errors: [] }],
  ['200', 200, { message: 'success' }],
  ['202', 202, { message: 'queued' }],
  ['204 without a body', 204, ''],
  ['201 with truncated JSON', 201, '{"message":"success","errors":[{"ty'],
  ['201 with a body that is no object', 201, '[1]'],
  ['201 with errors that are no list', 201, { errors: 'none' }],
  ['201 with an error that is no object', 201, { errors: ['BAD', null, 1] }],
  [
    '201 with errors of objects that were not sent',
    201,
    { errors: [error(0, 'BAD', 'attributes'), error(0, 'BAD', 7)] },
  ],
  ['201 with errors outside the request', 201, { errors: [error(3), error(-1), error(0.5), error('0'), error(null)] }],
])('an answer of %s accepts all', ([, status, body]) => {
  expect(read(status, body)).toEqual({ kind: 'accepted', refused: new Map() });
});

test.for([201, 200, 202, 400])(
  'the errors of a %d name the entries that are refused, in the words of Braze',
  (status) => {
    const errors = [error(2, 'EMAIL_BAD_FORMAT'), error(0, "'name' is required"), error(2, 'a sentence')];
    expect(read(status, { message: 'success', errors })).toEqual({
      kind: status === 400 ? 'refused' : 'accepted',
      refused: new Map([
        [2, 'EMAIL_BAD_FORMAT; a sentence'],
        [0, "'name' is required"],
      ]),
    });
  },
);

test('an error without words still names its entry', () => {
  const refused = new Map([[1, 'refused by Braze']]);
  expect(read(201, { errors: [error(1, null)] })).toEqual({ kind: 'accepted', refused });
});

test('an event that Braze refuses as a purchase is refused', () => {
  const refused = new Map([[1, 'BAD']]);
  expect(read(201, { errors: [error(1, 'BAD', 'purchases')] })).toEqual({ kind: 'accepted', refused });
});

test.for<[string, unknown, string]>([
  ['with a message', { message: noValidData }, noValidData],
  ['with an empty message', { message: '' }, 'Braze answered 400 and gave no reason'],
  ['with errors of another array', { message: 'm', errors: [error(0, 'BAD', 'attributes')] }, 'm'],
  ['with HTML', html, 'Braze answered 400 and gave no reason'],
  ['without a body', '', 'Braze answered 400 and gave no reason'],
])('a 400 %s that names no entry is split', ([, body, detail]) => {
  expect(read(400, body)).toEqual({ kind: 'split', reason: 'rejected', detail });
});

test.for<[unknown, string]>([
  [{ message: 'Request entity too large' }, 'Request entity too large'],
  [html, 'the request is too large'],
])('a 413 is split: %j', ([body, detail]) => {
  expect(read(413, body)).toEqual({ kind: 'split', reason: 'too_large', detail });
});

test.for<[Record<string, string>, number | undefined]>([
  [{ 'x-ratelimit-retry-after': '2' }, 2_000],
  [{ 'x-ratelimit-reset': '1000000003' }, 3_000],
  [{ 'x-ratelimit-reset': '' }, undefined],
  [{}, undefined],
])('a 429 with the headers %j pauses for %s ms', ([headers, waitMs]) => {
  expect(read(429, 'Too Many Requests', headers)).toEqual({ kind: 'pause', waitMs });
});

test.for([401, 402, 403, 404, 405, 406, 409, 410, 415, 418, 422, 451, 301, 302, 307, 304])(
  'a %d holds, and says so in the words of Braze',
  (status) => {
    expect(read(status, { message: 'words' })).toEqual({
      kind: 'hold',
      key: status === 401,
      detail: `Braze answered ${status}: words`,
    });
    expect(read(status, html)).toMatchObject({ kind: 'hold', detail: `Braze answered ${status}` });
  },
);

test.for([408, 500, 501, 502, 503, 504, 520, 529, 599])('a %d is tried again', (status) => {
  expect(read(status, html)).toEqual({ kind: 'retry', detail: `Braze answered ${status}` });
  expect(read(status)).toEqual({ kind: 'retry', detail: `Braze answered ${status}` });
});

test('no answer is tried again', () => {
  const reply: Reply = { kind: 'failure', detail: 'ECONNRESET' };
  expect(readReply(reply, { places: () => events(1), now: 0, secret: 'the-key' })).toEqual({
    kind: 'retry',
    detail: 'ECONNRESET',
  });
});

test('the key that a 401 repeats is not in its words', () => {
  expect(read(401, { message: 'Invalid API key: the-key' })).toEqual({
    kind: 'hold',
    key: true,
    detail: 'Braze answered 401: Invalid API key: [the API key]',
  });
});

const index = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.double(), fc.jsonValue());
const entryErrors = fc.array(
  fc.oneof(
    fc.record({ type: fc.jsonValue(), input_array: fc.constantFrom('events', 'attributes', 'purchases'), index }),
    fc.jsonValue(),
  ),
);
const likeAnswers = fc
  .record({ message: fc.jsonValue(), errors: fc.oneof(entryErrors, fc.jsonValue()) }, { requiredKeys: [] })
  .map((body) => JSON.stringify(body));
const bodies = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  likeAnswers,
  fc.tuple(likeAnswers, fc.nat()).map(([body, end]) => body.slice(0, end % (body.length + 1))),
);

test('whatever comes back has a verdict, and names only entries that were sent', () => {
  const headers = fc.dictionary(
    fc.constantFrom('x-ratelimit-reset', 'x-ratelimit-retry-after', 'retry-after'),
    fc.oneof(fc.string(), fc.array(fc.string())),
  );
  const options = fc.record({ entries: fc.integer({ min: 1, max: 4 }), now: fc.integer(), secret: fc.uuid() });
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      bodies,
      headers,
      options,
      (status, body, headers, { entries, ...options }) => {
        const verdict = readReply(
          { kind: 'answer', status, headers, body },
          { ...options, places: () => events(entries) },
        );
        const refused = 'refused' in verdict ? [...verdict.refused.keys()] : [];
        expect(refused.filter((place) => !Number.isInteger(place) || place < 0 || place >= entries)).toEqual([]);
        expect(verdict.kind === 'accepted').toBe(status < 300);
      },
    ),
    { numRuns: 500 },
  );
});

test('an answer nested too deep to be searched for the key is one that cannot be read', () => {
  const body = `{"errors":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(read(201, body)).toEqual({ kind: 'accepted', refused: new Map() });
});
