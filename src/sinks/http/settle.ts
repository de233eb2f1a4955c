import type { Entry } from '../../core/entry.ts';
import { type Outcome, returned } from '../../core/message.ts';

/** Sends what has no outcome yet; never called with nothing. */
export type Rest = (entries: readonly Entry[]) => Promise<readonly Outcome[]>;

/** Settles the entries that have an outcome already, and the others by `rest`; in the order of the entries. */
export async function settleSome(
  entries: readonly Entry[],
  outcomeOf: (entry: Entry, index: number) => Outcome | undefined,
  rest: Rest,
): Promise<readonly Outcome[]> {
  const outcomes = entries.map(outcomeOf);
  const open = entries.filter((_, index) => outcomes[index] === undefined);
  const late = open.length === 0 ? [] : await rest(open);
  let next = 0;
  return outcomes.map((outcome) => outcome ?? late[next++] ?? returned);
}

/** Settles the entries at these places by `late` and the others by `rest`, side by side; in the order of the entries. */
export async function settleApart(
  entries: readonly Entry[],
  places: ReadonlySet<number>,
  late: Rest,
  rest: Rest,
): Promise<readonly Outcome[]> {
  const others = entries.filter((_, index) => !places.has(index));
  const [waited, sent] = await Promise.all([
    late(entries.filter((_, index) => places.has(index))),
    others.length === 0 ? [] : rest(others),
  ]);
  let [nextWaited, nextSent] = [0, 0];
  return entries.map((_, index) => (places.has(index) ? waited[nextWaited++] : sent[nextSent++]) ?? returned);
}
