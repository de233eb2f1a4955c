import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { readMoment } from '../../src/commands/dead-letters/arguments.ts';
import { LetterSession } from './dead-letters-session.ts';

// Each step is a process of its own, and several tests run at once.
vi.setConfig({ testTimeout: 300_000 });

function lines(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.concurrent('list counts by sync and reason first, and shows the newest letters from the latest', async () => {
  await using session = await LetterSession.start();
  for (let seq = 1; seq <= 3; seq++) await session.letter(`{"seq":${seq}}`, { detail: `no ${seq}` });
  await session.letter('x', { reason: 'invalid_json' });
  await session.letter('y', { sync: 'other' });

  const { code, stdout } = await session.command(['list', '--limit', '2']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^5 letters in /);
  expect(stdout).toMatch(new RegExp(`${session.name} +rejected +3 `));
  expect(stdout).toMatch(new RegExp(`${session.name} +invalid_json +1 `));
  expect(stdout).toMatch(/The newest 2, from the latest:/);
  expect(stdout).toMatch(/\n5 [^\n]*other[^\n]*\n4 [^\n]*invalid_json[^\n]*\n$/);

  const json = lines((await session.command(['list', '--json', '--sync', session.name])).stdout);
  expect(json.map(({ kind }) => kind)).toEqual(['count', 'count', 'letter', 'letter', 'letter', 'letter']);
  expect(json[0]).toMatchObject({ sync: session.name, reason: 'rejected', letters: 3 });
  expect(json[3]).toMatchObject({ seq: 3, detail: 'no 3', attempts: 1, replays: 0, sequence: 3 });
});

test.concurrent('list narrows by reason and by time', async () => {
  await using session = await LetterSession.start();
  await session.letter('1');
  await session.letter('2', { reason: 'expired' });
  const [first, second] = await session.stored();
  const iso = (millis = 0): string => new Date(millis).toISOString();
  const seqs = async (...args: string[]) =>
    lines((await session.command(['list', '--json', ...args])).stdout).flatMap(({ seq }) => seq ?? []);
  expect(await seqs('--reason', 'expired')).toEqual([2]);
  expect(await seqs('--since', '1h')).toEqual([2, 1]);
  expect(await seqs('--until', '1h')).toEqual([]);
  expect(await seqs('--until', iso((first?.failedAt ?? 0) + 86_400_000))).toEqual([2, 1]);
  expect(await seqs('--until', iso(first?.failedAt))).toEqual([]);
  expect(await seqs('--since', iso((second?.failedAt ?? 0) + 1))).toEqual([]);
});

test.concurrent('show tells all of a letter, and --raw gives its bytes exactly', async () => {
  await using session = await LetterSession.start();
  const bytes = Uint8Array.of(0xff, 0x00, 0x0a, 0x1b, 0x80);
  await session.letter(bytes, { reason: 'invalid_json', detail: 'not JSON' });
  await session.letter('{"api_key":"amplitude-key","events":[{"event_type":"Purchase","n":12345678901234567890}]}', {
    attempts: 2,
    replays: 3,
    accepted: 'event',
  });

  const { child, ended } = session.spawn(['dead-letters', 'show', '1', '--raw']);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  expect((await ended).code).toBe(0);
  expect(new Uint8Array(Buffer.concat(chunks))).toEqual(bytes);

  const [first] = lines((await session.command(['show', '1', '--json'])).stdout);
  expect(first).toMatchObject({ seq: 1, payload: { base64: Buffer.from(bytes).toString('base64') } });
  const { stdout } = await session.command(['show', '2']);
  expect(stdout).toMatch(/reason +rejected\ndetail +Braze says no\nsent +2 times/);
  expect(stdout).toMatch(new RegExp(`came from +message 2 of ${session.name}, subject ${session.name}.events`));
  expect(stdout).toMatch(/replayed +3 times, failed first \d{4}-/);
  expect(stdout).toMatch(/accepted +the event itself/);
  expect(stdout).toContain('"event_type": "Purchase"');
  expect(stdout).not.toContain('amplitude-key');
});

test.concurrent('what a letter holds cannot steer a terminal', async () => {
  await using session = await LetterSession.start();
  await session.letter('\u001B[2J\u009B31m', { detail: 'red \u001B[31m alert' });
  for (const args of [['list'], ['show', '1']]) {
    const { stdout } = await session.command(args);
    for (const control of ['\u001B', '\u009B']) expect(stdout).not.toContain(control);
    expect(stdout).toContain(String.raw`red \u001b[31m alert`);
  }
});

test.concurrent('purge removes what is selected, counts it first with --dry-run, and asks where it can', async () => {
  await using session = await LetterSession.start();
  for (let seq = 1; seq <= 5; seq++) await session.letter('x', { reason: seq > 3 ? 'expired' : 'rejected' });

  const counted = await session.command(['purge', '--reason', 'rejected', '--dry-run']);
  expect(counted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 letters in .* would be removed/) });
  const unasked = await session.command(['purge', '--reason', 'rejected']);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(await session.stored()).toHaveLength(5);

  expect((await session.command(['purge', '--reason', 'rejected', '--yes'])).stdout).toBe('3 letters removed\n');
  expect((await session.command(['purge', '5', '--yes'])).stdout).toBe('1 letter removed\n');
  expect((await session.stored()).map(({ letter }) => letter)).toEqual([4]);
  expect((await session.command(['purge', '--all', '--yes'])).stdout).toBe('1 letter removed\n');
  expect((await session.command(['purge', '--all', '--yes'])).code).toBe(0);
});

test.concurrent('a selection that says nothing, or too much, ends with 2', async () => {
  await using session = await LetterSession.start();
  await session.letter('x');
  for (const args of [
    ['replay'],
    ['purge', '--yes'],
    ['purge', '1', '--all'],
    ['replay', 'one'],
    ['list', '--reason', 'sad'],
    ['list', '--since', 'yesterday'],
    ['list', '--since', '1h', '--until', '2h'],
  ]) {
    const { code, stdout, stderr } = await session.command(args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).toMatch(/\w/);
  }
  expect(await session.stored()).toHaveLength(1);
});

test.concurrent('a sync that there is not, and a letter that there is not, end with 1 and are named', async () => {
  await using session = await LetterSession.start();
  await session.letter('x');
  const mistyped = await session.command(['list', '--sync', `${session.name}x`]);
  expect(mistyped).toMatchObject({ code: 1, stderr: expect.stringContaining(`did you mean ${session.name}?`) });
  for (const what of ['show', 'replay', 'purge'])
    expect(await session.command([what, '99'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no letter 99'),
    });
  // One that has a rule and no letters is known.
  await session.rule();
  await session.command(['purge', '--all', '--yes']);
  expect(await session.command(['list', '--sync', session.name])).toMatchObject({ code: 0 });
});

test.concurrent('a stream or a server that is not there ends with 3, with the way out', async () => {
  await using session = await LetterSession.start();
  const manager = await jetstreamManager(session.connection);
  await manager.streams.delete(session.letters.stream);
  for (const args of [['list'], ['replay', '--all']]) {
    const absent = await session.command(args);
    expect(absent).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/no stream \w+ of dead letters.*sluice run/),
    });
  }
  const unreachable = await session.command(['list'], { NATS_URL: 'nats://127.0.0.1:9' });
  expect(unreachable).toMatchObject({ code: 3, stderr: expect.stringContaining('127.0.0.1:9') });
});

test.concurrent('what the server refuses ends with 3 and its words, and the letter stays', async () => {
  await using session = await LetterSession.start();
  await session.letter('x');
  const manager = await jetstreamManager(session.connection);
  await manager.streams.update(session.letters.stream, { deny_delete: true });
  expect(await session.command(['purge', '1', '--yes'])).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^sluice: JetStream at .* refuses: message delete not permitted\n$/),
  });
  expect(await session.stored()).toHaveLength(1);
});

test.concurrent('10,000 letters are listed in a heap that could not hold them', async () => {
  await using session = await LetterSession.start();
  // The program itself takes most of it. With --limit 10000 it would end in an error.
  const detail = 'Braze says no. '.repeat(200).slice(0, 1_000);
  const payload = 'x'.repeat(3_000);
  for (let start = 0; start < 10_000; start += 500) {
    await Promise.all(Array.from({ length: 500 }, () => session.letter(payload, { detail })));
  }
  const { code, stdout } = await session.command(['list', '--json', '--limit', '5'], {
    NODE_OPTIONS: '--max-old-space-size=60',
  });
  expect(code).toBe(0);
  const [count, ...newest] = lines(stdout);
  expect(count).toMatchObject({ letters: 10_000, bytes: 30_000_000 });
  expect(newest.map(({ seq }) => seq)).toEqual([10_000, 9_999, 9_998, 9_997, 9_996]);
});

test('a moment is so long ago, or ISO 8601 in UTC', () => {
  const now = Date.UTC(2026, 0, 31);
  expect(readMoment('2h', now)).toBe(now - 7_200_000);
  expect(readMoment('3d', now)).toBe(now - 3 * 86_400_000);
  expect(readMoment('2026-01-31', now)).toBe(now);
  expect(readMoment('2026-01-31T01:00', now)).toBe(now + 3_600_000);
  expect(readMoment('2026-01-31T01:00:00.5+01:00', now)).toBe(now + 500);
  for (const wrong of ['', '3', '-1h', '2 h', '2026', '31.01.2026', '2026-13-01', '2026-01-31T25:00', 'h'])
    expect(() => readMoment(wrong, now)).toThrow('Expected a time');
});
