import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Passes values on in order, each once what it needs is loaded. `load` answers with a promise if something has to be
 * loaded, and with nothing otherwise. Loads run all at once, so that a cold start costs one round trip and not one for
 * each value; what waits for them is bounded by the source's credits.
 */
export function load<T>(load: (value: T) => Promise<void> | undefined): OperatorFunction<T, T> {
  return (source) =>
    new Observable((subscriber) => {
      /** In order of arrival; the first one waits for its load. */
      let waiting: { readonly value: T; loaded: boolean }[] = [];
      let completed = false;

      const passOn = (): void => {
        let passed = 0;
        for (const { value, loaded } of waiting) {
          if (!loaded) break;
          passed++;
          subscriber.next(value);
        }
        waiting = waiting.slice(passed);
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
              if (waiting[0] === place) passOn();
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
