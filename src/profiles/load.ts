import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Passes values on in order, each once what it needs is loaded. `load` answers with a promise if something has to be
 * loaded, and with nothing otherwise. Loads run all at once, so that a cold start costs one round trip and not one for
 * each value; what waits for them is bounded by the source's credits.
 */
export function load<T>(load: (value: T) => Promise<void> | undefined): OperatorFunction<T, T> {
  return (source) =>
    new Observable((subscriber) => {
      /** In order of arrival; those before `first` have passed, and `first` waits for its load. */
      let waiting: Place<T>[] = [];
      let first = 0;
      let completed = false;

      const passOn = (): void => {
        for (let place = waiting[first]; place?.loaded === true; place = waiting[first]) {
          subscriber.next(place.value);
          // Not before: what comes meanwhile stands behind it.
          first++;
        }
        // To cut each one off by itself would cost the square of a cold start.
        if (2 * first >= waiting.length) {
          waiting = waiting.slice(first);
          first = 0;
        }
        if (completed && waiting.length === 0) subscriber.complete();
      };

      return source.subscribe({
        next(value) {
          const loading = load(value);
          if (loading === undefined && waiting.length === 0) {
            subscriber.next(value);
            return;
          }
          const place = { value, loaded: loading === undefined };
          waiting.push(place);
          loading?.then(
            () => {
              place.loaded = true;
              if (waiting[first] === place) passOn();
            },
            (error: unknown) => subscriber.error(error),
          );
        },
        error: (error) => subscriber.error(error),
        complete() {
          completed = true;
          if (waiting.length === 0) subscriber.complete();
        },
      });
    });
}

/** A value, and whether what it needs is loaded. */
interface Place<T> {
  readonly value: T;
  loaded: boolean;
}
