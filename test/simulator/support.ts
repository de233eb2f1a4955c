/** Talking to a simulator as a client does: over HTTP. */
import type { Simulator } from '../../src/simulator/simulator.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON value of the text. Throws when it is none. */
  json(): Record<string, unknown>;
}

export interface PostOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Posts to `/users/track` with a good key and content type. Text and bytes are sent as they are. */
export async function post(simulator: Simulator, body: unknown, options: PostOptions = {}): Promise<Reply> {
  const response = await fetch(`${simulator.url}${options.path ?? '/users/track'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.key}`, 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    signal: options.signal ?? null,
  });
  const text = await response.text();
  const json = () => JSON.parse(text) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, text, json };
}

/** A good event, with the fields given in place of its own. A field that is undefined is left out. */
export function event(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { external_id: 'u1', name: 'Song Played', time: '2026-01-01T00:00:00.000Z', ...fields };
}

/** A good purchase. */
export function purchase(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    external_id: 'u1',
    product_id: 'record',
    currency: 'EUR',
    price: 20.5,
    time: '2026-01-01T00:00:00.000Z',
    ...fields,
  };
}

/** A good attributes object. */
export function attributes(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { external_id: 'u1', plan: 'free', ...fields };
}

/** As many events as asked for, of different users. */
export function events(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => event({ external_id: `u${index}` }));
}

export const identifierMissing = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required";

export const noValidData = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";

/** The `type` of the one error that a lone object is answered with. */
export async function problemOf(simulator: Simulator, body: Record<string, unknown>): Promise<unknown> {
  const reply = await post(simulator, body);
  const { errors } = reply.json();
  const [error] = Array.isArray(errors) ? (errors as { type: unknown }[]) : [];
  return reply.status === 201 ? 'accepted' : error?.type;
}

/** What a request that got no response failed with. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
