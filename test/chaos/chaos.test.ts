/** The ledger test on a few seeds; `npm run test:chaos` takes as many as one likes. What is promised is in `ledger.ts`. */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { runChaos } from './chaos.ts';
import { coveringSeeds } from './schedule.ts';

const seeds = [...coveringSeeds, randomInt(1_000_000)];

test.for(seeds)(
  'nothing is lost and order holds, whatever is killed, cut or refused (seed %i)',
  { timeout: 180_000 },
  async (seed) => {
    const { problems, kills, serverKills, faults, events, duplicates } = await runChaos({ seed, events: 4_000 });
    console.log(
      `seed ${seed}: ${kills} kills of the engine, ${serverKills} of the server, ${faults} faults, ${events} events, ` +
        `${duplicates} sent twice`,
    );
    expect(problems, `again: npm run test:chaos -- --seeds 1 --seed ${seed} --events 4000`).toEqual([]);
  },
);
