/** What the readers of the three kinds of objects share. */
import { type Problem, problems } from './object-errors.ts';
import type { SimulatorSettings } from './options.ts';
import type { Truncations } from './text-limits.ts';
import { parseTime } from './times.ts';

export interface ReadingContext {
  readonly settings: SimulatorSettings;
  readonly now: number;
  readonly truncations: Truncations;
}

/** A number is no time, whatever it counts. A time in the future becomes now. */
export function readTime(value: unknown, { now }: ReadingContext): string | Problem {
  const time = typeof value === 'string' ? parseTime(value) : undefined;
  if (typeof value !== 'string' || time === undefined) return problems.time;
  return time > now ? new Date(now).toISOString() : value;
}

/** The docs call `app_id` optional and show placeholders in it: by default anything goes. */
export function readAppId(value: unknown, { settings: { apps } }: ReadingContext): string | undefined | Problem {
  const appId = typeof value === 'string' ? value : undefined;
  if (apps === null || value === undefined || value === null) return appId;
  return appId !== undefined && apps.includes(appId) ? appId : problems.app;
}
