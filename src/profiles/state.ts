/** What is kept of each user. */
import { isRecord, ownValue } from '../core/event.ts';
import { isDeeper } from './bounded.ts';
import type { Applied } from './position.ts';
import type { Selection, Slot } from './selection.ts';

/** Never written to: a change makes another one. */
export interface State {
  /** As Amplitude has them, by slot of the selection; undefined is no value. */
  readonly values: readonly unknown[];
  /** The events that the values contain. */
  readonly applied: Applied;
  /** The selected properties whose latest value Braze refused, or did not get in time. */
  readonly unsent: readonly string[];
}

/**
 * The state, of which Braze does not have these attributes: they go along with the user's next update, and are sent
 * when the same event comes again. For an update that was given up after its event was applied.
 */
export function withUnsent(state: State, attributes: Readonly<Record<string, unknown>>): State {
  return { ...state, unsent: [...new Set([...state.unsent, ...Object.keys(attributes)])] };
}

const version = 1;
const noop = (): void => undefined;

/**
 * The state as JSON: `v` the version, `s` the stream and the message that all are settled through, `m` the later
 * messages, `p` the user's own properties by name, `b` the built-in ones, `u` the unsent ones. The last three are left
 * out when they are empty. Values are kept by name, so that the selection may change.
 *
 * A state that is larger than `maxBytes` is written without its largest values: its user is then as one of whom they
 * are not known, while one that the server never takes would be tried for ever. Each is told to `onLeftOut`.
 */
export function writeState(selection: Selection, state: State, maxBytes = Infinity, onLeftOut = noop): string {
  const text = textOf(selection, state);
  // A unit of a JavaScript string is at most three bytes of UTF-8.
  if (3 * text.length <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const sizes = state.values.map((value) => (value === undefined ? 0 : JSON.stringify(value).length));
  const largest = Math.max(...sizes);
  if (largest === 0) return text;
  onLeftOut();
  return writeState(
    selection,
    { ...state, values: state.values.with(sizes.indexOf(largest), undefined) },
    maxBytes,
    onLeftOut,
  );
}

function textOf({ slots }: Selection, { values, applied, unsent }: State): string {
  let [own, builtIn] = ['', ''];
  for (let index = 0; index < slots.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    const { name, fields } = slots[index] as Slot;
    const member = `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
    if (fields === undefined) own += member;
    else builtIn += member;
  }
  let text = `{"v":${version},"s":[${applied.stream},${applied.through}],"m":${JSON.stringify(applied.messages)}`;
  if (own !== '') text += `,"p":{${own.slice(1)}}`;
  if (builtIn !== '') text += `,"b":{${builtIn.slice(1)}}`;
  if (unsent.length > 0) text += `,"u":${JSON.stringify(unsent)}`;
  return `${text}}`;
}

/**
 * Reads a state that `writeState` wrote. Values that the selection does not keep are let go. What cannot be read is
 * told in words that hold nothing of the user.
 */
export function readState(selection: Selection, text: string): { readonly state: State } | { readonly fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "the user's state is not JSON" };
  }
  if (!isRecord(json)) return { fault: "the user's state is not a JSON object" };
  if (json['v'] !== version) {
    const found = typeof json['v'] === 'number' ? `of version ${json['v']}` : 'of no version';
    return { fault: `the user's state is ${found}, and this program reads version ${version}` };
  }
  const applied = appliedOf(json['s'], json['m']);
  const values = valuesOf(selection.slots, json['p'], json['b']);
  const unsent = json['u'] ?? [];
  if (applied === undefined) return { fault: "the user's state does not say which events it contains" };
  if (values === undefined || !isListOf(unsent, (name) => typeof name === 'string')) {
    return { fault: "the user's state holds something else than values by name" };
  }
  return { state: { values, applied, unsent } };
}

function appliedOf(settled: unknown, messages: unknown): Applied | undefined {
  if (!isListOf(settled, isCount) || !isListOf(messages, isPair)) return undefined;
  const [stream, through, ...others] = settled;
  return stream === undefined || through === undefined || others.length > 0 ? undefined : { stream, through, messages };
}

/** No value that is kept is nested deeper, be it in a list that it was added to. */
const maxDepth = 42;

function valuesOf(slots: readonly Slot[], own: unknown = {}, builtIn: unknown = {}): readonly unknown[] | undefined {
  if (!isRecord(own) || !isRecord(builtIn) || isDeeper(own, maxDepth) || isDeeper(builtIn, maxDepth)) return undefined;
  return slots.map(({ name, fields }) => ownValue(fields === undefined ? own : builtIn, name) ?? undefined);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isPair(value: unknown): value is readonly [number, number] {
  return isListOf(value, isCount) && value.length === 2;
}
