import { genres } from './catalogue.ts';
import { listOf, type Operations, type Properties } from './operations.ts';
import type { Person } from './people.ts';
import { integer, pick, type Random } from './random.ts';

/** Operations, as a `$identify` carries them, after which at least one property differs. */
export function chooseOperations(person: Person, random: Random): Operations {
  return pick(random, person.userId === null ? changesOfVisitors : changesOfAccounts)(person, random);
}

/** Operations that leave everything as it is, as most `$identify` calls of an SDK do. */
export function chooseRepetition({ properties }: Person): Operations {
  return { $set: { theme: properties['theme'] }, $setOnce: { initial_utm_source: 'EMPTY', initial_referrer: 'EMPTY' } };
}

/** Plain values, as an ordinary event carries them, of which at least one differs from what is on record. */
export function chooseSetting(person: Person, random: Random): Properties {
  return pick(random, person.userId === null ? settingsOfVisitors : settingsOfAccounts)(person, random);
}

type Change = (person: Person, random: Random) => Operations;
type Setting = (person: Person, random: Random) => Properties;

// Lists turn around at this length, else those of the busiest users would grow without end.
const longestList = 6;

const remember: Change = ({ properties, locale }, random) => {
  const searches = listOf(properties['recent_searches']);
  return searches.length < longestList
    ? { $append: { recent_searches: pick(random, locale.searches) } }
    : { $remove: { recent_searches: searches[0] } };
};

const changesOfVisitors: readonly Change[] = [remember, () => ({ $add: { visits: 1 } })];

const changesOfAccounts: readonly Change[] = [
  remember,
  ({ properties }, random) => ({ $set: { plan: anotherPlan(properties['plan'], random) } }),
  (_, random) => ({ $add: { loyalty_points: pick(random, [-50, 10, 25, 100]) } }),
  (_, random) => ({ $add: { lifetime_value: integer(random, 5, 250) } }),
  ({ properties }, random) => ({
    $set: { newsletter: properties['newsletter'] !== true },
    $add: { loyalty_points: integer(random, 1, 20) },
  }),
  ({ properties }) => {
    const liked = listOf(properties['favourite_genres']);
    const genre = genres.find((candidate) => !liked.includes(candidate));
    return genre === undefined || liked.length === longestList
      ? { $remove: { favourite_genres: liked[0] } }
      : { $postInsert: { favourite_genres: genre } };
  },
  ({ properties, firstSeen }) =>
    properties['trial_ends_at'] === undefined
      ? { $setOnce: { trial_ends_at: new Date(firstSeen + 14 * 86_400_000).toISOString() } }
      : { $unset: { trial_ends_at: '-' } },
];

const changeTheme: Setting = ({ properties }) => ({ theme: properties['theme'] === 'dark' ? 'light' : 'dark' });

const settingsOfVisitors: readonly Setting[] = [changeTheme];

const settingsOfAccounts: readonly Setting[] = [
  changeTheme,
  ({ properties }, random) => ({ plan: anotherPlan(properties['plan'], random) }),
  ({ properties }) => ({ newsletter: properties['newsletter'] !== true }),
  ({ properties }, random) => ({ lifetime_value: Number(properties['lifetime_value']) + integer(random, 5, 250) }),
];

function anotherPlan(plan: unknown, random: Random): string {
  return pick(
    random,
    ['free', 'pro', 'enterprise'].filter((candidate) => candidate !== plan),
  );
}
