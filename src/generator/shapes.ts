import type { Properties } from './operations.ts';
import type { Person } from './people.ts';

/** The two forms in which Amplitude events are found: as posted to the HTTP V2 API, and as exported. */
export type Shape = 'http' | 'export';

/** What happened, before it takes a form. */
export interface Occurrence {
  readonly type: string;
  readonly properties: Properties;
  /** What the event itself says of its user: plain values or, for `$identify`, operations. */
  readonly userProperties: Properties;
  readonly groupProperties?: Properties;
  /** Whether a user property is another one than before. */
  readonly changed: boolean;
  /** The place in the session and on the clock. */
  readonly sessionId: number;
  readonly time: number;
  readonly eventId: number;
  readonly insertId: string;
  /** How long the device kept the event before it was uploaded. */
  readonly delayMs: number;
}

/** An event as an SDK posts it (amplitude.com/docs/apis/analytics/http-v2). Keys that do not apply are absent. */
export function httpEvent(person: Person, occurrence: Occurrence): Properties {
  const { device, city, locale } = person;
  const event: Record<string, unknown> = {
    device_id: person.deviceId,
    event_type: occurrence.type,
    time: occurrence.time,
    session_id: occurrence.sessionId,
    event_id: occurrence.eventId,
    insert_id: occurrence.insertId,
    event_properties: occurrence.properties,
    user_properties: occurrence.userProperties,
    app_version: person.appVersion,
    platform: device.platform,
    os_name: device.osName,
    os_version: device.osVersion,
    device_model: device.model,
    country: locale.country,
    region: city.region,
    city: city.city,
    language: locale.tag,
    ip: person.ip,
    library: device.library,
  };
  if (person.userId !== null || person.writesNull) event['user_id'] = person.userId;
  if (device.manufacturer !== null) event['device_manufacturer'] = device.manufacturer;
  if (device.mobile) {
    event['device_brand'] = device.brand;
    event['carrier'] = locale.carrier;
    event['location_lat'] = city.latitude;
    event['location_lng'] = city.longitude;
    event[device.osName === 'ios' ? 'idfv' : 'adid'] = person.advertisingId;
  }
  if (person.company !== null) event['groups'] = { company: person.company };
  if (occurrence.groupProperties !== undefined) event['group_properties'] = occurrence.groupProperties;
  return event;
}

/**
 * An event as the Export API gives it (amplitude.com/docs/apis/analytics/export): the instants as text, the user's
 * properties as a snapshot, null for what is not set.
 */
export function exportedEvent(
  person: Person,
  occurrence: Occurrence,
  uuid: string,
  timestamp: (ms: number) => string,
): Properties {
  const { device, city, locale } = person;
  const uploaded = occurrence.time + occurrence.delayMs;
  const occurredAt = timestamp(occurrence.time);
  return {
    $insert_id: occurrence.insertId,
    $schema: null,
    adid: device.osName === 'android' ? person.advertisingId : null,
    amplitude_attribution_ids: null,
    amplitude_event_type: null,
    amplitude_id: person.amplitudeId,
    app: 523_812,
    city: city.city,
    client_event_time: occurredAt,
    client_upload_time: timestamp(uploaded),
    country: locale.country,
    data: { path: '/2/httpapi', user_properties_updated: occurrence.changed, first_event: person.seq === 1 },
    data_type: 'event',
    device_brand: device.brand,
    device_carrier: device.mobile ? locale.carrier : null,
    device_family: device.family,
    device_id: person.deviceId,
    device_manufacturer: device.manufacturer,
    device_model: device.model,
    device_type: device.family,
    dma: null,
    event_id: occurrence.eventId,
    event_properties: occurrence.properties,
    // The device's clock is trusted: it is less than a minute off.
    event_time: occurredAt,
    event_type: occurrence.type,
    group_properties: {},
    groups: person.company === null ? {} : { company: [person.company] },
    idfa: null,
    ip_address: person.ip,
    is_attribution_event: null,
    language: locale.language,
    library: device.library,
    location_lat: device.mobile ? city.latitude : null,
    location_lng: device.mobile ? city.longitude : null,
    os_name: device.osName,
    os_version: device.osVersion,
    partner_id: null,
    paying: null,
    plan: {},
    platform: device.platform,
    processed_time: timestamp(uploaded + 900),
    region: city.region,
    sample_rate: null,
    server_received_time: timestamp(uploaded + 40),
    server_upload_time: timestamp(uploaded + 60),
    session_id: occurrence.sessionId,
    start_version: person.appVersion,
    user_creation_time: timestamp(person.firstSeen),
    user_id: person.userId,
    user_properties: person.properties,
    uuid,
    version_name: person.appVersion,
  };
}
