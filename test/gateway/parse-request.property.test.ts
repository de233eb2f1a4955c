import * as fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { readEvents } from '../../src/gateway/events-endpoint.ts';
import { parseRequest } from '../../src/gateway/parse-request.ts';
import type { Project } from '../../src/gateway/projects.ts';
import { Refusal } from '../../src/gateway/refusal.ts';
import { StreamWriter } from '../../src/gateway/stream-writer.ts';
import { connectNats } from '../../src/nats/connect.ts';

await using connection = await connectNats({ urls: [inject('natsUrl')] });
const writer = new StreamWriter(connection, { atomic: true, timeoutMs: 1_000 });
/** Read byte by byte, the second key is the third. */
const projects = new Map(
  ['key', 'clé', 'cl\u00c3\u00a9'].map((key, index): [string, Project] => {
    return [key, { writer, placing: { layout: 'event', prefix: `project${index}`, partitions: 16 } }];
  }),
);
const facts = { receivedAt: 1_760_000_000_000, address: '192.0.2.1' };

const unit = fc.constantFrom('a', 'b', '0', ' ', 'é', 'Ã', '\u0085', '日', '😀', '"', '\\', '\u0001');
const text = fc.string({ unit });
/** Mostly of the first kind, so that most requests are taken. */
const name = (plain: fc.Arbitrary<string>, minLength = 0): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: plain }, { weight: 3, arbitrary: fc.string({ unit, minLength }) });
const event = fc.record(
  {
    event_type: name(fc.constantFrom('Purchase', 'Added to Cart'), 1),
    user_id: fc.oneof(
      { weight: 9, arbitrary: name(fc.constant('user-1'), 5) },
      { weight: 1, arbitrary: fc.constantFrom('anonymous', 'é', 'ié') },
    ),
    device_id: name(fc.uuid(), 5),
    insert_id: name(fc.uuid()),
    time: fc.constant(1_759_000_000_000),
    ip: fc.constantFrom('$remote', '198.51.100.1'),
    event_properties: fc.dictionary(text, fc.oneof(text, fc.array(text))),
  },
  { requiredKeys: ['event_type', 'user_id', 'event_properties'] },
);
const request = fc.record({
  api_key: fc.oneof({ weight: 4, arbitrary: fc.constant('key') }, fc.constantFrom('clé', 'cl\u00c3\u00a9', 'ключ')),
  events: fc.array(event, { minLength: 1, maxLength: 3 }),
  options: fc.constantFrom({}, { min_id_length: 2 }),
});

test('a request of UTF-8 comes to what the same request comes to when it is written in ASCII', () => {
  const encodings = new Set<string>();
  fc.assert(
    fc.property(request, (sent) => {
      const written = Buffer.from(JSON.stringify(sent));
      encodings.add(parseRequest(written).encoding);
      expect(outcomeOf(written)).toEqual(outcomeOf(Buffer.from(inAscii(JSON.stringify(sent)))));
    }),
    { numRuns: 1_000 },
  );
  expect([...encodings].sort()).toEqual(['latin1', 'utf8']);
});

test.each([
  [
    'latin1',
    'of nothing but texts of other alphabets',
    '{"api_key":"key","events":[{"event_type":"a","city":"Łódź"}]}',
  ],
  ['utf8', 'whose event is named in another alphabet', '{"api_key":"key","events":[{"event_type":"購入"}]}'],
  ['utf8', 'that writes a character as its number too', '{"api_key":"key","events":[{"city":"Łódź","a":"\\u00e9"}]}'],
  ['utf8', 'of ASCII', '{"api_key":"key","events":[{"event_type":"a"}]}'],
])('the parser takes %s for a body %s', (encoding, _, body) => {
  expect(parseRequest(Buffer.from(body)).encoding).toBe(encoding);
});

/** What goes to the stream, or how the request is refused. */
function outcomeOf(body: Buffer): unknown {
  try {
    const { records } = readEvents(body, facts, projects);
    return records.map(({ subject, id, payload }) => [subject, id, JSON.parse(Buffer.from(payload).toString())]);
  } catch (error) {
    if (error instanceof Refusal) return error.body();
    throw error;
  }
}

function inAscii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
