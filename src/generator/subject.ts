/** The subject of a message of many events, which has no one type. */
export const batchSubject = 'events.batch';

/** The subject that a message of one event is published under. */
export function subjectOf(eventType: string): string {
  return `events.${subjectToken(eventType)}`;
}

/**
 * An event type as one token of a NATS subject. A token may hold no white space, no `.` and no wildcard
 * (docs.nats.io/nats-concepts/subjects), and ASCII is advised: each run of other characters than letters, digits,
 * `_`, `-` and `$` becomes one `_`, and none stays at either end.
 *
 * `[Amplitude] Page Viewed` → `Amplitude_Page_Viewed`; a type of which nothing is left → `_`. Types may collide, so
 * the token serves to select, and the event itself says its type.
 */
export function subjectToken(eventType: string): string {
  return eventType.replaceAll(/[^\w$-]+/gu, '_').replaceAll(/^_+|_+$/gu, '') || '_';
}
