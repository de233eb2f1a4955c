import { Observable, type OperatorFunction } from 'rxjs';

/** Another value, undefined to drop it, or a promise of either. */
export type Transform<A, B> = (value: A) => B | undefined | Promise<B | undefined>;

/** An operator that maps in order. It shows its function, so that several can be made one; see `fuse`. */
export interface InOrder<A, B> extends OperatorFunction<A, B> {
  readonly transform: Transform<A, B>;
}

/**
 * What `pipe` would make of operators that map in order, as one of them: the same results in the same order, without
 * an observer for each operator and event, which costs more than what most of them do.
 */
export function fuse<A, B, C, D, E>(
  first: InOrder<A, B>,
  second: InOrder<B, C>,
  third: InOrder<C, D>,
  fourth: InOrder<D, E>,
): InOrder<A, E> {
  return mapInOrder(after(after(after(first.transform, second.transform), third.transform), fourth.transform));
}

function after<A, B, C>(first: Transform<A, B>, second: Transform<B, C>): Transform<A, C> {
  const go = (value: B | undefined): ReturnType<Transform<B, C>> => (value === undefined ? undefined : second(value));
  return (value) => {
    const result = first(value);
    return result instanceof Promise ? result.then(go) : go(result);
  };
}

/**
 * Maps each value, one after the other in the order in which they came, and drops those that map to undefined.
 *
 * The function may answer with a promise; what comes meanwhile waits, bounded by the source's credits. As long as it
 * answers at once nothing is put off and no promise is made: a compiled expression costs what it costs.
 */
export function mapInOrder<A, B>(transform: Transform<A, B>): InOrder<A, B> {
  const operator: OperatorFunction<A, B> = (source) =>
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
  return Object.assign(operator, { transform });
}
