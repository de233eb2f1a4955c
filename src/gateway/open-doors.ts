import type { CurrentsDoor } from './currents-endpoint.ts';
import { ensureStream } from './ensure-stream.ts';
import type { GatewayOptions } from './options.ts';
import type { Project } from './projects.ts';
import { StreamWriter } from './stream-writer.ts';

/** Who may send, and where that goes. */
export interface Doors {
  /** By API key. */
  readonly projects: ReadonlyMap<string, Project>;
  readonly currents: CurrentsDoor | undefined;
}

/** Makes or finds each stream once, with a writer that all of its keys share. Throws as `ensureStream` does. */
export async function openDoors(
  options: Pick<GatewayOptions, 'keys' | 'currents' | 'partitions' | 'layout' | 'streams' | 'connection' | 'log'>,
  timeoutMs: number,
): Promise<Doors> {
  const { connection, keys, currents, partitions, layout } = options;
  const streams = new Map<string, StreamWriter>();
  for (const stream of [...keys.values(), ...(currents === undefined ? [] : [currents.stream])]) {
    if (!streams.has(stream)) streams.set(stream, await writerOf(stream));
  }
  const projects = new Map<string, Project>();
  for (const [key, stream] of keys) {
    const writer = streams.get(stream);
    if (writer !== undefined) projects.set(key, { writer, placing: { layout, partitions, prefix: prefixOf(stream) } });
  }
  const writer = currents && streams.get(currents.stream);
  return { projects, currents: writer && { writer, token: currents.token, prefix: prefixOf(currents.stream) } };

  async function writerOf(stream: string): Promise<StreamWriter> {
    const subjects = `${prefixOf(stream)}.>`;
    const { atomic, created } = await ensureStream(connection, stream, subjects, options.streams);
    options.log.info({ stream, subjects, atomic }, created ? 'The stream is made.' : 'The stream is there.');
    return new StreamWriter(connection, { atomic, timeoutMs });
  }
}

/** `EVENTS` → `events`: no two streams of an account may take one subject, so each has its own. */
export function prefixOf(stream: string): string {
  return stream.toLowerCase();
}
