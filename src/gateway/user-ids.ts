/** The ids that say whose an event is, after those that say nothing are taken away. */
export interface UserIds {
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Whether one of them was taken away. */
  readonly altered: boolean;
  /** Which of them are too short. */
  readonly tooShort: readonly IdField[];
}

export type IdField = 'user_id' | 'device_id';

/** Shorter ids are taken away, unless the request says otherwise in `options.min_id_length`. */
export const defaultMinIdLength = 5;

/** Reads an event's ids as Amplitude does: what is too short or stands for nobody is as if it were absent. */
export function userIdsOf(event: Readonly<Record<string, unknown>>, minLength: number): UserIds {
  const user = event['user_id'];
  const device = event['device_id'];
  const userKept = keptId(user, minLength);
  const deviceKept = keptId(device, minLength);
  const altered =
    (typeof user === 'string' && user !== userKept) || (typeof device === 'string' && device !== deviceKept);
  return {
    user: userKept,
    device: deviceKept,
    altered,
    tooShort: altered ? shortOnes({ user, device }, minLength) : [],
  };
}

function keptId(id: unknown, minLength: number): string | undefined {
  return typeof id === 'string' && id !== '' && id.length >= minLength && !isNobody(id) ? id : undefined;
}

function shortOnes({ user, device }: { user: unknown; device: unknown }, minLength: number): readonly IdField[] {
  const isShort = (id: unknown): boolean => typeof id === 'string' && id.length < minLength;
  return [...(isShort(user) ? (['user_id'] as const) : []), ...(isShort(device) ? (['device_id'] as const) : [])];
}

/** The ids that Amplitude refuses (https://amplitude.com/docs/faq/limits). */
function isNobody(id: string): boolean {
  return id.length > maxNobodyLength ? id === '00000000-0000-0000-0000-000000000000' : nobody.has(id.toLowerCase());
}

const nobody = new Set('anonymous nil none null n/a na undefined unknown {} lmy47d 0 -1'.split(' '));
const maxNobodyLength = 9;
