import { Observable, type OperatorFunction, pipe } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import type { AmplitudeEvent } from '../core/event.ts';
import type { Envelope } from '../core/message.ts';
import { type InOrder, mapInOrder } from '../operators/map-in-order.ts';
import type { Followed } from '../profiles/follow.ts';

/** The update of an event, if there is one, and then what becomes of the event itself. */
export function together(
  events: InOrder<Envelope<AmplitudeEvent>, Envelope<Entry>>,
): OperatorFunction<Followed, Envelope<Entry>> {
  return pipe(
    mapInOrder(({ update, event }: Followed): Pair | Promise<Pair> => {
      const entry = events.transform(event);
      return entry instanceof Promise ? entry.then((late) => ({ update, entry: late })) : { update, entry };
    }),
    oneByOne,
  );
}

interface Pair {
  readonly update: Envelope<Entry> | undefined;
  readonly entry: Envelope<Entry> | undefined;
}

function oneByOne(pairs: Observable<Pair>): Observable<Envelope<Entry>> {
  return new Observable((subscriber) =>
    pairs.subscribe({
      next({ update, entry }) {
        if (update !== undefined) subscriber.next(update);
        if (entry !== undefined) subscriber.next(entry);
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );
}
