import { afterEach, expect, test, vi } from 'vitest';
import { defaultPacing } from '../../../src/sinks/http/pacing.ts';
import type { Verdict } from '../../../src/sinks/http/verdict.ts';
import { Workspaces } from '../../../src/sinks/http/workspace.ts';

const endpoint = 'http://127.0.0.1:4010';
const limit = { requests: 1, perMs: 1_000 };
const never = new AbortController().signal;

afterEach(() => {
  vi.useRealTimers();
});

test('destinations with the same endpoint and key share a workspace, others do not', async () => {
  const workspaces = new Workspaces();
  const workspace = workspaces.get({ endpoint, apiKey: 'a' }, limit);
  expect(workspaces.get({ endpoint, apiKey: 'a' }, limit)).toBe(workspace);
  expect(workspaces.get({ endpoint, apiKey: 'b' }, limit)).not.toBe(workspace);
  expect(workspaces.get({ endpoint: 'http://127.0.0.1:4011', apiKey: 'a' }, limit)).not.toBe(workspace);
  await workspaces.close();
});

test.for([
  [
    { requests: 100, perMs: 1_000 },
    { requests: 1, perMs: 1_000 },
  ],
  [
    { requests: 1, perMs: 1_000 },
    { requests: 100, perMs: 1_000 },
  ],
] as const)('the limits %j and %j hold together for all who share a workspace', async ([first, second]) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const workspaces = new Workspaces();
  const { rateLimit } = workspaces.get({ endpoint, apiKey: 'a' }, first);
  workspaces.get({ endpoint, apiKey: 'a' }, second);
  let passed = 0;
  for (let asked = 0; asked < 3; asked++) void rateLimit.pass(never).then(() => passed++);
  await vi.advanceTimersByTimeAsync(999);
  expect(passed).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(passed).toBe(2);
  await workspaces.close();
});

test('all syncs of a workspace hear that Braze refuses and takes requests again, and each change once', async () => {
  const workspaces = new Workspaces();
  const workspace = workspaces.get({ endpoint, apiKey: 'a' }, limit);
  const [first, second, late] = [recorder(), recorder(), recorder()];
  const hear = (verdict: Verdict): void =>
    workspace.heed(verdict, { leftAt: performance.now(), delayMs: 1, pacing: defaultPacing });
  const refused: Verdict = { kind: 'hold', key: true, detail: '401' };
  const accepted: Verdict = { kind: 'accepted', refused: new Map() };
  workspace.join(first);
  workspace.join(second);
  workspace.join(second);
  hear(refused);
  hear(refused);
  workspace.join(late);
  hear(accepted);
  hear(accepted);
  expect(first.told).toEqual(['401', null]);
  expect(second.told).toEqual(['401', null]);
  expect(late.told).toEqual(['401', null]);
  await workspaces.close();
});

test('workspaces that are closed send nothing more', async () => {
  const workspaces = new Workspaces();
  const { client } = workspaces.get({ endpoint, apiKey: 'a' }, limit);
  await workspaces.close();
  expect(await client.post('/users/track', '{}', {}, never)).toMatchObject({ kind: 'failure' });
});

function recorder() {
  const told: (string | null)[] = [];
  return { told, holding: (reason: string | null) => void told.push(reason), unreachable: () => undefined };
}
