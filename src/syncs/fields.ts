import { z } from 'zod';
import type { Path } from './problems.ts';
import { type DestinationType, schemas } from './schema.ts';

/** A field of a rule file, as the schema describes it. */
export interface Field {
  /** Such as `events.select[].where`, where `[]` stands for each place of a list. */
  readonly path: string;
  readonly key: string;
  /** The path of the mapping that holds the field; empty at the top. */
  readonly parent: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly description: string;
  readonly example: unknown;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

const names: Readonly<Record<string, string>> = { boolean: 'true or false', object: 'mapping', null: 'null' };

/** The schema of a rule file for editors, in the dialect that most of them know. */
export function syncJsonSchema(): JsonSchema {
  const { braze, amplitude } = jsonSchemas;
  const ofType = (type: DestinationType): JsonSchema => ({
    required: ['destination'],
    properties: { destination: { required: ['type'], properties: { type: { const: type } } } },
  });
  const { $schema, ...toAmplitude } = amplitude;
  const { $schema: _, ...toBraze } = braze;
  return { ...($schema !== undefined && { $schema }), if: ofType('amplitude'), then: toAmplitude, else: toBraze };
}

const jsonSchemas: Readonly<Record<DestinationType, JsonSchema>> = {
  braze: jsonSchemaOf('braze'),
  amplitude: jsonSchemaOf('amplitude'),
};

function jsonSchemaOf(type: DestinationType): JsonSchema {
  return z.toJSONSchema(schemas[type], {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema }) {
      // The format says it; the pattern is four hundred characters that no editor shows.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
}

/** Every field of a rule file for Amplitude, each before the fields that it holds. */
export const amplitudeFields: readonly Field[] = [...fieldsOf(jsonSchemas.amplitude, '')];

/** Every field of a rule file for Braze, likewise. */
export const fields: readonly Field[] = [...fieldsOf(jsonSchemas.braze, '')];

/** The fields of rule files, by `destination.type`. */
export const fieldsByType: Readonly<Record<DestinationType, readonly Field[]>> = {
  braze: fields,
  amplitude: amplitudeFields,
};

/** The fields that the mapping at a path may have. */
export function fieldsAt(path: Path, type: DestinationType = 'braze'): readonly Field[] {
  const parent = patternOf(path);
  return fieldsByType[type].filter((field) => field.parent === parent);
}

/** The field at a path. */
export function fieldAt(path: Path, type: DestinationType = 'braze'): Field | undefined {
  const pattern = patternOf(path);
  return fieldsByType[type].find((field) => field.path === pattern);
}

function* fieldsOf(schema: JsonSchema, parent: string): Generator<Field> {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (typeof value === 'boolean') continue;
    const path = parent === '' ? key : `${parent}.${key}`;
    const { default: standard, description = '', examples } = value;
    const required = schema.required?.includes(key) ?? false;
    yield { path, key, parent, type: typeOf(value), required, default: standard, description, example: examples?.[0] };
    yield* fieldsOf(value, path);
  }
  if (isSchema(schema.items)) yield* fieldsOf(schema.items, `${parent}[]`);
  for (const option of schema.anyOf ?? []) if (isSchema(option)) yield* fieldsOf(option, parent);
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.filter(isSchema).map(typeOf))].join(' or ');
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeOf(schema.items)}` : 'list';
  if (schema.type === 'string') return schema.format === 'date-time' ? 'time' : 'text';
  if (schema.type === 'integer') return `whole number${rangeOf(schema)}`;
  return names[String(schema.type)] ?? String(schema.type);
}

/** Bounds that only say what a number can hold at all are left out. */
function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined) return '';
  return maximum === undefined || maximum >= 2 ** 31 - 1 ? ` from ${minimum}` : ` from ${minimum} to ${maximum}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function patternOf(path: Path): string {
  return path
    .map((step, depth) => (typeof step === 'number' ? '[]' : `${depth === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
