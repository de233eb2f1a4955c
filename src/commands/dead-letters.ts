import { Command } from 'commander';
import { listCommand } from './dead-letters/list.ts';
import { purgeCommand } from './dead-letters/purge.ts';
import { replayCommand } from './dead-letters/replay.ts';
import { showCommand } from './dead-letters/show.ts';

/** `dead-letters`: what could not be delivered, and how to send it again. */
export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('Shows what could not be delivered, sends it again, or removes it.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand())
    .addCommand(purgeCommand())
    .addHelpText(
      'after',
      `
Example, after a rule was mended:
  sluice dead-letters list --sync purchases
  sluice dead-letters show 17
  sluice dead-letters replay --sync purchases --dry-run
  sluice dead-letters replay --sync purchases

NATS is found as for \`run\` (NATS_URL …), the stream by SLUICE_DEAD_LETTERS.`,
    );
}
