import { Observable, type OperatorFunction } from 'rxjs';

export interface LoadOptions<A, K, B> {
  /** What a value needs; undefined for nothing. */
  readonly keyOf: (value: A) => K | undefined;
  /** Answers with a promise if that has to be loaded, and with nothing if it is at hand. */
  readonly load: (key: K) => Promise<void> | undefined;
  /** Whether the value passes only when what all of its kind need is at hand that wait. */
  readonly inOneGo: (value: A) => boolean;
  /** What the value becomes once all it needs is at hand; undefined drops it. */
  readonly take: (value: A, key: K | undefined) => B | undefined;
}

/**
 * Takes values in order, each once what it needs is at hand. Loads run all at once, so that a cold start costs one round
 * trip and not one for each value; what waits for them is bounded by the source's credits. As long as everything is at
 * hand nothing is put off, and no promise is made.
 */
export function load<A, K, B>({ keyOf, load, inOneGo, take }: LoadOptions<A, K, B>): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) => {
      /** In order of arrival; those before `first` have passed, and `first` waits for its load. */
      let waiting: Place<A, K>[] = [];
      let first = 0;
      /** How many of those that pass in one go are being loaded. */
      let held = 0;
      let completed = false;

      const pass = (value: A, key: K | undefined): void => {
        const result = take(value, key);
        if (result !== undefined) subscriber.next(result);
      };
      const passOn = (): void => {
        for (let place = waiting[first]; place?.loaded === true; place = waiting[first]) {
          if (held > 0 && inOneGo(place.value)) break;
          pass(place.value, place.key);
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
          const key = keyOf(value);
          const loading = key === undefined ? undefined : load(key);
          if (loading === undefined && waiting.length === 0) {
            pass(value, key);
            return;
          }
          const place = { value, key, loaded: loading === undefined };
          waiting.push(place);
          if (loading === undefined) return;
          const holds = inOneGo(value);
          if (holds) held++;
          loading.then(
            () => {
              place.loaded = true;
              if (holds) held--;
              if (waiting[first]?.loaded === true) passOn();
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
interface Place<A, K> {
  readonly value: A;
  readonly key: K | undefined;
  loaded: boolean;
}
