import { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { connectNats } from '../nats/connect.ts';
import { bucketName, bucketSize, deleteBucket } from '../profiles/bucket.ts';
import { readSettings } from '../settings.ts';

/** `state`: what syncs remember of users. */
export function stateCommand(): Command {
  return new Command('state')
    .description('Shows or deletes what a sync remembers of users: the values that Braze has.')
    .addCommand(
      new Command('show')
        .description('Tells how many users a sync remembers, and how much room they take.')
        .argument('<sync>', 'the name of the sync')
        .action(show),
    )
    .addCommand(
      new Command('delete')
        .description(
          'Forgets all users of a sync. Stop the sync before. Every user is then sent as if seen for the first time.',
        )
        .argument('<sync>', 'the name of the sync')
        .action(remove),
    )
    .addHelpText('after', '\nExample:\n  sluice state show purchases');
}

async function show(sync: string): Promise<void> {
  await using connection = await connected();
  const size = await bucketSize(connection.nats, sync);
  if (size === undefined) throw nothing(sync);
  process.stdout.write(`${sync}: ${size.states} users, ${size.bytes} bytes in the bucket ${bucketName(sync)}\n`);
}

async function remove(sync: string): Promise<void> {
  await using connection = await connected();
  if (!(await deleteBucket(connection.nats, sync))) throw nothing(sync);
  process.stdout.write(`${sync}: forgotten\n`);
}

async function connected() {
  const nats = await connectNats(readSettings().nats);
  return { nats, [Symbol.asyncDispose]: () => nats.close() };
}

function nothing(sync: string): ConfigError {
  return new ConfigError(
    `there is no bucket ${bucketName(sync)}: the sync ${sync} remembers nobody; is the name right?`,
  );
}
