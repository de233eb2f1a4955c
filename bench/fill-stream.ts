import type { NatsConnection } from '@nats-io/transport-node';
import { createStream } from '../src/nats/stream.ts';
import { messagesOf, type Workload, type WorkloadMessage } from './workload.ts';

export interface FillOptions {
  readonly workload: Workload;
  /** Makes the messages, where they are to go on from those of another stream. */
  readonly messages?: () => WorkloadMessage;
  readonly onProgress?: (text: string) => void;
}

/** Makes a stream, if it is not there, and publishes so many events into it; answers how many bytes each has on average. */
export async function fillStream(
  connection: NatsConnection,
  name: string,
  events: number,
  { workload, messages: next = messagesOf(workload), onProgress }: FillOptions,
): Promise<number> {
  const prefix = name.toLowerCase();
  const stream = await createStream(connection, name, [`${prefix}.>`]);
  const messages = Math.ceil(events / workload.perMessage);
  let bytes = 0;
  for (let published = 0; published < messages; published += 1_000) {
    onProgress?.(`fills ${name}: ${published * workload.perMessage} of ${events} events`);
    const some = Array.from({ length: Math.min(1_000, messages - published) }, next);
    for (const { payload } of some) bytes += Buffer.byteLength(payload);
    const subjects = some.map(({ subject }) => subject.replace(/^events(?=\.)/, prefix));
    await Promise.all(some.map(({ payload }, i) => stream.publish(subjects[i] ?? `${prefix}.other`, payload)));
  }
  return Math.round(bytes / Math.max(1, events));
}
