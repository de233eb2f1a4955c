import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Maps each value, one after the other in the order in which they came, and drops those that map to undefined.
 *
 * The function may answer with a promise; what comes meanwhile waits, bounded by the source's credits. As long as it
 * answers at once nothing is put off and no promise is made: a compiled expression costs what it costs.
 */
export function mapInOrder<A, B>(
  transform: (value: A) => B | undefined | Promise<B | undefined>,
): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) => {
      let waiting: A[] = [];
      let busy = false;
      let completed = false;

      const emit = (result: B | undefined): void => {
        if (result !== undefined) subscriber.next(result);
      };
      const fail = (error: unknown): void => subscriber.error(error);
      /** Answers a promise if the function does. */
      const take = (value: A): Promise<void> | undefined => {
        const result = transform(value);
        if (result instanceof Promise) return result.then(emit);
        emit(result);
        return undefined;
      };
      const takeWaiting = async (late: Promise<void>): Promise<void> => {
        busy = true;
        await late;
        while (waiting.length > 0) {
          const values = waiting;
          // What comes while these are taken stands behind them.
          waiting = [];
          for (const value of values) {
            if (subscriber.closed) return;
            const next = take(value);
            if (next !== undefined) await next;
          }
        }
        busy = false;
        if (completed) subscriber.complete();
      };

      return source.subscribe({
        next(value) {
          if (busy) {
            waiting.push(value);
            return;
          }
          try {
            const late = take(value);
            if (late !== undefined) takeWaiting(late).catch(fail);
          } catch (error) {
            // RxJS throws what a `next` throws where nobody can catch it.
            fail(error);
          }
        },
        error: fail,
        complete() {
          completed = true;
          if (!busy) subscriber.complete();
        },
      });
    });
}
