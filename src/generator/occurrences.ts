import { type Activity, chooseActivity, signUp } from './activities.ts';
import { chooseOperations, chooseRepetition, chooseSetting } from './changes.ts';
import { applyOperations, type Properties } from './operations.ts';
import type { GeneratorSettings } from './options.ts';
import { newAccount, type Person } from './people.ts';
import { integer, type Random, uuid } from './random.ts';
import { createReviews } from './reviews.ts';
import type { Occurrence, Shape } from './shapes.ts';

type Content = Pick<Occurrence, 'type' | 'properties' | 'userProperties' | 'groupProperties' | 'changed'>;

/**
 * Plays the users: each call is the next thing that happens to a person, who is moved on by it.
 *
 * A session is a start, some activities and an end. It ends after a number of events and not after idle time, so
 * that the mix of events does not depend on the rate. `$identify` and reviews come at any time, but never first.
 */
export function createOccurrences(
  { identifyShare, changeShare, tailShare }: GeneratorSettings,
  random: Random,
): (person: Person, time: number, shape: Shape) => Occurrence {
  const review = createReviews(random);

  function content(person: Person, time: number, shape: Shape): Content {
    const identifies = shape === 'http' ? identifyShare : 0;
    const lot = person.seq === 1 ? 1 : random();
    if (lot < identifies) return identify(person);
    if (lot < identifies + tailShare) return ordinary(person, review(person));
    if (person.remaining === 0) return startSession(person, time);
    person.remaining--;
    if (person.remaining === 0) return ordinary(person, { type: 'session_end', properties: {} });
    if (person.signingUp) return link(person, shape);
    if (person.userId === null && random() < signUpRate) {
      person.signingUp = true;
      return ordinary(person, signUp(random));
    }
    if (shape === 'http' && person.company !== null && random() < groupIdentifyRate) return describeGroup();
    return ordinary(person, chooseActivity(person, random));
  }

  function ordinary(person: Person, { type, properties }: Activity): Content {
    const changed = random() < changeShare;
    const setting = changed ? chooseSetting(person, random) : {};
    if (changed) person.properties = { ...person.properties, ...setting };
    return { type, properties, userProperties: { ...standing(person), ...setting }, changed };
  }

  // The first event of a person is one of these, so what is on record from the start is told once at least.
  function startSession(person: Person, time: number): Content {
    person.sessionId = time;
    person.remaining = integer(random, 4, 24);
    return { ...ordinary(person, { type: 'session_start', properties: {} }), userProperties: person.properties };
  }

  function identify(person: Person): Content {
    const changed = random() < changeShare;
    const userProperties = changed ? chooseOperations(person, random) : chooseRepetition(person);
    person.properties = changed ? applyOperations(person.properties, userProperties) : person.properties;
    return { type: '$identify', properties: {}, userProperties: { ...userProperties }, changed };
  }

  // From here on the device belongs to a user id.
  function link(person: Person, shape: Shape): Content {
    person.signingUp = false;
    person.userId = person.futureUserId;
    const account = newAccount(person.contact);
    person.properties = { ...person.properties, ...account };
    return shape === 'http'
      ? { type: '$identify', properties: {}, userProperties: { $set: account }, changed: true }
      : { ...ordinary(person, chooseActivity(person, random)), changed: true };
  }

  function describeGroup(): Content {
    return {
      type: '$groupidentify',
      properties: {},
      userProperties: {},
      groupProperties: { $set: { seats: integer(random, 5, 500) }, $add: { projects: 1 } },
      changed: false,
    };
  }

  return (person, time, shape) => {
    person.seq++;
    const happened = content(person, time, shape);
    const inSession = person.remaining > 0 || happened.type === 'session_end';
    return {
      ...happened,
      // Amplitude's mark of an event outside of a session.
      sessionId: inSession ? person.sessionId : -1,
      time,
      eventId: person.seq,
      insertId: uuid(random),
      delayMs: integer(random, 20, 3000),
    };
  };
}

const signUpRate = 0.05;
const groupIdentifyRate = 0.01;

/** What a server that knows its user writes on each event; of a visitor it knows the campaign alone. */
function standing({ userId, properties }: Person): Properties {
  return userId === null
    ? { initial_utm_source: properties['initial_utm_source'] }
    : { email: properties['email'], plan: properties['plan'] };
}
