import { createHash } from 'node:crypto';
import type { AmplitudeEvent } from '../core/event.ts';

/** The key of the state of a user whom the destination knows by this identifier. */
export function identifierKey(identifier: string): string {
  return plainKey('identifier', identifier);
}

/** The key of the state of a user of Amplitude: the user id, else the device; undefined if an event names neither. */
export function userKeyOf(event: AmplitudeEvent): string | undefined {
  return keyOf('user', event['user_id']) ?? keyOf('device', event['device_id']);
}

function keyOf(kind: 'user' | 'device', id: unknown): string | undefined {
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? plainKey(kind, String(id)) : undefined;
}

/**
 * A key that a bucket takes (letters, digits, `-`, `_` and dots: docs.nats.io/nats-concepts/jetstream/key-value-store)
 * for any identifier. A long one is hashed, since a subject has to fit into a line of the protocol, and so is one with
 * half a surrogate pair, which UTF-8 cannot tell from another.
 */
function plainKey(kind: 'identifier' | 'user' | 'device', id: string): string {
  const text = Buffer.from(id);
  if (text.length <= maxPlainBytes && id.isWellFormed()) return `${kind}.${text.toString('base64url')}`;
  return `${kind}-hash.${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('base64url')}`;
}

const maxPlainBytes = 192;
