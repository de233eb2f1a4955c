/**
 * The type of an attribute in the workspace: the first value decides it, and a later one that does not fit is converted
 * where that is possible and ignored otherwise
 * (https://www.braze.com/docs/user_guide/data/activation/attributes/custom_attributes).
 */
import { isObject } from './json.ts';

type AttributeType = 'boolean' | 'number' | 'string' | 'array' | 'object';

export class AttributeTypes {
  readonly #types = new Map<string, AttributeType>();

  /** The value as the attribute's type has it, or undefined if it does not fit. */
  fit(name: string, value: unknown): unknown {
    if (value === null) return value;
    const type = typeOf(value);
    const fixed = this.#types.get(name);
    if (fixed === undefined) this.#types.set(name, type);
    return fixed === undefined || fixed === type ? value : converted(value, fixed);
  }

  clear(): void {
    this.#types.clear();
  }
}

function typeOf(value: unknown): AttributeType {
  const type = typeof value;
  if (type === 'boolean' || type === 'number' || type === 'string') return type;
  if (Array.isArray(value)) return 'array';
  if (!isObject(value)) return 'object';
  if ('inc' in value) return 'number';
  return ['add', 'remove', '$add', '$remove', '$update'].some((operation) => operation in value) ? 'array' : 'object';
}

function converted(value: unknown, type: AttributeType): unknown {
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (type === 'number' && typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    return Number.isFinite(number) ? number : undefined;
  }
  return undefined;
}
