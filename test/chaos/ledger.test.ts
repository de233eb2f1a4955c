/** The ledger finds each broken promise: one that finds nothing would prove nothing. */
import { expect, test } from 'vitest';
import type { KeptEvent } from '../../src/simulator/simulator.ts';
import { judge, type Remains } from './ledger.ts';
import type { Interruptions } from './repeats.ts';
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

/** Arrivals in the seconds 0, 1, 2 and so on, each in a request of its own. */
function arrivals(...seqs: readonly number[]): Pick<Remains, 'accepted' | 'eventsOf'> {
  const accepted = seqs.map(
    (seq, at) =>
      ({ user: 'external_id:u', properties: { seq }, request: at, acceptedAt: at * 1_000 }) as unknown as KeptEvent,
  );
  return { accepted, eventsOf: () => accepted };
}

const calm: Interruptions = {
  kills: [],
  brokenLinks: [],
  unanswered: new Set(),
  unackedMost: 2,
  requestMost: 1,
};
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
  expect(judge(kept)).toEqual({ problems: [], events: 5, arrived: 3, duplicates: 0, byKills: 0, deadLetters: 1 });
});

const again = { ...kept, ...arrivals(1, 2, 1, 2, 4) };
const causes: readonly (readonly [name: string, interruptions: Interruptions, byKills: number])[] = [
  ['a kill', { ...calm, kills: [1_500] }, 2],
  ['connections that broke', { ...calm, brokenLinks: [1_500, 1_500] }, 0],
  ['answers that were lost', { ...calm, unanswered: new Set([0, 1]) }, 0],
];

test.for(causes)('%s may repeat a run of events', ([, interruptions, byKills]) => {
  expect(judge({ ...again, interruptions })).toMatchObject({ problems: [], duplicates: 2, byKills });
});

test('what is repeated for no reason is found', () => {
  const problems = [
    expect.stringMatching(/^1 users repeat for no reason/),
    expect.stringMatching(/^2 arrived again for no reason: external_id:u 1 in the requests 0 and 2; /),
  ];
  expect(judge(again).problems).toEqual(problems);
  // Each came again before the kill, or had not come before it.
  expect(judge({ ...again, interruptions: { ...calm, kills: [3_500] } }).problems).toEqual(problems.slice(1));
  expect(judge({ ...again, interruptions: { ...calm, unanswered: new Set([2]) } }).problems).toEqual(problems.slice(1));
});

test('more than a cause explains is found', () => {
  const kill = { ...calm, kills: [1_500], unackedMost: 1 };
  expect(judge({ ...again, interruptions: kill }).problems).toEqual([
    '2 messages arrived again after a kill, which explains 1 at most',
  ]);
  const link = { ...calm, brokenLinks: [1_500] };
  expect(judge({ ...again, interruptions: link }).problems).toEqual([
    '2 events arrived again after lost answers, which explain 1 at most',
  ]);
});

const broken: readonly (readonly [name: string, change: Partial<Remains>, problem: RegExp])[] = [
  ['an event that never arrived', arrivals(1, 4), /^1 lost: external_id:u 2 at 2\/0$/],
  ['an event that nobody sent', arrivals(1, 2, 4, 9), /^1 arrived that should not have/],
  [
    'an event behind a newer one',
    { ...arrivals(1, 4, 2), interruptions: { ...calm, kills: [500] } },
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
