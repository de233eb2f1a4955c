import { Observable, type OperatorFunction, pipe } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import type { AmplitudeEvent } from '../core/event.ts';
import { Envelope } from '../core/message.ts';
import { type InOrder, mapInOrder } from '../operators/map-in-order.ts';
import type { Followed } from '../profiles/follow.ts';

/** The update of an event, if there is one, and then what becomes of the event itself. */
export function together(
  events: InOrder<Envelope<AmplitudeEvent>, Envelope<Entry>>,
): OperatorFunction<Followed, Envelope<Entry>> {
  return pipe(
    mapInOrder<Followed, Envelope<Entry> | Pair>(({ update, event }) => {
      const entry = events.transform(event);
      // Most events change nobody, and come out by themselves.
      if (update === undefined) return entry;
      return entry instanceof Promise ? entry.then((late) => ({ update, entry: late })) : { update, entry };
    }),
    oneByOne,
  );
}

interface Pair {
  readonly update: Envelope<Entry>;
  readonly entry: Envelope<Entry> | undefined;
}

function oneByOne(all: Observable<Envelope<Entry> | Pair>): Observable<Envelope<Entry>> {
  return new Observable((subscriber) =>
    all.subscribe({
      next(one) {
        if (one instanceof Envelope) {
          subscriber.next(one);
          return;
        }
        subscriber.next(one.update);
        if (one.entry !== undefined) subscriber.next(one.entry);
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );
}
