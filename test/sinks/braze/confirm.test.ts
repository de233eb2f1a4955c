import { expect, test } from 'vitest';
import type { UpdateEntry } from '../../../src/core/entry.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { Sending } from './sending.ts';

const permissions = ['users.track', 'users.export.ids'];

async function asking(granted: readonly string[] = permissions) {
  const simulator = await startSimulator({ keys: [{ key: 'k', permissions: granted }], applyDelayMs: 0 });
  const sending = new Sending(simulator, { asksAfterCrash: true });
  return {
    simulator,
    sending,
    /** Updates of one user whose plan was and became this, one after the other; all may have arrived. */
    updates: (user: string, ...plans: readonly (string | null)[]): readonly UpdateEntry[] =>
      plans
        .slice(1)
        .map((plan, index) =>
          sending.sink.encodeUpdate(
            { identifier: user, attributes: { plan }, before: { plan: plans[index] ?? null } },
            Date.now(),
          ),
        ),
    async [Symbol.asyncDispose]() {
      await sending[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
}

/** Braze has this plan of the user. */
async function has(simulator: Simulator, sending: Sending, user: string, plan: string): Promise<void> {
  const entry = sending.sink.encodeUpdate({ identifier: user, attributes: { plan } }, Date.now());
  await sending.write([entry]);
  await simulator.settled();
}

test.each([
  ['nothing arrived', 'free', ['free', 'pro', 'family'], ['pro', 'family']],
  ['the first arrived', 'pro', ['free', 'pro', 'family'], ['family']],
  ['all arrived', 'family', ['free', 'pro', 'family'], []],
  ['a later one led back', 'free', ['free', 'pro', 'free'], ['pro', 'free']],
  ['it may be the first or the last', 'pro', ['free', 'pro', 'free', 'pro'], ['free', 'pro']],
  ['somebody else has changed it', 'other', ['free', 'pro', 'family'], ['pro', 'family']],
] as const)('of updates that come again, what has arrived is left out: %s', async (_name, now, plans, sent) => {
  await using braze = await asking();
  const { simulator, sending } = braze;
  await has(simulator, sending, 'u', now);
  const before = simulator.counts().dataPoints;
  for (const update of braze.updates('u', ...plans)) {
    expect(await sending.write([update])).toEqual([{ kind: 'delivered', attempts: 1 }]);
  }
  await simulator.settled();
  expect(simulator.counts().dataPoints - before).toBe(sent.length);
  expect(simulator.profile('u')?.attributes).toEqual({ plan: plans.at(-1) });
});

test('a user whom Braze does not have is sent', async () => {
  await using braze = await asking();
  await braze.sending.write(braze.updates('u', null, 'pro'));
  await braze.simulator.settled();
  expect(braze.simulator.profile('u')?.attributes).toEqual({ plan: 'pro' });
});

test('an update that was not delivered before is sent without asking', async () => {
  await using braze = await asking(['users.track']);
  await has(braze.simulator, braze.sending, 'u', 'pro');
  expect(braze.sending.confirmationsFailed).toEqual([]);
});

test('without the permission everything is sent again, and that is told', async () => {
  await using braze = await asking(['users.track']);
  const { simulator, sending } = braze;
  await has(simulator, sending, 'u', 'pro');
  await sending.write(braze.updates('u', 'free', 'pro'));
  expect(simulator.counts().accepted.attributes).toBe(2);
  expect(sending.confirmationsFailed).toEqual(['Braze answered with 403']);
});

test('a user is sent no other update until the state with the last one is written, and others are', async () => {
  await using braze = await asking();
  const { simulator, sending } = braze;
  const { promise: written, resolve } = Promise.withResolvers<void>();
  const update = (identifier: string, plan: string) =>
    sending.sink.encodeUpdate({ identifier, attributes: { plan }, written }, Date.now());
  await sending.write([update('u', 'pro')]);
  const next = sending.write([update('u', 'free')]);
  await sending.write([update('other', 'pro')]);
  expect(simulator.counts().accepted.attributes).toBe(2);
  resolve();
  await next;
  expect(simulator.counts().accepted.attributes).toBe(3);
});

test('more users than an export takes are asked for in parts', async () => {
  await using braze = await asking();
  const { simulator, sending } = braze;
  const users = Array.from({ length: 60 }, (_, index) => `u-${index}`);
  for (const user of users) await has(simulator, sending, user, 'pro');
  const entries = users.flatMap((user) => braze.updates(user, 'free', 'pro'));
  await sending.write(entries);
  expect(simulator.counts().accepted.attributes).toBe(users.length);
  expect(sending.confirmationsFailed).toEqual([]);
});
