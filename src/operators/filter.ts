import { type AmplitudeEvent, eventNameOf } from '../core/event.ts';
import { discarded, type Envelope, filtered } from '../core/message.ts';
import type { Bindings, CompiledExpression } from '../jsonata/index.ts';
import type { IdentifierOf } from './identify.ts';
import { type InOrder, mapInOrder } from './map-in-order.ts';

/** One row of `events.select`. */
export interface SelectRow {
  /** An event type, or `*` for all. */
  readonly event: string;
  readonly where?: CompiledExpression;
}

export interface FilterOptions {
  /** Alternatives: an event is kept if one of them holds. */
  readonly select: readonly SelectRow[];
  /** What must hold besides. */
  readonly filter?: CompiledExpression;
  /** Whether the destination had an event before; such an event is not kept. */
  readonly isEcho?: (event: AmplitudeEvent) => boolean;
  /** What `$identifier` stands for in expressions. */
  readonly identifierOf: IdentifierOf;
}

/** Kept, not wanted, or the code of the error that an expression ended with. */
type Verdict = boolean | { readonly code: string };

/**
 * Keeps the events that a row of `select` names, that meet its condition, and that meet the filter. An expression
 * that fails on an event discards it: a failed test is neither a yes nor a no.
 */
export function filter(options: FilterOptions): InOrder<Envelope<AmplitudeEvent>, Envelope<AmplitudeEvent>> {
  const test = testOf(options);
  return mapInOrder((envelope) => {
    // A replay, of which only the update of the user is wanting.
    if (envelope.message.replay?.accepted === 'event') return keep(envelope, false);
    const verdict = test(envelope.value);
    return verdict instanceof Promise ? verdict.then((late) => keep(envelope, late)) : keep(envelope, verdict);
  });
}

function keep<T>(envelope: Envelope<T>, verdict: Verdict): Envelope<T> | undefined {
  if (verdict === true) return envelope;
  envelope.settle(verdict === false ? filtered : discarded('filter_error', verdict.code));
  return undefined;
}

type Test = (event: AmplitudeEvent) => Verdict | Promise<Verdict>;

function testOf({ select, filter, isEcho = () => false, identifierOf }: FilterOptions): Test {
  const conditionsFor = conditionsByEvent(select, filter);
  return (event) => {
    const name = eventNameOf(event);
    const conditions = name === undefined ? undefined : conditionsFor(name);
    if (conditions === undefined || isEcho(event)) return false;
    const { rows, filter } = conditions;
    if (rows.length === 0 && filter === undefined) return true;
    const bindings = { identifier: identifierOf(event) };
    const selected = rows.length === 0 ? true : anyOf(rows, event, bindings);
    if (filter === undefined) return selected;
    const test = (verdict: Verdict): Verdict | Promise<Verdict> =>
      verdict === true ? filter.test(event, bindings) : verdict;
    return selected instanceof Promise ? selected.then(test) : test(selected);
  };
}

interface Conditions {
  /** One of these must hold; none at all if the event is selected by its name alone. */
  readonly rows: readonly CompiledExpression[];
  readonly filter: CompiledExpression | undefined;
}

/** What is asked of an event of this name; undefined if no row names it. */
function conditionsByEvent(
  select: readonly SelectRow[],
  filter: CompiledExpression | undefined,
): (name: string) => Conditions | undefined {
  const named = new Map<string, Conditions>();
  const of = (matches: (row: SelectRow) => boolean): Conditions | undefined => {
    const rows = select.filter(matches);
    if (rows.length === 0) return undefined;
    const wheres = rows.map((row) => row.where);
    return { rows: wheres.includes(undefined) ? [] : wheres.filter((where) => where !== undefined), filter };
  };
  for (const { event } of select)
    named.set(event, of((row) => row.event === event || row.event === '*') ?? { rows: [], filter });
  const others = of((row) => row.event === '*');
  return (name) => named.get(name) ?? others;
}

/** Whether one of the conditions from `index` on holds. A failure counts only if none of the others holds. */
function anyOf(
  rows: readonly CompiledExpression[],
  event: AmplitudeEvent,
  bindings: Bindings,
  index = 0,
  otherwise: Verdict = false,
): Verdict | Promise<Verdict> {
  for (const [offset, row] of rows.slice(index).entries()) {
    const result = row.test(event, bindings);
    if (result === true) return true;
    if (result instanceof Promise) {
      const next = index + offset + 1;
      return result.then((late) =>
        late === true ? true : anyOf(rows, event, bindings, next, late === false ? otherwise : late),
      );
    }
    if (result !== false) otherwise = result;
  }
  return otherwise;
}
