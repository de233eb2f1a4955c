import { createHash } from 'node:crypto';

/**
 * What JetStream knows an event by within its duplicate window (https://docs.nats.io/nats-concepts/jetstream/headers):
 * Amplitude's key for the same purpose, `insert_id` on a device. Undefined for an event that has no `insert_id`: such a
 * one is stored as often as it is sent, by Amplitude too.
 */
export function messageId(device: string, insertId: string): string | undefined {
  if (insertId === '') return undefined;
  const id = `${device}:${insertId}`;
  // Any other character could end the header line, or make two pairs look alike.
  return plain.test(id) ? id : hashOf([device, insertId]);
}

/** One id for several: the same only for the same ones in the same order. */
export function combinedId(ids: readonly string[]): string {
  return hashOf(ids);
}

const plain = /^[\w$.@{}-]{0,128}:[\w$.@{}-]{1,128}$/;

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
