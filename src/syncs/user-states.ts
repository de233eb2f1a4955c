import type { Envelope, Message, Replay } from '../core/message.ts';
import { identifierOf } from '../operators/identify.ts';
import type { Bucket } from '../profiles/bucket.ts';
import type { Position } from '../profiles/position.ts';
import { type Selection, selection } from '../profiles/selection.ts';
import { readState, type State, writeState } from '../profiles/state.ts';
import { ProfileStore } from '../profiles/store.ts';
import type { Sync } from './sync.ts';

/** What a sync knows of users: which of their properties it keeps, and their states. */
export interface UserStates {
  readonly selection: Selection;
  readonly store: ProfileStore<State>;
  readonly positionOf: (envelope: Envelope<unknown>) => Position;
}

export interface UserStatesOptions {
  readonly bucket: Bucket;
  /** How many states are kept at hand. */
  readonly cacheSize: number;
  /** When the stream was made, in milliseconds since 1970: a stream that is made anew counts from 1 again. */
  readonly streamMadeAt: number;
  /** No message up to this number will come again; 0 if that is not known. */
  readonly settledThrough: () => number;
  /** Ends all waiting for the server. */
  readonly abort: AbortSignal;
  /** Told why states cannot be read or written at the moment; null once they can. */
  readonly onTrouble: (trouble: string | null) => void;
  /** Told when it turns out that there are more states than are kept at hand. */
  readonly onOverflow?: (() => void) | undefined;
  /** Told of a value that is not kept, since the state would be larger than the bucket takes. */
  readonly onLeftOut: () => void;
  /** Told of a state that cannot be read: its user is seen for the first time then. */
  readonly onFault: (fault: string) => void;
}

const userProperties = 'user_properties.';

/** Whether a sync has to know more of users than an event says: to send their changes, or to read what they are. */
export function needsUserStates(sync: Sync): boolean {
  return sync.users.send || referencedProperties(sync).length > 0 || identifierProperty(sync) !== undefined;
}

export function userStates(sync: Sync, options: UserStatesOptions): UserStates {
  const { users, destination } = sync;
  const property = identifierProperty(sync);
  const read = identifierOf('value', {
    trim: destination.type === 'braze' && destination.identifierType === 'email',
  });
  const kept = selection({
    properties: users.send ? users.properties : [],
    keep: referencedProperties(sync),
    ...(property === undefined ? {} : { identifier: { property, read: (value) => read({ value }) } }),
    content: users.content,
    createUsers: users.send && destination.type === 'braze' && !destination.updateUsersOnly,
  });
  const { streamMadeAt, settledThrough, onFault, onLeftOut } = options;
  const store = new ProfileStore<State>({
    bucket: options.bucket,
    cacheSize: options.cacheSize,
    format: (state) => writeState(kept, state, options.bucket.maxStateBytes, onLeftOut),
    parse: (text) => {
      const parsed = readState(kept, text);
      if ('state' in parsed) return parsed.state;
      onFault(parsed.fault);
      return undefined;
    },
    abort: options.abort,
    onTrouble: options.onTrouble,
    onOverflow: options.onOverflow,
  });
  return {
    selection: kept,
    store,
    positionOf: ({ message, index }) =>
      message.replay === undefined
        ? {
            stream: streamMadeAt,
            sequence: message.sequence,
            index,
            settledThrough: settledThrough(),
            redelivered: message.redelivered,
          }
        : replayPosition(message, message.replay, streamMadeAt),
  };
}

/** Where a replayed event stood. Replays are not acked in the stream's order, so none of them settles what is before it. */
function replayPosition({ sequence, storedAt }: Message, { index }: Replay, streamMadeAt: number): Position {
  const isOfStream = storedAt >= streamMadeAt;
  return { stream: streamMadeAt, sequence: isOfStream ? sequence : 0, index, settledThrough: 0, replayed: true };
}

function referencedProperties({ events }: Sync): string[] {
  if (!events.send) return [];
  return events.properties.flatMap((property) =>
    property.kind === 'reference' && property.from.startsWith(userProperties)
      ? [property.from.slice(userProperties.length)]
      : [],
  );
}

function identifierProperty({ identifier: { property } }: Sync): string | undefined {
  return property.startsWith(userProperties) ? property.slice(userProperties.length) : undefined;
}
