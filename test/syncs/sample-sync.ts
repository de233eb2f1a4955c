import { syncSchema } from '../../src/syncs/schema.ts';
import { type BrazeSync, resolveSync } from '../../src/syncs/sync.ts';

/** A sync of all events by `user_id`, but for what the rule says otherwise: each part is as in a rule file. */
export function sampleSync(rule: Readonly<Record<string, unknown>> = {}): BrazeSync {
  const { destination = {}, ...rest } = rule;
  const file = syncSchema.parse({
    name: 'sample',
    destination: { type: 'braze', endpoint: 'US-01', apiKey: 'f3c1-key', appId: 'app-1', ...(destination as object) },
    events: { select: ['*'] },
    ...rest,
  });
  const filter = file.events?.filter;
  return resolveSync('sample.yaml', file, typeof filter === 'string' ? filter : undefined);
}
