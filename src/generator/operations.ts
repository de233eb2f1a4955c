/** A JSON object that is replaced, never written to, so that events may share it. */
export type Properties = Readonly<Record<string, unknown>>;

/** Amplitude's user property operations, as far as the generator makes them (amplitude.com/docs/apis/analytics/identify). */
export interface Operations {
  readonly $unset?: Properties;
  readonly $set?: Properties;
  readonly $setOnce?: Properties;
  readonly $add?: Readonly<Record<string, number>>;
  readonly $append?: Properties;
  readonly $postInsert?: Properties;
  readonly $remove?: Properties;
}

/**
 * What the properties are after the operations, in the order in which Amplitude applies them. It is written apart
 * from the engine, so that a test can hold one against the other; each operand is a single value, not a list.
 */
export function applyOperations(properties: Properties, operations: Operations): Properties {
  const result: Record<string, unknown> = { ...properties };
  for (const key of Object.keys(operations.$unset ?? {})) delete result[key];
  Object.assign(result, operations.$set);
  for (const [key, value] of Object.entries(operations.$setOnce ?? {})) result[key] ??= value;
  for (const [key, value] of Object.entries(operations.$add ?? {})) result[key] = Number(result[key] ?? 0) + value;
  for (const [key, value] of Object.entries(operations.$append ?? {})) result[key] = [...listOf(result[key]), value];
  for (const [key, value] of Object.entries(operations.$postInsert ?? {})) {
    const list = listOf(result[key]);
    result[key] = list.includes(value) ? list : [...list, value];
  }
  for (const [key, value] of Object.entries(operations.$remove ?? {})) {
    if (key in result) result[key] = listOf(result[key]).filter((item) => item !== value);
  }
  return result;
}

/** A property that should be a list, as one: absent is empty, a scalar becomes the first item. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
