import { createHash } from 'node:crypto';

/** What an event is known again by. */
export interface EventKey {
  /** Whose it is: the user's id, or else the device's. */
  readonly owner: string;
  /** Empty if it has none. */
  readonly device: string;
  /** Empty if it has none. */
  readonly insertId: string;
}

/**
 * What JetStream knows an event by within its duplicate window (https://docs.nats.io/nats-concepts/jetstream/headers):
 * Amplitude's key for the same purpose, `insert_id` on a device; for an event of no device, on the user, whose hash is
 * then the device to Amplitude. Undefined for an event that has no `insert_id`: such a one is stored as often as it is
 * sent, by Amplitude too.
 */
export function messageId({ owner, device, insertId }: EventKey): string | undefined {
  if (insertId === '') return undefined;
  const ofDevice = device !== '';
  const whose = ofDevice ? device : owner;
  if (isPlain(whose) && isPlain(insertId)) return ofDevice ? `${device}:${insertId}` : `:${owner}:${insertId}`;
  return hashOf(ofDevice ? [device, insertId] : ['', owner, insertId]);
}

/** One id for several: the same only for the same ones in the same order. */
export function combinedId(ids: readonly string[]): string {
  return hashOf(ids);
}

/** Any other character could end the header line, or make two pairs look alike. */
const isPlain = (id: string): boolean => id.length <= 128 && !notPlain.test(id);
const notPlain = /[^\w$.@{}-]/;

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
