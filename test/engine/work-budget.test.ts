/**
 * What an event costs, counted rather than timed: the same on a busy machine. Each figure is held against the one in
 * `work-budget.json`; after a change that is meant to cost more, or that costs less, record them anew:
 *
 * RECORD_WORK=1 npx vitest run test/engine/work-budget.test.ts
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { createGenerator } from '../../src/generator/index.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { createStream } from '../../src/nats/stream.ts';
import type { Work } from './counted-engine.ts';

const root = join(import.meta.dirname, '../..');
const budgetFile = join(import.meta.dirname, 'work-budget.json');
const events = 12_000;

/**
 * How far a figure may lie above its budget: what waits for what, and when code is optimised, differs from run to run,
 * most of all on a busy machine. A promise for each event, or a write for each ack, is far more than this. Code that is not
 * optimised yet makes objects that it does not make later: 8,900 bytes an event on a quiet machine, 10,000 on a busy one.
 */
const headroom = {
  promisesPerThousand: 1.5,
  continuationsPerThousand: 1.5,
  bytesPerEvent: 1.4,
  requestsPerThousand: 1.5,
  acksPerThousand: 1.02,
  ackWritesPerThousand: 3,
};

type Figures = Record<keyof typeof headroom, number>;
type Budget = Record<string, Figures>;

test.each([1, 50])(
  'an event costs no more work than is budgeted, with %i a message',
  { timeout: 120_000 },
  async (perMessage) => {
    const work = await countedWork(perMessage);
    expect(work.events).toBe(events);
    const figures = figuresOf(work);
    const budget = JSON.parse(await readFile(budgetFile, 'utf8')) as Budget;
    const key = `${perMessage} a message`;
    if (process.env['RECORD_WORK'] !== undefined) {
      await writeFile(budgetFile, `${JSON.stringify({ ...budget, [key]: figures }, null, 2)}\n`);
      return;
    }
    const over = Object.entries(headroom).flatMap(([name, factor]) => {
      const figure = figures[name as keyof Figures];
      const limit = (budget[key]?.[name as keyof Figures] ?? 0) * factor;
      return figure > limit ? [`${name}: ${figure}, at most ${limit.toFixed(1)}`] : [];
    });
    expect(
      over,
      'more work than budgeted; if it is worth it: RECORD_WORK=1 npx vitest run test/engine/work-budget.test.ts',
    ).toEqual([]);
  },
);

function figuresOf(work: Work): Figures {
  const perThousand = (count: number): number => Math.round((count * 10_000) / work.events) / 10;
  return {
    promisesPerThousand: perThousand(work.promises),
    continuationsPerThousand: perThousand(work.continuations),
    bytesPerEvent: Math.round(work.allocatedBytes / work.events),
    requestsPerThousand: perThousand(work.requests),
    acksPerThousand: perThousand(work.acks),
    ackWritesPerThousand: perThousand(work.ackWrites),
  };
}

/** Fills a stream, and has a process of its own run the engine over it, in front of a sink that accepts everything. */
async function countedWork(perMessage: number): Promise<Work> {
  const natsUrl = inject('natsUrl');
  const name = `WORK_${perMessage}_${process.pid}`;
  const connection = await connectNats({ urls: [natsUrl] });
  const stream = await createStream(connection, name, [`${name}.>`]);
  const generator = createGenerator({ anonymousShare: 0, identifyShare: 0, eventsPerMessage: perMessage });
  await Promise.all(
    Array.from({ length: events / perMessage }, () => stream.publish(`${name}.events`, generator.message().payload)),
  );
  // Some latency: while a request is awaited the next ones fill up, on a slow machine as on a fast one.
  const sink = spawn(process.execPath, [join(root, 'bench/bare-sink.ts'), '--latency', '20'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(sink.stdout, 'data')) as [Buffer];
    const endpoint = `http://127.0.0.1:${port.toString().trim()}`;
    const script = join(import.meta.dirname, 'counted-engine.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, natsUrl, name, endpoint]);
    return JSON.parse(stdout) as Work;
  } finally {
    await ended(sink);
    const manager = await jetstreamManager(connection);
    for (const left of [name, `${name}_DEAD`]) await manager.streams.delete(left).catch(() => false);
    await connection.close();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  await once(child, 'exit');
}
