/** Publishes events at a steady rate; the `time` of each is when it was published. */
import type { NatsConnection } from '@nats-io/transport-node';
import { messagesOf, type Workload } from './workload.ts';

const templates = 5_000;
const everyMs = 2;

/** A function that publishes for so long at so many events a second, and resolves with how many they were. */
export function pacedPublisher(connection: NatsConnection, subject: string, workload: Workload) {
  const next = messagesOf(workload);
  const parts = Array.from({ length: templates }, () => next().payload.split(/(?<="time":)\d{13}/));
  let made = 0;
  return async (perSecond: number, seconds: number): Promise<number> => {
    const total = Math.round((perSecond * seconds) / workload.perMessage);
    const start = performance.now();
    let published = 0;
    const done = Promise.withResolvers<void>();
    const timer = setInterval(() => {
      const due = Math.min(total, ((performance.now() - start) * total) / (seconds * 1_000));
      for (; published < due; published++) {
        const text = parts[made++ % templates] ?? [];
        connection.publish(subject, Buffer.from(text.join(String(Date.now()))));
      }
      if (published >= total) done.resolve();
    }, everyMs);
    await done.promise;
    clearInterval(timer);
    await connection.flush();
    return published * workload.perMessage;
  };
}
