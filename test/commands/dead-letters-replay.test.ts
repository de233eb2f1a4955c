import { expect, test, vi } from 'vitest';
import { LetterSession } from './dead-letters-session.ts';

// Each step is a process of its own, and several tests run at once.
vi.setConfig({ testTimeout: 400_000 });

const event = (seq: number, more: object = {}) => ({
  event_type: 'Purchase',
  user_id: `u-${seq % 7}`,
  time: 1_760_000_000_000 + seq,
  event_properties: { seq },
  ...more,
});

const failing =
  'events: { select: ["*"], filter: event_properties.seq > "no number", properties: [event_properties.seq] }';

/** The numbers of the events that Braze has, as often as it has them. */
async function arrived(session: LetterSession): Promise<number[]> {
  await session.simulator.settled();
  return session.simulator.acceptedEvents().map(({ properties }) => Number(properties?.['seq']));
}

test.concurrent('after the rule was mended, a replay sends what failed, and the letters go', async () => {
  await using session = await LetterSession.start();
  await session.rule(failing);
  await session.publish(...Array.from({ length: 50 }, (_, seq) => event(seq)));
  expect((await session.runOnce()).code).toBe(0);
  expect(await session.stored()).toHaveLength(50);
  expect(await arrived(session)).toEqual([]);

  const still = await session.command(['replay', '--all', '--dry-run']);
  expect(still.stdout).toMatch(new RegExp(`^50 letters .*\n[^]*${session.name} +50 +0 +0 +50 filter_error +0\n`));

  await session.rule();
  const preview = await session.command(['replay', '--sync', session.name, '--dry-run', '--json']);
  expect(JSON.parse(preview.stdout)).toEqual({
    sync: session.name,
    letters: 50,
    sent: 50,
    filtered: 0,
    discarded: {},
    unknown: 0,
  });
  expect(await session.stored()).toHaveLength(50);

  const replayed = await session.command(['replay', '--sync', session.name, '--reason', 'filter_error']);
  expect(replayed).toEqual({ code: 0, stdout: '50 letters: 50 sent\n', stderr: '' });
  expect(await session.stored()).toEqual([]);
  // Per user in the order in which they failed.
  expect((await arrived(session)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, seq) => seq));
  for (let user = 0; user < 7; user++) {
    const seqs = session.simulator.eventsOf(`u-${user}`).map(({ properties }) => Number(properties?.['seq']));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }
  // Nothing is left to do, and doing it again does nothing.
  expect((await session.command(['replay', '--all'])).stdout).toBe('0 letters: 0 sent\n');
});

test.concurrent('what fails again keeps its history, and says so with exit code 1', async () => {
  await using session = await LetterSession.start();
  await session.rule(failing);
  await session.publish(event(1));
  await session.runOnce();
  const [first] = await session.stored();
  for (let replay = 1; replay <= 2; replay++) {
    const { code, stdout } = await session.command(['replay', '--all']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '1 letter: 0 sent, 1 failed again (filter_error 1)\n' });
    const letters = await session.stored();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      letter: 1 + replay,
      replays: replay,
      firstFailedAt: first?.failedAt,
      stream: session.name,
      subject: `${session.name}.events`,
      sequence: 1,
      storedAt: first?.storedAt,
    });
  }
});

test.concurrent('the attempts of a letter grow with each replay that Braze refuses', async () => {
  await using session = await LetterSession.start();
  await session.rule('events: { select: ["*"], properties: [event_properties.note] }');
  await session.publish({ ...event(1), event_properties: { note: 'x'.repeat(150_000) } });
  await session.runOnce();
  const [first] = await session.stored();
  expect(first).toMatchObject({ reason: 'rejected', replays: 0 });
  expect((await session.command(['replay', '--all'])).code).toBe(1);
  const [again] = await session.stored();
  expect(again).toMatchObject({ reason: 'rejected', replays: 1, attempts: 2 * (first?.attempts ?? 0) });
});

test.concurrent('of a message of many events only the one that failed is replayed, exactly as it came', async () => {
  await using session = await LetterSession.start();
  await session.rule();
  const lacking = '{ "event_type":"Purchase", "device_id":"d-1", "event_properties":{"seq":2} }';
  const list = JSON.stringify([event(8), event(9)]);
  await session.publish(`{"events":[${JSON.stringify(event(1))},${lacking},${JSON.stringify(event(3))},${list}]}`);
  await session.runOnce();
  expect(await arrived(session)).toEqual([1, 3]);
  expect(await session.stored()).toMatchObject([
    { reason: 'unresolved_identifier', index: 1, events: 4 },
    { reason: 'invalid_event', index: 3, events: 4 },
  ]);

  await session.rule(`identifier: { property: device_id, type: external_id }
events: { select: ["*"], properties: [event_properties.seq] }`);
  const { code, stdout } = await session.command(['replay', '--all']);
  // A list among the events of a message is no event, and two events do not come of it either.
  expect({ code, stdout }).toEqual({ code: 1, stdout: '2 letters: 1 sent, 1 failed again (invalid_event 1)\n' });
  expect(await arrived(session)).toEqual([1, 3, 2]);
  expect(session.simulator.eventsOf('d-1')).toHaveLength(1);
  const [letter] = await session.stored();
  expect(letter).toMatchObject({ index: 3, events: 4, replays: 1 });
  expect(Buffer.from((await session.letters.get(letter?.letter ?? 0))?.payload ?? '').toString()).toBe(list);
});

test.concurrent('an event that the rule does not want any more goes without being sent', async () => {
  await using session = await LetterSession.start();
  await session.rule('events: { select: [Refund] }');
  await session.letter(JSON.stringify(event(1)));
  expect(await session.command(['replay', '1'])).toMatchObject({
    code: 0,
    stdout: '1 letter: 0 sent, 1 not wanted by the rule any more\n',
  });
  expect(await session.stored()).toEqual([]);
});

test.concurrent('a part of the event that Braze took before is not sent again', async () => {
  await using session = await LetterSession.start();
  await session.rule(`events: { select: ["*"], properties: [event_properties.seq] }
users: { properties: [plan] }`);
  const upgrade = (seq: number, plan: string) => JSON.stringify(event(seq, { user_properties: { $set: { plan } } }));
  await session.letter(upgrade(1, 'pro'), { accepted: 'event' });
  await session.letter(upgrade(2, 'free'), { accepted: 'update' });
  expect((await session.command(['replay', '--all'])).stdout).toBe('2 letters: 2 sent\n');
  expect(await arrived(session)).toEqual([2]);
  expect(session.simulator.profile('u-1')?.attributes).toMatchObject({ plan: 'pro' });
});

test.concurrent('a running engine replays, beside the events that come, and the command needs neither rules nor key', async () => {
  await using session = await LetterSession.start({ latencyMs: [1, 5] });
  await session.rule();
  for (let seq = 1_000; seq < 1_300; seq++) await session.letter(JSON.stringify(event(seq)));
  const engine = session.spawn(['run', '--rules', session.folder]);
  const publishing = session.publish(...Array.from({ length: 300 }, (_, seq) => event(seq)));
  await vi.waitFor(async () => expect((await session.consumer())?.num_waiting).toBeGreaterThan(0), {
    timeout: 120_000,
  });
  const replayed = await session.command(['replay', '--all', '--json'], { SLUICE_RULES: '/nowhere', TEST_KEY: '' });
  expect(JSON.parse(replayed.stdout)).toEqual({
    selected: 300,
    delivered: 300,
    filtered: 0,
    discarded: {},
    gone: 0,
    left: 0,
  });
  await publishing;
  await vi.waitFor(async () => expect(await arrived(session)).toHaveLength(600), { timeout: 120_000 });
  expect(new Set(await arrived(session)).size).toBe(600);
  expect(await session.stored()).toEqual([]);
  engine.child.kill('SIGTERM');
  expect((await engine.ended).code).toBe(0);
});

test.concurrent('killed in the middle of a replay, nothing is lost, and a second replay sends the rest', async () => {
  await using session = await LetterSession.start({ latencyMs: [30, 60] });
  await session.rule('events: { select: ["*"], properties: [event_properties.seq] }\ndelivery: { concurrency: 2 }');
  const count = 2_000;
  for (let start = 0; start < count; start += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => session.letter(JSON.stringify(event(start + index)))));
  }
  const { child, ended } = session.spawn(['dead-letters', 'replay', '--all']);
  await session.simulator.waitFor(() => session.simulator.counts().accepted.events >= 200, { timeoutMs: 120_000 });
  child.kill('SIGKILL');
  await ended;
  await session.simulator.settled();

  const sent = new Set(await arrived(session));
  const left = await session.stored();
  expect(left.length).toBeGreaterThan(0);
  expect(sent.size + left.length).toBeGreaterThanOrEqual(count);
  expect((await session.command(['replay', '--all'])).stdout).toBe(`${left.length} letters: ${left.length} sent\n`);
  expect(new Set(await arrived(session)).size).toBe(count);
  expect(await session.stored()).toEqual([]);
});

test.concurrent('an engine that is killed in the middle of a replay goes on with it when it is back', async () => {
  await using session = await LetterSession.start({ latencyMs: [30, 60] });
  await session.rule('events: { select: ["*"], properties: [event_properties.seq] }\ndelivery: { concurrency: 2 }');
  const count = 1_500;
  for (let start = 0; start < count; start += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => session.letter(JSON.stringify(event(start + index)))));
  }
  const serving = async () => {
    const engine = session.spawn(['run', '--rules', session.folder]);
    await vi.waitFor(async () => expect((await session.consumer())?.num_waiting).toBeGreaterThan(0), {
      timeout: 120_000,
    });
    return engine;
  };
  const first = await serving();
  // Without rules, so that it cannot run the sync itself.
  const command = session.spawn(['dead-letters', 'replay', '--all'], { SLUICE_RULES: '/nowhere' });
  await session.simulator.waitFor(() => session.simulator.counts().accepted.events >= 200, { timeoutMs: 120_000 });
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await serving();
  expect((await command.ended).code).toBe(0);
  expect(await session.stored()).toEqual([]);
  expect(new Set(await arrived(session)).size).toBe(count);
  second.child.kill('SIGTERM');
  await second.ended;
});

test.concurrent('a replay that runs a sync itself gives way to an engine that starts', async () => {
  await using session = await LetterSession.start();
  await session.rule();
  await session.letter(JSON.stringify(event(1)));
  // Braze takes nothing for now, so that the replay is under way when the engine starts.
  session.simulator.failBy(() => ({ kind: 'status', status: 503 }));
  const command = session.spawn(['dead-letters', 'replay', '--all'], { SLUICE_DRAIN_MS: '300' });
  await session.simulator.waitFor(() => session.simulator.counts().requests > 0, { timeoutMs: 120_000 });
  const engine = session.spawn(['run', '--json', '--rules', session.folder]);
  let told = '';
  command.child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await vi.waitFor(() => expect(told).toContain('An engine runs the sync'), { timeout: 120_000 });
  session.simulator.clearFaults();
  expect(await command.ended).toMatchObject({ code: 0, stdout: '1 letter: 1 sent\n' });
  engine.child.kill('SIGTERM');
  const { syncs } = JSON.parse((await engine.ended).stdout) as { syncs: readonly { readonly received: number }[] };
  expect(syncs).toMatchObject([{ received: 1, inFlight: 0 }]);
});

test.concurrent('a sync that nobody runs and that cannot be run here ends with 3, and its letters stay', async () => {
  await using session = await LetterSession.start();
  await session.letter(JSON.stringify(event(1)));
  const missing = await session.command(['replay', '1']);
  expect(missing).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/no engine runs the sync .* Start `sluice run`, or name its rules/),
  });
  await session.rule();
  const keyless = await session.command(['replay', '1'], { TEST_KEY: '' });
  expect(keyless).toMatchObject({ code: 3, stderr: expect.stringContaining('TEST_KEY') });
  await session.rule('enabled: false\nevents: { select: ["*"] }');
  expect(await session.command(['replay', '1'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('not enabled'),
  });
  expect(await session.stored()).toHaveLength(1);
});

test.concurrent('while Braze refuses the key a replay waits and says why, and Ctrl-C leaves the letters', async () => {
  await using session = await LetterSession.start();
  await session.rule();
  await session.letter(JSON.stringify(event(1)));
  const { child, ended } = session.spawn(['dead-letters', 'replay', '--all'], {
    TEST_KEY: 'wrong-key-of-the-test',
    SLUICE_DRAIN_MS: '500',
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await vi.waitFor(() => expect(told).toMatch(/waiting: .*401/), { timeout: 120_000 });
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '1 letter: 0 sent, 1 left as they were, or still under way\n' });
  expect(stderr).not.toContain('wrong-key-of-the-test');
  expect(await session.stored()).toHaveLength(1);
});
