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

/**
 * The key as a bucket takes it (letters, digits, `-`, `_` and dots: docs.nats.io/nats-concepts/jetstream/key-value-store),
 * whatever the identifier. Made only where a bucket is reached, since an event that changes nothing needs no other key
 * than its text.
 */
export function bucketKey(key: string): string {
  const dot = key.indexOf('.');
  if (dot === -1 || key.startsWith(hashSuffix, dot - hashSuffix.length)) return key;
  return key.slice(0, dot + 1) + Buffer.from(key.slice(dot + 1)).toString('base64url');
}

/** The key that `bucketKey` made this one of. */
export function stateKey(key: string): string {
  const dot = key.indexOf('.');
  if (dot === -1 || key.startsWith(hashSuffix, dot - hashSuffix.length)) return key;
  return key.slice(0, dot + 1) + Buffer.from(key.slice(dot + 1), 'base64url').toString();
}

function keyOf(kind: 'user' | 'device', id: unknown): string | undefined {
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? plainKey(kind, String(id)) : undefined;
}

/**
 * A long identifier is hashed, since a subject has to fit into a line of the protocol, and so is one with half a
 * surrogate pair, which UTF-8 cannot tell from another.
 */
function plainKey(kind: 'identifier' | 'user' | 'device', id: string): string {
  const fits = 3 * id.length <= maxPlainBytes || Buffer.byteLength(id) <= maxPlainBytes;
  if (fits && id.isWellFormed()) return `${kind}.${id}`;
  return `${kind}${hashSuffix}.${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('base64url')}`;
}

const hashSuffix = '-hash';
const maxPlainBytes = 192;
