/**
 * Replays: whoever wants a letter sent again asks the engine that runs its sync, which alone writes the states of its
 * users and knows what is in flight. The request is the letter's number as text; the answer is JSON.
 */
import { z } from 'zod';

/** Where an engine listens for the letters of a sync. */
export function replaySubject(stream: string, sync: string): string {
  return `sluice.replay.${stream}.${sync}`;
}

/** What became of a replayed letter. */
export type ReplayAnswer = z.infer<typeof replayAnswer>;

export const replayAnswer = z.discriminatedUnion('kind', [
  /** It was sent, or the sync does not want it any more: the letter is gone, unless `kept` says why it is still there. */
  z.object({ kind: z.enum(['delivered', 'filtered']), kept: z.string().optional() }),
  /** It failed again: a letter with its whole history has taken the place of the old one. */
  z.object({ kind: z.literal('discarded'), reason: z.string(), detail: z.string(), kept: z.string().optional() }),
  /** The sync stopped or broke before it was sent: the letter is where it was. */
  z.object({ kind: z.literal('returned') }),
  /** There is no such letter of this sync. */
  z.object({ kind: z.literal('gone') }),
  /** It cannot be replayed. */
  z.object({ kind: z.literal('unreadable'), detail: z.string() }),
]);
