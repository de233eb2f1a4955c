import { createHash } from 'node:crypto';
import type { AmplitudeEvent } from '../core/event.ts';

/**
 * The key of the state of a user whom the destination knows by this identifier: nearly always the identifier itself, so
 * that an event that changes nothing makes no text for it.
 */
export function identifierKey(identifier: string): string {
  return isPlain(identifier) && !identifier.startsWith(mark) ? identifier : hashedKey('identifier', identifier);
}

/** The key of the state of a user of Amplitude: the user id, else the device; undefined if an event names neither. */
export function userKeyOf(event: AmplitudeEvent): string | undefined {
  return keyOf('user', event['user_id']) ?? keyOf('device', event['device_id']);
}

/**
 * The key as a bucket takes it (letters, digits, `-`, `_` and dots: docs.nats.io/nats-concepts/jetstream/key-value-store),
 * whatever the identifier: its kind and, unless it is hashed, its UTF-8 as base64url.
 */
export function bucketKey(key: string): string {
  const marked = key.startsWith(mark) ? key.slice(mark.length) : `identifier.${key}`;
  const dot = marked.indexOf('.');
  if (isHashed(marked, dot)) return marked;
  return marked.slice(0, dot + 1) + Buffer.from(marked.slice(dot + 1)).toString('base64url');
}

/** The key that `bucketKey` made this one of. */
export function stateKey(key: string): string {
  const dot = key.indexOf('.');
  if (isHashed(key, dot)) return mark + key;
  const [kind, id] = [key.slice(0, dot), Buffer.from(key.slice(dot + 1), 'base64url').toString()];
  return kind === 'identifier' ? id : `${mark}${kind}.${id}`;
}

function keyOf(kind: 'user' | 'device', value: unknown): string | undefined {
  if ((typeof value !== 'string' || value === '') && typeof value !== 'number') return undefined;
  const id = String(value);
  return isPlain(id) ? `${mark}${kind}.${id}` : hashedKey(kind, id);
}

/** Before a key that is not just an identifier; no identifier that is its own key begins with it. */
const mark = '\0';
const hashSuffix = '-hash';
const maxPlainBytes = 192;

/**
 * Whether an identifier can be a part of a key as it is. A long one cannot, since a subject has to fit into a line of the
 * protocol, and neither can one with half a surrogate pair, which UTF-8 cannot tell from another.
 */
function isPlain(id: string): boolean {
  const fits = 3 * id.length <= maxPlainBytes || Buffer.byteLength(id) <= maxPlainBytes;
  return fits && (!hasSurrogates(id) || id.isWellFormed());
}

/** Asked first, since `isWellFormed` leaves compiled code, and that is a good part of what an event costs that changes nothing. */
function hasSurrogates(id: string): boolean {
  for (let index = 0; index < id.length; index++) if ((id.charCodeAt(index) & 0xf8_00) === 0xd8_00) return true;
  return false;
}

function hashedKey(kind: 'identifier' | 'user' | 'device', id: string): string {
  return `${mark}${kind}${hashSuffix}.${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('base64url')}`;
}

function isHashed(key: string, dot: number): boolean {
  return key.startsWith(hashSuffix, dot - hashSuffix.length);
}
