import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test.concurrent('it tells where it is, takes each event once, and ends at a signal', async () => {
  const child = spawn(process.execPath, ['src/cli.ts', 'simulate-amplitude', '--key', 'secret', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, key } = JSON.parse(line) as { url: string; key: string };
  expect(key).toBe('secret');
  const body = { api_key: key, events: [{ user_id: 'user-1', event_type: 'Opened', insert_id: '1' }] };
  for (const path of ['/2/httpapi', '/batch']) {
    expect((await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).status).toBe(200);
  }
  const counts = await fetch(`${url}/_simulator/counts`);
  expect(await counts.json()).toMatchObject({ stored: 1, duplicates: 1 });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test.concurrent.for([
  [['simulate-amplitude', '--port', '70000'], /highest port is 65535/],
  [['simulate-braze', '--currents-url', 'http://127.0.0.1:1/currents'], /belong together/],
  [['simulate-braze', '--currents-url', 'there', '--currents-token', 't'], /is no URL; write http:/],
] as const)('%j is refused with 2 and the way out', async ([args, words]) => {
  const run = promisify(execFile)(process.execPath, ['src/cli.ts', ...args]);
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(words) });
});
