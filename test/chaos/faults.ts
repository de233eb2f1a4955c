/** Lets go wrong what a schedule says. */
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer } from '../../src/nats/start-server.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { type Burst, type LinkFault, publishingMs, type Schedule, type Step } from './schedule.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { blockedUser } from './workload.ts';

/** What faults befall. */
export interface World {
  readonly seed: number;
  readonly schedule: Schedule;
  /** Kills the engine. */
  readonly kill: () => void;
  readonly nats: NatsServer;
  readonly natsLink: TcpProxy;
  readonly brazeLink: TcpProxy;
  readonly simulator: Simulator;
}

/** Lets things go wrong as planned: a promise for each lane, and what was done, kills with their times. */
export function injectFaults({ schedule, kill, nats, natsLink, brazeLink, simulator, seed }: World) {
  const done = { kills: new Array<number>(), serverKills: 0, linkFaults: new Array<string>() };
  const breakLink =
    (side: string, link: TcpProxy) =>
    async (fault: LinkFault): Promise<void> => {
      done.linkFaults.push(`${side} ${fault.kind}`);
      if (fault.kind === 'cut' || fault.kind === 'reset') {
        link.break(fault.kind);
        return;
      }
      link.set(fault);
      await delay(fault.forMs);
      link.set({ kind: 'open' });
    };
  const lanes = [
    follow(schedule.engine, async () => {
      // One that has done nothing yet has nothing to lose.
      const before = simulator.counts().accepted.events;
      await simulator
        .waitFor(() => simulator.counts().accepted.events > before, { timeoutMs: idleMs })
        .catch(() => false);
      done.kills.push(Date.now());
      kill();
    }),
    follow(schedule.server, async ({ downMs }) => {
      done.serverKills++;
      await nats.kill();
      await delay(downMs);
      await nats.restart();
    }),
    follow(schedule.natsLink, breakLink('NATS', natsLink)),
    follow(schedule.brazeLink, breakLink('Braze', brazeLink)),
    follow(schedule.braze, burstOn(simulator, seed)),
    follow(schedule.key, async ({ forMs }) => {
      simulator.revokeKey();
      await delay(forMs);
      simulator.restoreKey();
    }),
  ];
  return { lanes, done };
}

/** How long a fault waits for something to befall. */
const idleMs = 5_000;

async function follow<T>(steps: readonly Step<T>[], act: (fault: T) => Promise<void>): Promise<void> {
  const began = performance.now();
  for (const { afterMs, fault } of steps) {
    await delay(afterMs);
    if (performance.now() - began > publishingMs) return;
    await act(fault);
  }
}

function burstOn(simulator: Simulator, seed: number): (burst: Burst) => Promise<void> {
  const random = seededRandom(seed);
  return async ({ fault, rate, forMs }) => {
    let befallen = 0;
    simulator.failBy(({ objects, users }) => {
      // A refusal that names nobody stands for one that some other object has caused: alone, an object is to blame.
      const blames = fault.kind === 'bad_request' || fault.kind === 'too_large';
      if (blames && objects.events + objects.attributes === 1) return undefined;
      // What such an answer does not say is lost: the known gap of the ledger.
      if (fault.kind === 'truncated' && users.has(`external_id:${blockedUser}`)) return undefined;
      if (befallen > 0 && random() > rate) return undefined;
      // A question about the key holds nothing.
      if (objects.events + objects.attributes > 0) befallen++;
      return fault;
    });
    // While an engine starts nothing is asked, and nothing can fail.
    await simulator.waitFor(() => befallen > 0, { timeoutMs: idleMs }).catch(() => undefined);
    await delay(forMs);
    simulator.clearFaults();
  };
}
