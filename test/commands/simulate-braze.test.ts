import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, events, messageOf } from '../simulator/support.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Starts the command and waits for its first line. */
async function start(args: readonly string[]): Promise<{ child: Child; line: string }> {
  const child = spawn(process.execPath, ['src/cli.ts', 'simulate-braze', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, line };
}

async function stop(child: Child, signal: 'SIGINT' | 'SIGTERM'): Promise<unknown> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

async function send(url: string, key: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(`${url}/users/track`, { method: 'POST', headers, body: JSON.stringify(body) });
}

test.concurrent('the line that it starts with says where it is and with what key', async () => {
  const { child, line } = await start(['--key', 'secret']);
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
  expect(line).toBe(`Braze simulator at ${url} with the key secret`);
  const accepted = await send(String(url), 'secret', { events: [event()] });
  const counts = await fetch(`${url}/_simulator/counts`);
  expect(accepted.status).toBe(201);
  expect(await counts.json()).toMatchObject({ accepted: { events: 1 } });
  expect(await stop(child, 'SIGTERM')).toBe(0);
});

test.concurrent('with --json the line is JSON, and SIGINT ends it with 0 in the middle of a request', async () => {
  const { child, line } = await start(['--json', '--latency', '60000']);
  const { url, key } = JSON.parse(line) as { url: string; key: string };
  const outcome = send(url, key, { events: [event()] }).catch(messageOf);
  await vi.waitFor(
    async () => expect(await (await fetch(`${url}/_simulator/counts`)).json()).toMatchObject({ requests: 1 }),
    { timeout: 10_000 },
  );
  expect(await stop(child, 'SIGINT')).toBe(0);
  expect(await outcome).toBe('fetch failed');
});

test.concurrent('limits and header model are set by options', async () => {
  const { child, line } = await start(['--json', '--limit', 'combined50', '--header-model', 'mau', '--hourly', '7']);
  const { url, key } = JSON.parse(line) as { url: string; key: string };
  const over = await send(url, key, { events: events(51) });
  expect(over.status).toBe(400);
  expect(over.headers.get('x-ratelimit-limit')).toBe('7');
  expect(Number(over.headers.get('x-ratelimit-reset'))).toBeLessThanOrEqual(3600);
  expect(await stop(child, 'SIGTERM')).toBe(0);
});

test.concurrent('a port that is taken is refused with 2 and the way out', async () => {
  await using other = await startSimulator();
  const { port } = new URL(other.url);
  await expect(
    promisify(execFile)(process.execPath, ['src/cli.ts', 'simulate-braze', '--port', port]),
  ).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(`--port ${port}: .*address already in use.*choose another`),
  });
});

test.concurrent.for([
  ['--port', 'x'],
  ['--port', '65536'],
  ['--limit', '75'],
  ['--latency', '-1'],
])('%s %s is refused with 2', async (args) => {
  await expect(promisify(execFile)(process.execPath, ['src/cli.ts', 'simulate-braze', ...args])).rejects.toMatchObject({
    code: 2,
  });
});
