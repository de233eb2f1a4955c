/** One request to `/users/track` as it came in, before anything is judged. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isObject } from './json.ts';
import { userNameOf } from './identifiers.ts';
import { countObjects, inputArrays, listIn, type ObjectCounts } from './objects.ts';

/** What can be seen of a request by those who script faults and latencies. */
export interface TrackRequest {
  /** Zero-based, among all requests to `/users/track`. */
  readonly index: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly bytes: number;
  readonly objects: ObjectCounts;
  /** The users of all objects, such as `external_id:u1`. */
  readonly users: ReadonlySet<string>;
  /** The JSON value of the body, undefined if it is none. */
  readonly body: unknown;
}

/** The whole of a request. */
export interface Arrival extends TrackRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** Why the body has no JSON value. */
  readonly unreadable: 'too large' | 'not UTF-8' | 'not JSON' | undefined;
}

/** The bytes of a request. */
export interface Content {
  /** Undefined for a body above the limit, which is read to its end but not kept. */
  readonly buffer: Buffer | undefined;
  readonly bytes: number;
}

/** Reads a request to its end, or answers undefined if the client went away before it. */
export function readContent(incoming: IncomingMessage, maxBytes: number): Promise<Content | undefined> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
    });
    incoming.once('end', () => {
      resolve({ buffer: bytes <= maxBytes ? Buffer.concat(chunks) : undefined, bytes });
    });
    incoming.once('error', () => {
      resolve(undefined);
    });
    // After 'end' this changes nothing.
    incoming.once('close', () => {
      resolve(undefined);
    });
  });
}

/** Makes a request of what was read. */
export function arrivalOf({ headers }: IncomingMessage, content: Content, index: number): Arrival {
  const { body, unreadable } = parse(content);
  return {
    index,
    receivedAt: Date.now(),
    bytes: content.bytes,
    objects: countObjects(body),
    users: usersOf(body),
    body,
    authorization: headers.authorization,
    contentType: headers['content-type'],
    unreadable,
  };
}

function parse({ buffer }: Content): Pick<Arrival, 'body' | 'unreadable'> {
  if (buffer === undefined) return { body: undefined, unreadable: 'too large' };
  if (!isUtf8(buffer)) return { body: undefined, unreadable: 'not UTF-8' };
  try {
    return { body: JSON.parse(buffer.toString()) as unknown, unreadable: undefined };
  } catch {
    return { body: undefined, unreadable: 'not JSON' };
  }
}

function usersOf(body: unknown): ReadonlySet<string> {
  const users = new Set<string>();
  if (!isObject(body)) return users;
  for (const array of inputArrays) {
    for (const object of listIn(body, array)) {
      const user = userNameOf(object);
      if (user !== undefined) users.add(user);
    }
  }
  return users;
}
