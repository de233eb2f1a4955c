import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';

const natsUrl = inject('natsUrl');

async function demo(args: readonly string[], env: Record<string, string> = {}) {
  const command = promisify(execFile)(process.execPath, ['src/cli.ts', 'demo', ...args], {
    env: { ...process.env, SLUICE_HTTP_PORT: '0', ...env },
  });
  return await command;
}

test.concurrent('the demo runs the rules over a server of its own, and its sums agree with the simulator', async () => {
  const { stdout } = await demo(['--duration', '3s', '--rate', '1500', '--json'], { NATS_URL: '' });
  const summary = JSON.parse(stdout) as Record<string, number> & { discarded: Record<string, number> };
  expect(summary).toMatchObject({ published: 4_500, received: 18_000, inFlight: 0, disagreements: [] });
  const discarded = Object.values(summary.discarded).reduce((sum, count) => sum + count, 0);
  expect(Number(summary['delivered']) + Number(summary['filtered']) + discarded).toBe(18_000);
  expect(summary).toMatchObject({ simulator: { accepted: summary['accepted'], requests: summary['requests'] } });
  expect(summary['objectsPerRequest']).toBeGreaterThan(1);
  const { p50, p95, p99 } = summary['latencyMs'] as unknown as Record<string, number>;
  expect(p50).toBeGreaterThan(0);
  expect([p50, p95, p99]).toEqual([p50, p95, p99].toSorted((a, b) => Number(a) - Number(b)));
});

test.concurrent('the demo uses the server that NATS_URL names, and leaves nothing behind', async () => {
  const connection = await connectNats({ urls: [natsUrl] });
  const { stdout } = await demo(['--duration', '1s', '--rate', '200'], { NATS_URL: natsUrl });
  expect(stdout).toContain(natsUrl);
  expect(stdout).toContain('The sums agree');
  const names = await (await jetstreamManager(connection)).streams.names().next();
  expect(names.filter((name) => name.startsWith('SLUICE_DEMO'))).toEqual([]);
  await connection.close();
});

test.concurrent('both ways, what Braze tells comes back to Amplitude, and all sums agree', async () => {
  const { stdout } = await demo(['--both-ways', '--duration', '2s', '--rate', '500', '--json'], { NATS_URL: '' });
  const { published, disagreements, wayBack } = JSON.parse(stdout) as {
    published: number;
    disagreements: string[];
    wayBack: Record<string, number> & { amplitude: Record<string, number> };
  };
  expect({ published, disagreements }).toEqual({ published: 1_000, disagreements: [] });
  expect(wayBack['stored']).toBe(wayBack['told']);
  expect(wayBack['filtered']).toBeGreaterThan(0);
  expect(wayBack.amplitude).toMatchObject({ stored: wayBack['delivered'], duplicates: 0 });
  expect(wayBack['delivered']).toBeGreaterThan(0);
});

test.concurrent.for([
  ['--duration', 'soon'],
  ['--rate', '0'],
])('%s %s is refused with 2 and the way out', async (args) => {
  await expect(demo(args)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/write/) });
});
