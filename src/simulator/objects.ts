/**
 * Reads the objects of a request: what is accepted, and why the rest is not. A bad object never spoils its neighbours
 * (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#successful-message-with-non-fatal-errors).
 */
import { type AttributesObject, readAttributes } from './attributes.ts';
import { type EventObject, readEvent } from './events.ts';
import { isObject, type JsonObject } from './json.ts';
import { type ErrorEntry, type InputArray, Problem, problems } from './object-errors.ts';
import type { SimulatorSettings } from './options.ts';
import { type PurchaseObject, readPurchase } from './purchases.ts';
import type { ReadingContext } from './reading.ts';

/** An object that passed, and where it stood in the request. */
export type AcceptedObject = (AttributesObject | EventObject | PurchaseObject) & { readonly index: number };

/** A number for each array of a request. */
export type ObjectCounts = Record<InputArray, number>;

export interface Reading {
  /** In the order in which Braze applies the objects of a request: attributes, events, purchases. */
  readonly accepted: readonly AcceptedObject[];
  readonly acceptedCounts: ObjectCounts;
  readonly rejectedCounts: ObjectCounts;
  readonly errors: readonly ErrorEntry[];
}

/** The arrays, in the order in which Braze applies them. */
export const inputArrays: readonly InputArray[] = ['attributes', 'events', 'purchases'];

const readers = { attributes: readAttributes, events: readEvent, purchases: readPurchase };

export function noObjects(): ObjectCounts {
  return { attributes: 0, events: 0, purchases: 0 };
}

/** How many objects each array of a body holds. What is not an array holds none. */
export function countObjects(body: unknown): ObjectCounts {
  const counts = noObjects();
  if (!isObject(body)) return counts;
  for (const array of inputArrays) counts[array] = listIn(body, array).length;
  return counts;
}

export function totalOf(counts: ObjectCounts): number {
  return counts.attributes + counts.events + counts.purchases;
}

/** The objects of one array of a body. */
export function listIn(body: JsonObject, array: InputArray): readonly unknown[] {
  const list = body[array];
  return Array.isArray(list) ? list : [];
}

export function readObjects(body: JsonObject, context: ReadingContext): Reading {
  const accepted: AcceptedObject[] = [];
  const acceptedCounts = noObjects();
  const rejectedCounts = noObjects();
  const errors: ErrorEntry[] = [];
  for (const array of inputArrays) {
    for (const [index, value] of listIn(body, array).entries()) {
      const object = isObject(value) ? readers[array](value, context) : problems.identifierMissing;
      if (object instanceof Problem) {
        rejectedCounts[array]++;
        errors.push(...entriesFor(object, array, index, context.settings));
      } else {
        acceptedCounts[array]++;
        accepted.push({ ...object, index });
      }
    }
  }
  return { accepted, acceptedCounts, rejectedCounts, errors };
}

/** Several entries may carry the same index: with `repeatErrors` each problem is told as a code and as a sentence. */
function entriesFor(problem: Problem, array: InputArray, index: number, settings: SimulatorSettings): ErrorEntry[] {
  const types = settings.repeatErrors
    ? [problem.in('symbolic'), problem.in('sentence')]
    : [problem.in(settings.errorStyle)];
  return types.map((type) => ({ type, input_array: array, index }));
}
