import { z } from 'zod';
import { suggest } from '../core/suggest.ts';

/** What an event may hold. */
interface Shape {
  /** The parts that hold properties by name. */
  readonly holders: readonly string[];
  /** The fields of the event itself. */
  readonly fields: ReadonlySet<string>;
  /** A field to name as an example. */
  readonly example: string;
}

/** The parts of an event that hold properties by name: `event_properties.price` is the property `price` of the first. */
const holders = ['event_properties', 'user_properties', 'group_properties', 'groups'] as const;

/**
 * The fields of an event itself, in both shapes in which Amplitude writes events: as posted
 * (amplitude.com/docs/apis/analytics/http-v2) and as exported (amplitude.com/docs/apis/analytics/export).
 */
const fields: ReadonlySet<string> = new Set(
  `user_id device_id amplitude_id event_type event_id session_id uuid insert_id $insert_id time event_time
  client_event_time client_upload_time server_received_time server_upload_time processed_time user_creation_time
  app app_version version_name start_version platform os_name os_version library
  device_brand device_manufacturer device_model device_type device_family carrier device_carrier
  language country region city dma location_lat location_lng ip ip_address user_agent
  idfa idfv adid android_id android_app_set_id price quantity revenue productId revenueType currency
  paying plan partner_id source_id sample_rate data data_type ingestion_metadata extra
  is_attribution_event amplitude_attribution_ids amplitude_event_type global_user_properties`.split(/\s+/),
);

/** The name under which a referenced property is sent when the rule gives it none: all that follows the first dot. */
export function nameOf(reference: string): string {
  return reference.slice(reference.indexOf('.') + 1);
}

/** A reference to a value that Amplitude's events may hold. */
export const propertyReference = referenceTo({ holders, fields, example: 'platform' });

const currents: Shape = {
  holders: ['properties', 'user'],
  fields: new Set(['id', 'event_type', 'time']),
  example: 'id',
};

/** A reference to a value that Currents events may hold: braze.com/docs/partners/isv_partners/currents_integration. */
export const currentsReference = referenceTo(currents);

/** The same, or `*` for all properties. */
export const currentsProperty = referenceTo(currents, '*');

/** The property that says whose an event is. Event properties cannot: an identifier belongs to the user. */
export const identifierReference = z.string().superRefine((reference, context) => {
  if (['user_id', 'device_id', 'amplitude_id'].includes(reference) || /^user_properties\../.test(reference)) return;
  context.addIssue({
    code: 'custom',
    message: '{value} cannot be mapped; write user_id, device_id, amplitude_id or user_properties.<name>',
  });
});

function referenceTo(shape: Shape, also?: string) {
  return z.string().superRefine((reference, context) => {
    const fault = reference === also ? undefined : faultOf(reference, shape);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `{value} ${fault}` });
  });
}

function faultOf(reference: string, { holders, fields, example }: Shape): string | undefined {
  const [head = ''] = reference.split('.', 1);
  const dotted = reference !== head;
  const isHolder = (name: string): boolean => holders.includes(name);
  if (isHolder(head)) return reference.length > head.length + 1 ? undefined : `names no property; write ${head}.<name>`;
  if (fields.has(head)) return dotted ? 'reads inside a field; write { expr: …, as: <name> } for that' : undefined;

  const meant = suggest(head, dotted ? holders : [...holders, ...fields]);
  if (meant !== undefined)
    return `is no property of events; did you mean \`${meant}${isHolder(meant) ? '.<name>' : ''}\`?`;
  return `is no property of events; write ${holders.map((holder) => `${holder}.<name>`).join(', ')}, or a field such as ${example}`;
}
