import { concatMap, lastValueFrom, Observable, of, type OperatorFunction, pipe, Subject, toArray } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import type { AmplitudeEvent } from '../core/event.ts';
import type { Envelope } from '../core/message.ts';
import { mapInOrder } from '../operators/map-in-order.ts';
import type { Followed } from '../profiles/follow.ts';

/**
 * The update of an event, if there is one, and then what becomes of the event itself.
 *
 * @param late whether an event may take its time: then the next one waits, or its update would pass this event
 */
export function together(
  events: OperatorFunction<Envelope<AmplitudeEvent>, Envelope<Entry>>,
  late: boolean,
): OperatorFunction<Followed, Envelope<Entry>> {
  if (late) {
    return pipe(
      mapInOrder(async ({ update, event }: Followed) => {
        const sent = await lastValueFrom(of(event).pipe(events, toArray()));
        return update === undefined ? sent : [update, ...sent];
      }),
      concatMap((entries: readonly Envelope<Entry>[]) => entries),
    );
  }
  return (source) =>
    new Observable((subscriber) => {
      const going = new Subject<Envelope<AmplitudeEvent>>();
      subscriber.add(going.pipe(events).subscribe(subscriber));
      return source.subscribe({
        next({ update, event }) {
          if (update !== undefined) subscriber.next(update);
          going.next(event);
        },
        error: (error) => subscriber.error(error),
        complete: () => going.complete(),
      });
    });
}
