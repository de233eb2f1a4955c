/** One run of the ledger test: a real nats-server, the engine as a process, the Braze simulator, and what goes wrong. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { type Fault, type HeaderModel, startSimulator } from '../../src/simulator/simulator.ts';
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
  /** All that went wrong by plan. */
  readonly faults: number;
  /** How often each did: kills, faults of the links, and of requests, by what they are called. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Where the logs are, if a promise was broken. */
  readonly logs: string | undefined;
}

const sync = 'chaos';
const streamName = 'EVENTS';
const concurrency = 8;
const maxObjects = 20;
/** How many messages a consumer may have unacked: as many as the credits of a sync of this concurrency. */
const maxAckPending = 1_000;

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
  const kills = schedule.ending === 'SIGKILL' ? [...wrong.done.kills, Date.now()] : wrong.done.kills;
  await engine.end(schedule.ending);
  const lastEngine = await engine.runOnce();
  await simulator.settled();

  const requests = simulator.requests();
  const unanswered = new Set(requests.filter(({ outcome }) => outcome !== 'answered').map(({ index }) => index));
  const consumer = await jetstream(connection).consumers.get(streamName, sync);
  const { serverKills, linkFaults } = wrong.done;
  // A server that is killed forgets the last acks, and a kill of the engine before it hears of them again repeats those, too.
  const unackedMost = serverKills === 0 ? maxAckPending : 2 * maxAckPending;
  const judgement = judge({
    planned,
    stored: await storedMessages(connection, streamName),
    letters: await storedMessages(connection, 'SLUICE_DEAD_LETTERS'),
    accepted: simulator.acceptedEvents(),
    eventsOf: (user) => simulator.eventsOf(user),
    attributesOf: (user) => simulator.profile(user)?.attributes ?? {},
    consumer: await consumer.info(),
    lastEngine,
    interruptions: { kills, brokenLinks: brazeLink.breaks, unanswered, unackedMost, requestMost: maxObjects },
  });
  const problems = [...judgement.problems, ...engine.defects];
  if (problems.length === 0) await rm(folder, { recursive: true });
  const wentWrong = [
    ...kills.map(() => 'kill of the engine'),
    ...Array.from({ length: serverKills }, () => 'kill of the server'),
    ...linkFaults,
    ...requests.flatMap(({ status, fault }) => nameOf(fault, status, schedule.headerModel)),
  ];
  return {
    ...judgement,
    problems,
    seed,
    ms: Math.round(performance.now() - began),
    kills: kills.length,
    serverKills,
    faults: wentWrong.length,
    kinds: Object.fromEntries([...Map.groupBy(wentWrong, (kind) => kind)].map(([kind, all]) => [kind, all.length])),
    logs: problems.length === 0 ? undefined : folder,
  };
}

function nameOf(fault: Fault['kind'] | undefined, status: number | undefined, model: HeaderModel): readonly string[] {
  if (fault === 'rate_limited') return [`429 ${model}`];
  if (fault !== undefined) return [fault];
  return status === 401 ? ['revoked key'] : [];
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
