import { messageOf } from '../../core/errors.ts';
import { copyEnvironment } from '../../settings.ts';
import type { LetterHead, StoredLetter } from '../../sources/jetstream/dead-letter.ts';
import type { DeadLetterStore } from '../../sources/jetstream/dead-letter-store.ts';
import { replayedPayload } from '../../sources/jetstream/replayed-message.ts';
import { dryRun } from '../../syncs/dry-run.ts';
import { loadSyncs } from '../../syncs/load.ts';
import type { Sync } from '../../syncs/sync.ts';
import { lettersText, printable, table } from './format.ts';
import type { Session } from './session.ts';

/** What would be replayed of a sync, and what its rule makes of it now. */
interface Preview {
  readonly sync: string;
  letters: number;
  sent: number;
  filtered: number;
  readonly discarded: Record<string, number>;
  /** There is no rule to ask, or no payload. */
  unknown: number;
}

/** A page of letters is run at once; their payloads are held meanwhile. */
const pageLetters = 500;
const pageBytes = 8 * 1_048_576;

/** Prints what a replay would do. Nothing is sent. */
export async function printPreview(
  { letters, settings }: Session,
  selected: AsyncIterable<LetterHead>,
  rules: string,
  json: boolean,
): Promise<void> {
  const syncs = await syncsIn(rules);
  const previews = new Map<string, Preview>();
  const pages = new Map<string, { heads: LetterHead[]; bytes: number }>();
  const run = async (sync: string): Promise<void> => {
    const { heads } = pages.get(sync) ?? { heads: [] };
    pages.delete(sync);
    const preview = previews.get(sync) ?? { sync, letters: 0, sent: 0, filtered: 0, discarded: {}, unknown: 0 };
    previews.set(sync, preview);
    await runPage(preview, heads, letters, syncs.get(sync));
  };
  for await (const head of selected) {
    const page = pages.get(head.sync) ?? { heads: [], bytes: 0 };
    pages.set(head.sync, page);
    page.heads.push(head);
    page.bytes += head.bytes;
    if (page.heads.length >= pageLetters || page.bytes >= pageBytes) await run(head.sync);
  }
  for (const sync of pages.keys()) await run(sync);

  const all = [...previews.values()];
  if (json) process.stdout.write(all.map((preview) => `${JSON.stringify(preview)}\n`).join(''));
  else process.stdout.write(pageText(all, rules, settings.deadLetters));
}

async function syncsIn(rules: string): Promise<ReadonlyMap<string, Sync>> {
  try {
    const { syncs } = await loadSyncs(rules, { env: copyEnvironment(), missingEnv: 'placeholder' });
    return new Map(syncs.map((sync) => [sync.name, sync]));
  } catch (error) {
    process.stderr.write(`What the rules would make of the letters is not known: ${messageOf(error)}\n`);
    return new Map();
  }
}

async function runPage(
  preview: Preview,
  heads: readonly LetterHead[],
  letters: DeadLetterStore,
  sync: Sync | undefined,
): Promise<void> {
  preview.letters += heads.length;
  const payloads: Uint8Array[] = [];
  if (sync !== undefined) {
    for (const { letter } of heads) {
      const stored: StoredLetter | undefined = await letters.get(letter);
      const payload = stored === undefined ? undefined : await letters.payloadOf(stored);
      if (stored !== undefined && payload !== undefined) payloads.push(replayedPayload(stored, payload));
    }
    const { outcomes } = await dryRun(sync, payloads);
    for (const { outcome, reason } of outcomes) {
      if (outcome === 'delivered') preview.sent++;
      else if (outcome === 'filtered') preview.filtered++;
      else preview.discarded[reason ?? outcome] = (preview.discarded[reason ?? outcome] ?? 0) + 1;
    }
  }
  preview.unknown += heads.length - payloads.length;
}

function pageText(previews: readonly Preview[], rules: string, stream: string): string {
  const total = previews.reduce((sum, { letters }) => sum + letters, 0);
  if (total === 0) return `No such letters in ${stream}.\n`;
  const rows = previews.map(({ sync, letters, sent, filtered, discarded, unknown }) => [
    printable(sync),
    String(letters),
    String(sent),
    String(filtered),
    Object.entries(discarded)
      .map(([reason, count]) => `${count} ${reason}`)
      .join(', ') || '0',
    String(unknown),
  ]);
  return (
    `${lettersText(total)} in ${stream} would be replayed. As the rules in ${rules} are now, they would be\n\n` +
    table([['SYNC', 'LETTERS', 'SENT', 'NOT WANTED', 'DISCARDED', 'NOT KNOWN'], ...rows]) +
    '\nWhat Braze would say is not known, nor what the states of users would change.\n'
  );
}
