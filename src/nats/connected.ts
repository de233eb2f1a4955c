import type { NatsConnection } from '@nats-io/transport-node';
import { defer, filter, map, type Observable, shareReplay, startWith } from 'rxjs';

/** Whether the connection stands, and each change of that; followed from the first subscription until it is closed. */
export function connectedOf(connection: NatsConnection): Observable<boolean> {
  return defer(() => connection.status()).pipe(
    filter(({ type }) => type === 'disconnect' || type === 'reconnect'),
    map(({ type }) => type === 'reconnect'),
    startWith(true),
    shareReplay(1),
  );
}
