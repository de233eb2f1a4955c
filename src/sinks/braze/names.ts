/**
 * Names that Braze refuses. It drops the object that holds one, or changes something else than an attribute, so
 * a sync that would send one is refused when it is loaded.
 *
 * Each function answers with the reason, or with undefined for a name that Braze takes.
 */

const maxNameLength = 255;

/** Keys of an attributes object that are no attributes: braze.com/docs/api/objects_filters/user_attributes_object. */
const controlKeys = new Set([
  'external_id',
  'braze_id',
  'user_alias',
  '_update_existing_only',
  '_merge_objects',
  'push_token_import',
  'email_subscription_info',
]);

/**
 * Why an event's property cannot have this name: braze.com/docs/api/objects_filters/event_object. The names of a
 * purchase (`product_id`, `quantity`, `price`, `currency`) are reserved on purchases alone.
 */
export function propertyNameFault(name: string): string | undefined {
  if (name === 'time' || name === 'event_name') return 'is reserved by Braze on every event';
  return nameFault(name);
}

/** Why a user's custom attribute cannot have this name. */
export function attributeNameFault(name: string): string | undefined {
  if (controlKeys.has(name)) return 'is no attribute to Braze but an instruction';
  return nameFault(name);
}

function nameFault(name: string): string | undefined {
  if (name.trim() === '') return 'is blank, which Braze refuses';
  if (name.startsWith('$')) return 'begins with `$`, which Braze refuses';
  if (name.length > maxNameLength) return `is longer than the ${maxNameLength} characters that Braze takes`;
  return undefined;
}
