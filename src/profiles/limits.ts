/**
 * What Braze takes as the value of a custom attribute
 * (braze.com/docs/api/objects_filters/user_attributes_object,
 * braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support).
 *
 * Braze cuts and drops in silence. The same is done here, so that it can be said, and so that a change that Braze would
 * not see is not sent. One thing is done better: a null inside an object makes Braze drop the whole attribute, and is
 * taken out here.
 *
 * Names are not looked at: a rule that selects one that Braze refuses is not loaded.
 */
import { isRecord } from '../core/event.ts';
import { identityOf } from './equality.ts';
import type { Report, Why } from './reports.ts';
import { isDate, standardFields } from './standard-fields.ts';
import { cutText } from './text.ts';

const maxItems = 500;
const maxNestedBytes = 102_400;
const maxKeyLength = 255;

/**
 * The value as it is sent; undefined if Braze would not take it. What is cut or left out is reported.
 *
 * @param value a JSON value that is not null
 */
export function fit(property: string, value: unknown, reports?: Report[]): unknown {
  const cuts = new Set<Why>();
  const field = standardFields.get(property);
  const fitted = field === undefined ? fitCustom(value, cuts) : fitStandard(field(value), cuts);
  for (const why of cuts) reports?.push({ property, why });
  return fitted;
}

function fitStandard(value: unknown, cuts: Set<Why>): unknown {
  if (value === undefined) cuts.add('bad_format');
  return value;
}

function fitCustom(value: unknown, cuts: Set<Why>): unknown {
  if (typeof value === 'string') return fitText(value, cuts);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value) && !value.some(isNested)) return fitList(value, cuts);
  if (isInstruction(value)) {
    cuts.add('instruction');
    return undefined;
  }
  const fitted = fitNested(value, cuts);
  if (isEmpty(fitted) && !isEmpty(value)) return undefined;
  if (Buffer.byteLength(JSON.stringify(fitted)) <= maxNestedBytes) return fitted;
  cuts.add('too_large');
  return undefined;
}

function fitText(text: string, cuts: Set<Why>): string {
  const kept = cutText(text);
  if (kept !== text) cuts.add('text_cut');
  return kept;
}

/** Braze takes a list as a set of which it keeps the newest; one that fits is sent as it is. */
function fitList(list: readonly unknown[], cuts: Set<Why>): readonly unknown[] {
  const values = list.filter((item) => item !== null).map((item) => fitNested(item, cuts));
  if (values.length < list.length) cuts.add('members_cut');
  if (values.length <= maxItems) return values;
  // The last of equal values counts, so the list is gone through from its end.
  const kept = [...new Map(values.toReversed().map((item) => [identityOf(item), item])).values()];
  if (kept.length > maxItems) cuts.add('list_cut');
  return kept.slice(0, maxItems).toReversed();
}

/** An object or a list with objects in it, without what Braze takes in neither. */
function fitNested(value: unknown, cuts: Set<Why>): unknown {
  if (typeof value === 'string') return fitText(value, cuts);
  if (Array.isArray(value)) {
    const items = value.filter(isMember);
    if (items.length < value.length) cuts.add('members_cut');
    return items.map((item) => fitNested(item, cuts));
  }
  if (!isRecord(value) || isTime(value)) return value;
  const members = Object.entries(value);
  const kept = members.filter(([key, item]) => isNestedKey(key) && isMember(item));
  if (kept.length < members.length) cuts.add('members_cut');
  return Object.fromEntries(kept.map(([key, item]) => [key, fitNested(item, cuts)]));
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** JSON text can hold numbers that are infinite once they are read, such as 1e999. */
function isMember(value: unknown): boolean {
  return value !== null && (typeof value !== 'number' || Number.isFinite(value));
}

function isNestedKey(key: string): boolean {
  return key !== '' && key.length <= maxKeyLength && !/[.$\s]/.test(key);
}

/** `{"$time": "2026-01-31"}`, which is how Braze takes a time inside an object. */
function isTime(value: object): boolean {
  const [[key, time] = [], ...others] = Object.entries(value);
  return key === '$time' && others.length === 0 && typeof time === 'string' && isDate(time);
}

/** `{"inc": 1}`, `{"add": […]}`, `{"remove": […]}`: data that has this form by chance would be carried out. */
function isInstruction(value: object): boolean {
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => key === 'inc' || key === 'add' || key === 'remove');
}

function isEmpty(value: unknown): boolean {
  return isNested(value) && Object.keys(value as object).length === 0;
}
