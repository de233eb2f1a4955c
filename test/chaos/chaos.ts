/** One run of the ledger test: a real nats-server, the engine as a process, the Braze simulator, and what goes wrong. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { injectFaults } from './faults.ts';
import { type Judgement, judge } from './ledger.ts';
import { publish } from './publish.ts';
import { scheduleOf } from './schedule.ts';
import { storedMessages } from './stored-messages.ts';
import { Supervisor } from './supervisor.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { blockedUser, planMessages } from './workload.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly events: number;
}

export interface ChaosReport extends Judgement {
  readonly seed: number;
  readonly ms: number;
  /** Of the engine. */
  readonly kills: number;
  readonly serverKills: number;
  readonly linksBroken: number;
  /** Requests to Braze that failed, or whose answer was lost. */
  readonly failedRequests: number;
  /** All that went wrong by plan: kills, link faults, and requests that failed. */
  readonly faults: number;
  /** Where the logs are, if a promise was broken. */
  readonly logs: string | undefined;
}

const sync = 'chaos';
const streamName = 'EVENTS';
const concurrency = 8;
const maxObjects = 20;
/** The credits of a sync of this concurrency, and the largest message. */
const unsettledMost = 1_000 + 32;

export async function runChaos({ seed, events }: ChaosOptions): Promise<ChaosReport> {
  const began = performance.now();
  await using resources = new AsyncDisposableStack();
  const schedule = scheduleOf(seed);
  const folder = await mkdtemp(join(tmpdir(), `sluice-chaos-${seed}-`));
  const nats = resources.use(await startNatsServer());
  const simulator = resources.use(
    await startSimulator({
      seed,
      latencyMs: [2, 40],
      headerModel: schedule.headerModel,
      applicationOrder: 'overlapping',
      blockedExternalIds: [blockedUser],
      keeping: { events: 1_000_000, requests: 1_000_000 },
    }),
  );
  const natsLink = resources.use(await TcpProxy.start(nats.port));
  const brazeLink = resources.use(await TcpProxy.start(Number(new URL(simulator.url).port)));
  const connection = await connectNats({ urls: [nats.url] });
  resources.defer(() => connection.close());
  await createStream(connection, streamName, ['events.>']);
  const rules = join(folder, `${sync}.yaml`);
  await writeFile(rules, ruleOf(`http://127.0.0.1:${brazeLink.port}`, simulator.key));
  const engine = resources.use(
    new Supervisor({ rules, folder, natsUrl: `nats://127.0.0.1:${natsLink.port}`, ackWaitMs: 1_500 }),
  );

  const planned = planMessages(events, seed);
  const kill = (): void => engine.kill();
  const wrong = injectFaults({ schedule, kill, nats, natsLink, brazeLink, simulator, seed });
  engine.keepRunning();
  await Promise.all([publish(connection, streamName, planned), ...wrong.lanes]);
  await engine.end(schedule.ending);
  const lastEngine = await engine.runOnce();
  await simulator.settled();

  const unanswered = simulator.requests().filter(({ outcome }) => outcome !== 'answered');
  const consumer = await jetstream(connection).consumers.get(streamName, sync);
  const { kills, serverKills } = wrong.done;
  const crashes = kills + serverKills + (schedule.ending === 'SIGKILL' ? 1 : 0);
  const judgement = judge({
    planned,
    stored: await storedMessages(connection, streamName),
    letters: await storedMessages(connection, 'SLUICE_DEAD_LETTERS'),
    accepted: simulator.acceptedEvents(),
    eventsOf: (user) => simulator.eventsOf(user),
    attributesOf: (user) => simulator.profile(user)?.attributes ?? {},
    consumer: await consumer.info(),
    lastEngine,
    interruptions: {
      crashes: crashes + natsLink.broken,
      unsettledMost,
      lostAnswers: unanswered.length + brazeLink.broken,
      eventsUnanswered:
        unanswered.reduce((sum, { accepted }) => sum + accepted.events, 0) + brazeLink.broken * maxObjects,
    },
  });
  const problems = [...judgement.problems, ...engine.defects];
  if (problems.length === 0) await rm(folder, { recursive: true });
  const failedRequests = simulator
    .requests()
    .filter(({ status, fault }) => fault !== undefined || status === 401).length;
  return {
    ...judgement,
    problems,
    seed,
    ms: Math.round(performance.now() - began),
    kills: crashes - serverKills,
    serverKills,
    linksBroken: natsLink.broken + brazeLink.broken,
    failedRequests,
    faults: crashes + wrong.done.linkFaults + failedRequests,
    logs: problems.length === 0 ? undefined : folder,
  };
}

function ruleOf(endpoint: string, apiKey: string): string {
  return `name: ${sync}
source: { start: all }
destination: { type: braze, endpoint: "${endpoint}", apiKey: "${apiKey}" }
events:
  select: [Viewed]
  filter: event_properties.price > 0
  properties: [event_properties.seq]
users: { properties: [level, points] }
batch: { maxWaitMs: 50, maxObjects: ${maxObjects} }
delivery: { concurrency: ${concurrency} }
`;
}
