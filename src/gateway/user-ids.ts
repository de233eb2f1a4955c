import type { JudgedEvent } from './judged-fields.ts';

/** The ids that say whose an event is, after those that are too short are taken away. */
export interface UserIds {
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Which of them were too short. */
  readonly tooShort: readonly IdField[];
  /** Which of them are nobody's: the event is refused. */
  readonly nobody: readonly IdField[];
}

export type IdField = 'user_id' | 'device_id';

/** Shorter ids are taken away, unless the request says otherwise in `options.min_id_length`. */
export const defaultMinIdLength = 5;

/** Reads an event's ids as Amplitude does (https://amplitude.com/docs/apis/analytics/http-v2). */
export function userIdsOf(event: JudgedEvent, minLength: number): UserIds {
  const { user_id: user, device_id: device } = event;
  return {
    user: isLong(user, minLength) ? user : undefined,
    device: isLong(device, minLength) ? device : undefined,
    tooShort: fields(
      typeof user === 'string' && user.length < minLength,
      typeof device === 'string' && device.length < minLength,
    ),
    nobody: fields(isLong(user, minLength) && isNobody(user), isLong(device, minLength) && isNobody(device)),
  };
}

function isLong(id: unknown, minLength: number): id is string {
  return typeof id === 'string' && id.length >= minLength;
}

function fields(user: boolean, device: boolean): readonly IdField[] {
  if (user) return device ? both : userOnly;
  return device ? deviceOnly : neither;
}

const both = ['user_id', 'device_id'] as const;
const userOnly = ['user_id'] as const;
const deviceOnly = ['device_id'] as const;
const neither = [] as const;

/** The ids that Amplitude refuses (https://amplitude.com/docs/faq/limits). */
function isNobody(id: string): boolean {
  return id.length > maxNobodyLength ? id === '00000000-0000-0000-0000-000000000000' : nobody.has(id.toLowerCase());
}

const nobody = new Set('anonymous nil none null n/a na undefined unknown {} lmy47d 0 -1'.split(' '));
const maxNobodyLength = 9;
