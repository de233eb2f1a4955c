import { InvalidArgumentError } from 'commander';

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const ago = /^(\d{1,9})([smhdw])$/;
const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads a moment: so long ago (`2h`, `3d`), or ISO 8601, in UTC where it does not say otherwise. In milliseconds since
 * 1970. Throws what commander tells as a wrong use.
 */
export function readMoment(text: string, now: number = Date.now()): number {
  const [, count, unit] = ago.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, now - Number(count) * units[unit as keyof typeof units]);
  const hasZone = /(Z|[+-]\d\d:\d\d)$/.test(text);
  const moment = iso.test(text) ? Date.parse(text.includes('T') && !hasZone ? `${text}Z` : text) : NaN;
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('Expected a time such as 2h or 3d ago, or ISO 8601: 2026-01-31T09:00Z.');
  return moment;
}

/** Reads the number of a letter. */
export function readLetterNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('Expected the number of a letter, from 1.');
  }
  return number;
}
