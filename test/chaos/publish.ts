import { setTimeout as delay } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { publishingMs } from './schedule.ts';
import type { PlannedMessage } from './workload.ts';

const chunks = 200;

/** Publishes the messages over some seconds, whatever happens to the server meanwhile: each is stored once. */
export async function publish(
  connection: NatsConnection,
  stream: string,
  messages: readonly PlannedMessage[],
): Promise<void> {
  const client = jetstream(connection, { timeout: 1_000 });
  const size = Math.ceil(messages.length / chunks);
  const began = performance.now();
  for (let chunk = 0; chunk < chunks; chunk++) {
    let open = messages.slice(chunk * size, (chunk + 1) * size);
    while (open.length > 0) {
      const stored = await Promise.allSettled(
        open.map(({ id, payload }) =>
          client.publish('events.chaos', payload, { msgID: id, expect: { streamName: stream } }),
        ),
      );
      open = open.filter((_, index) => stored[index]?.status === 'rejected');
      if (open.length > 0) await delay(100);
    }
    const ahead = (chunk * publishingMs) / chunks - (performance.now() - began);
    if (ahead > 0) await delay(ahead);
  }
}
