import { sameValue } from './equality.ts';
import { fit } from './limits.ts';
import type { Report } from './reports.ts';
import { type Selection, sentValue } from './selection.ts';

/** Attributes of a user as Braze takes them, by name; null takes an attribute away. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What was sent of these attributes before they changed; null for those of which nothing was. */
export function sentBefore(
  { sent }: Selection,
  values: readonly unknown[] | undefined,
  attributes: Attributes,
): Attributes {
  const changed = sent.filter(({ name }) => Object.hasOwn(attributes, name));
  return Object.fromEntries(
    changed.map((property) => {
      const value = values === undefined ? undefined : sentValue(values, property);
      return [property.name, value === undefined ? null : (fit(property.name, value) ?? null)];
    }),
  );
}

/**
 * What Braze is to be told after a user's values changed; undefined if it would see no change.
 *
 * A property has changed if what is sent for it differs: two texts that Braze cuts to the same one do not. For one that
 * has no value any more null is sent. One whose new value Braze cannot take is not sent, so Braze keeps what it has.
 * With `content: selected` all selected properties that have a value go along.
 *
 * @param before undefined if Braze has nothing of the user: then each value is a change
 * @param unsent properties that count as changed whatever their values are
 */
export function changesOf(
  selection: Selection,
  before: readonly unknown[] | undefined,
  after: readonly unknown[],
  unsent: readonly string[],
  reports: Report[],
): Attributes | undefined {
  if (before === undefined && selection.sendsBareUsers) return {};
  const sendsAll = selection.content === 'selected';
  const attributes: [name: string, value: unknown][] = [];
  let changed = false;
  for (const property of selection.sent) {
    const { name } = property;
    const old = before === undefined ? undefined : sentValue(before, property);
    const value = sentValue(after, property);
    const isUnsent = unsent.includes(name);
    const isTouched = value !== old || isUnsent;
    if (value === undefined && isTouched) {
      attributes.push([name, null]);
      changed = true;
    } else if (value !== undefined && (isTouched || sendsAll)) {
      const fitted = fit(name, value, isTouched ? reports : undefined);
      if (fitted === undefined) continue;
      const differs = isTouched && (isUnsent || old === undefined || !sameValue(fitted, fit(name, old)));
      if (differs || sendsAll) attributes.push([name, fitted]);
      changed ||= differs;
    }
  }
  // Unlike an assignment, this gives a property named `__proto__` a value like any other.
  return changed ? Object.fromEntries(attributes) : undefined;
}
