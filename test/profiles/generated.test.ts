import { expect, test } from 'vitest';
import { createGenerator, type Properties, type Shape } from '../../src/generator/index.ts';
import type { State } from '../../src/profiles/state.ts';
import { step } from '../../src/profiles/step.ts';
import { at, selecting } from './braze-user.ts';

const selected = ['plan', 'lifetime_value', 'loyalty_points', 'favourite_genres', 'newsletter', 'trial_ends_at'];
const shop = selecting(selected);

/** What a user's selected properties are, as the generator knows it. */
function truth(properties: Properties): Map<string, unknown> {
  return new Map(selected.filter((name) => name in properties).map((name) => [name, properties[name]]));
}

/** Follows generated events; tells how many values were sent and how many differed from those before. */
function run(shape: Shape): { readonly sent: number; readonly changed: number } {
  const generator = createGenerator({ seed: 7, users: 200, shape });
  const states = new Map<string, State | undefined>();
  const braze = new Map<string, Map<string, unknown>>();
  let [sent, changed] = [0, 0];
  for (let sequence = 1; sequence <= 20_000; sequence++) {
    const { event, properties } = generator.next();
    const user = String(event['user_id'] ?? event['device_id']);
    const before = states.get(user);
    const { state, attributes = {} } = step(before, event, at(sequence, 0, sequence - 1), shop);
    states.set(user, state);
    const profile = braze.get(user) ?? new Map<string, unknown>();
    braze.set(user, profile);
    const old = new Map(profile);
    for (const [name, value] of Object.entries(attributes)) {
      sent++;
      if (value === null) profile.delete(name);
      else profile.set(name, value);
    }
    const now = truth(properties);
    changed += selected.filter((name) => JSON.stringify(old.get(name)) !== JSON.stringify(now.get(name))).length;
    expect(profile).toEqual(now);
  }
  return { sent, changed };
}

test.each<[Shape]>([['http'], ['export']])('over many %s events, exactly what changed is sent', (shape) => {
  const { sent, changed } = run(shape);
  expect(sent).toBe(changed);
  expect(sent).toBeGreaterThan(1_000);
});
