import type { RuleDocument } from './document.ts';
import { type DestinationType, schemas } from './schema.ts';

const path = ['destination', 'type'];

/** What kind of destination a rule file is for; Braze, as most are, if it does not say, or says something unknown. */
export function destinationType(document: RuleDocument): DestinationType {
  const type = document.textAt(path);
  return type !== undefined && isDestinationType(type) ? type : 'braze';
}

export const destinationTypes: readonly string[] = Object.keys(schemas);

function isDestinationType(type: string): type is DestinationType {
  return destinationTypes.includes(type);
}
