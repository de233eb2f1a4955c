/** Talking to an Amplitude simulator as a client does: over HTTP. */
import type { AmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Posts a body; text as it is, anything else as JSON. */
export async function post({ url }: AmplitudeSimulator, body: unknown, path = '/2/httpapi'): Promise<Reply> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Posts events with a good key. */
export async function upload(
  simulator: AmplitudeSimulator,
  events: readonly unknown[],
  path?: string,
  options?: object,
): Promise<Reply> {
  return await post(simulator, { api_key: simulator.key, events, ...(options && { options }) }, path);
}

/** A good event, with the fields given in place of its own. A field that is undefined is left out. */
export function event(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { user_id: 'user-1', event_type: 'Opened', time: 1_767_603_600_000, insert_id: 'i1', ...fields };
}

/** As many events as asked for, of one user, each with an id of its own. */
export function events(count: number, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => event({ insert_id: `i${index}`, ...fields }));
}
