import { finalize, merge } from 'rxjs';
import type { Source } from '../core/source.ts';

/** A source whose messages come along with the replayed ones. It ends when the source ends. */
export function withReplays(source: Source, replays: Source): Source {
  return {
    messages(stop) {
      const ending = new AbortController();
      const messages = source.messages(stop).pipe(finalize(() => ending.abort()));
      return merge(messages, replays.messages(AbortSignal.any([stop, ending.signal])));
    },
    async settled(abort) {
      await Promise.all([source.settled(abort), replays.settled(abort)]);
    },
  };
}
