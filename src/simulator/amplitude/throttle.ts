/** How many events of each user and device came lately. */
import type { JsonObject } from '../json.ts';

/** Whose an event is, to the limits: a user and a device, each for itself. */
export interface Owner {
  readonly kind: 'user' | 'device';
  readonly id: string;
}

/** Nobody has more events in a window than this. */
export interface Limit {
  readonly events: number;
  readonly windowMs: number;
}

export function ownersOf({ user_id: user, device_id: device }: JsonObject): readonly Owner[] {
  return [
    ...(typeof user === 'string' ? [{ kind: 'user', id: user } as const] : []),
    ...(typeof device === 'string' ? [{ kind: 'device', id: device } as const] : []),
  ];
}

/** Counts in a sliding window. */
export class Throttle {
  /** By owner; what came within a second stands together. */
  readonly #taken = new Map<string, { readonly at: number; events: number }[]>();

  /** How many events of the owner are in the window that ends now. */
  recent(owner: Owner, windowMs: number, now: number): number {
    const taken = this.#taken.get(keyOf(owner)) ?? [];
    return taken.reduce((sum, { at, events }) => (at > now - windowMs ? sum + events : sum), 0);
  }

  take(owner: Owner, events: number, keepMs: number, now: number): void {
    const key = keyOf(owner);
    const taken = (this.#taken.get(key) ?? []).filter(({ at }) => at > now - keepMs);
    const last = taken.at(-1);
    if (last !== undefined && last.at > now - togetherMs) last.events += events;
    else taken.push({ at: now, events });
    this.#taken.set(key, taken);
  }

  clear(): void {
    this.#taken.clear();
  }
}

const togetherMs = 1_000;

function keyOf({ kind, id }: Owner): string {
  return `${kind} ${id}`;
}
