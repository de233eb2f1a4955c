/** The ledger finds each broken promise: one that finds nothing would prove nothing. */
import { expect, test } from 'vitest';
import type { KeptEvent } from '../../src/simulator/simulator.ts';
import { judge, type Remains } from './ledger.ts';
import type { StoredMessage } from './stored-messages.ts';
import type { PlannedMessage } from './workload.ts';

const bad = Buffer.from('{ "event_type": "Viewed" }');
const planned: readonly PlannedMessage[] = [
  { id: 'm-1', payload: Buffer.from('1'), fates: [{ kind: 'arrives', user: 'u', seq: 1, says: { level: 1 } }] },
  { id: 'm-2', payload: Buffer.from('2'), fates: [{ kind: 'arrives', user: 'u', seq: 2 }, { kind: 'filtered' }] },
  { id: 'm-3', payload: bad, fates: [{ kind: 'dead', reason: 'unresolved_identifier', payload: bad }] },
  { id: 'm-4', payload: Buffer.from('4'), fates: [{ kind: 'arrives', user: 'u', seq: 4, says: { level: 4 } }] },
];

function stored(sequence: number, payload: Buffer, headers: Readonly<Record<string, string>>): StoredMessage {
  return { sequence, payload, header: (name) => headers[name] ?? '' };
}

function letter(reason: string, payload: Buffer): StoredMessage {
  return stored(1, payload, { 'Sluice-Sequence': '3', 'Sluice-Index': '0', 'Sluice-Reason': reason });
}

function arrivals(...seqs: readonly number[]): Pick<Remains, 'accepted' | 'eventsOf'> {
  const accepted = seqs.map((seq) => ({ user: 'external_id:u', properties: { seq } }) as unknown as KeptEvent);
  return { accepted, eventsOf: () => accepted };
}

const calm = { crashes: 0, unsettledMost: 0, lostAnswers: 0, eventsUnanswered: 0 };
const kept: Remains = {
  planned,
  stored: planned.map(({ id, payload }, index) => stored(index + 1, payload, { 'Nats-Msg-Id': id })),
  letters: [letter('unresolved_identifier', bad)],
  ...arrivals(1, 2, 4),
  attributesOf: () => ({ level: 4 }),
  consumer: { num_pending: 0, num_ack_pending: 0 },
  lastEngine: undefined,
  interruptions: calm,
};

test('a run that kept every promise has no problems', () => {
  expect(judge(kept)).toEqual({ problems: [], events: 5, arrived: 3, duplicates: 0, deadLetters: 1 });
});

test('a repeated run is allowed as far as a crash explains it', () => {
  const repeated = { ...kept, ...arrivals(1, 2, 1, 2, 4) };
  const crashed = { ...calm, crashes: 1, unsettledMost: 2 };
  expect(judge({ ...repeated, interruptions: crashed })).toMatchObject({ problems: [], duplicates: 2 });
  expect(judge(repeated).problems).toEqual([
    expect.stringMatching(/^1 users repeat for no reason/),
    expect.stringMatching(/^2 events arrived again, for 0 at most/),
  ]);
});

const broken: readonly (readonly [name: string, change: Partial<Remains>, problem: RegExp])[] = [
  ['an event that never arrived', arrivals(1, 4), /^1 lost: external_id:u 2 at 2\/0$/],
  ['an event that nobody sent', arrivals(1, 2, 4, 9), /^1 arrived that should not have/],
  [
    'an event behind a newer one',
    { ...arrivals(1, 4, 2), interruptions: { ...calm, crashes: 1 } },
    /^1 events overtook one of their user/,
  ],
  ['a dead letter that is missing', { letters: [] }, /^1 have no dead letter/],
  ['a dead letter with another reason', { letters: [letter('rejected', bad)] }, /^1 have no dead letter, or one of/],
  [
    'a dead letter with other bytes',
    { letters: [letter('unresolved_identifier', Buffer.from('{"event_type":"Viewed"}'))] },
    /^1 have no dead letter, or one of/,
  ],
  [
    'a dead letter that is stored twice',
    { letters: [letter('unresolved_identifier', bad), letter('unresolved_identifier', bad)] },
    /^1 dead letters are stored twice/,
  ],
  [
    'a dead letter of an event that arrived',
    {
      letters: [letter('unresolved_identifier', bad), stored(2, bad, { 'Sluice-Sequence': '1', 'Sluice-Index': '0' })],
    },
    /^1 are dead letters and should not be/,
  ],
  ['a user with an older value', { attributesOf: () => ({ level: 1 }) }, /^1 users end otherwise than they are/],
  [
    'a message that is unacked',
    { consumer: { num_pending: 0, num_ack_pending: 1 } },
    /0 messages pending and 1 unacked/,
  ],
  ['a message that is not in the stream', { stored: kept.stored.slice(1) }, /^the stream holds 3 messages/],
];

test.for(broken)('%s is found', ([, change, problem]) => {
  expect(judge({ ...kept, ...change }).problems).toContainEqual(expect.stringMatching(problem));
});
