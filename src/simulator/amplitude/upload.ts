/** One request to `/2/httpapi` or `/batch` as it came in, before anything is judged. */
import { isUtf8 } from 'node:buffer';
import { isObject } from '../json.ts';
import type { Content } from '../request.ts';

/** The two ways in. */
export type Api = 'httpapi' | 'batch';

/** What can be seen of a request by those who script faults. */
export interface Upload {
  /** Zero-based, among all requests. */
  readonly index: number;
  readonly api: Api;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly bytes: number;
  /** The JSON value of the body, undefined if it is none. */
  readonly body: unknown;
  /** Why the body has no JSON value. */
  readonly unreadable: 'too large' | 'not JSON' | undefined;
  /** What the body holds as `events`. */
  readonly events: readonly unknown[];
}

export function uploadOf(api: Api, content: Content, index: number): Upload {
  const { body, unreadable } = parse(content);
  const events = isObject(body) && Array.isArray(body['events']) ? (body['events'] as readonly unknown[]) : [];
  return { index, api, receivedAt: Date.now(), bytes: content.bytes, body, unreadable, events };
}

function parse({ buffer }: Content): Pick<Upload, 'body' | 'unreadable'> {
  if (buffer === undefined) return { body: undefined, unreadable: 'too large' };
  if (!isUtf8(buffer)) return { body: undefined, unreadable: 'not JSON' };
  try {
    return { body: JSON.parse(buffer.toString()) as unknown, unreadable: undefined };
  } catch {
    return { body: undefined, unreadable: 'not JSON' };
  }
}
