import { Command } from 'commander';
import { ConfigError, UsageError } from '../core/errors.ts';
import { connectNats } from '../nats/connect.ts';
import { readSettings } from '../settings.ts';
import { deletePlace, listPlaces, type Place } from '../sources/jetstream/consumers.ts';

/** `consumers`: the places of syncs in their streams. */
export function consumersCommand(): Command {
  return new Command('consumers')
    .description('Shows or deletes the places of syncs in their streams, which JetStream keeps as durable consumers.')
    .addCommand(
      new Command('list')
        .description('Lists the consumers of all syncs that ever ran, also of those whose rules are gone.')
        .option('--json', 'one JSON line for each')
        .action(list),
    )
    .addCommand(
      new Command('delete')
        .description(
          'Deletes the consumer of a sync that runs nowhere. A sync of this name begins where its rule says.',
        )
        .argument('<sync>', 'the name of the sync')
        .option('--stream <name>', 'where it is, if the sync has read several streams')
        .action(remove),
    )
    .addHelpText('after', '\nExample:\n  sluice consumers list\n  sluice consumers delete purchases');
}

async function list({ json }: { readonly json?: true }): Promise<void> {
  await using connection = await connected();
  const places = await listPlaces(connection.nats);
  for (const place of places) process.stdout.write(`${json === true ? JSON.stringify(place) : lineOf(place)}\n`);
  if (places.length === 0 && json !== true) process.stderr.write('No sync has a consumer here.\n');
}

async function remove(sync: string, { stream }: { readonly stream?: string }): Promise<void> {
  await using connection = await connected();
  const places = await listPlaces(connection.nats);
  const named = places.filter((place) => place.sync === sync && (stream === undefined || place.stream === stream));
  const [place, ...others] = named;
  if (place === undefined)
    throw new ConfigError(
      `no sync ${sync} has a consumer${stream === undefined ? '' : ` on ${stream}`}; see: consumers list`,
    );
  if (others.length > 0)
    throw new UsageError(`${sync} has consumers on ${named.map((one) => one.stream).join(', ')}; choose by --stream`);
  if (place.inUse)
    throw new ConfigError(
      `${sync} is running; remove its rule, or disable it, and try again when the engine has ended it`,
    );
  await deletePlace(connection.nats, place);
  process.stdout.write(`${lineOf(place)}: deleted\n`);
}

function lineOf({ stream, sync, disabled, inUse, pending, unsettled }: Place): string {
  const state = disabled ? 'disabled' : inUse ? 'running' : 'not running';
  return `${sync} on ${stream}: ${state}, ${pending} pending, ${unsettled} unsettled`;
}

async function connected() {
  const nats = await connectNats(readSettings().nats);
  return { nats, [Symbol.asyncDispose]: () => nats.close() };
}
