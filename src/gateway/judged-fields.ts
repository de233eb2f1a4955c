/** The fields of an event that the gateway goes by. All others it takes as they are. */
export const judgedFields = [
  'event_type',
  'user_id',
  'device_id',
  'insert_id',
  'time',
  'ip',
  'event_id',
  'session_id',
  'quantity',
  'price',
  'revenue',
  'location_lat',
  'location_lng',
  'event_properties',
  'user_properties',
  'group_properties',
  'groups',
  'plan',
] as const;

export type JudgedField = (typeof judgedFields)[number];

/** An event, as far as it is judged. */
export type JudgedEvent = Readonly<Partial<Record<JudgedField, unknown>>>;
