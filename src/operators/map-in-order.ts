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
      const take = (value: A): void => {
        const result = transform(value);
        if (!(result instanceof Promise)) return emit(result);
        busy = true;
        result.then(emit).then(goOn, (error: unknown) => subscriber.error(error));
      };
      const goOn = (): void => {
        busy = false;
        const values = waiting;
        waiting = [];
        let taken = 0;
        while (!busy && taken < values.length) take(values[taken++] as A);
        // What came while these were taken stands behind them.
        if (taken < values.length) waiting = values.slice(taken).concat(waiting);
        if (completed && !busy && waiting.length === 0) subscriber.complete();
      };

      return source.subscribe({
        next(value) {
          if (busy) waiting.push(value);
          else take(value);
        },
        error: (error) => subscriber.error(error),
        complete() {
          completed = true;
          if (!busy) subscriber.complete();
        },
      });
    });
}
