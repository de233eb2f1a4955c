import { campaigns, companies, genres, type Product } from './catalogue.ts';
import { appVersions, type Device, devices } from './devices.ts';
import { type City, type Locale, locales } from './locales.ts';
import type { Properties } from './operations.ts';
import { createRandom, integer, pick, type Random, uuid } from './random.ts';

/** Who an event is about. */
export interface User {
  /** The place by activity: 0 is the busiest. A visitor who leaves gives the rank to another one. */
  readonly rank: number;
  /** Unique: each user has one device. */
  readonly deviceId: string;
  readonly amplitudeId: number;
  /** Null while anonymous. This field follows the user as events are drawn; the event itself holds it as it was. */
  readonly userId: string | null;
}

/** A user and all that the generator remembers of them. */
export interface Person extends User {
  userId: string | null;
  /** The user id that a visitor will get on signing up. */
  readonly futureUserId: string;
  /** Came anonymously, and may have signed up since. */
  readonly visitor: boolean;
  /** How many had this rank before. */
  readonly generation: number;
  /** What is on record after the last event. */
  properties: Properties;
  readonly contact: { readonly name: string; readonly email: string };
  /** Some SDKs write an unknown user id as null, others leave it out. */
  readonly writesNull: boolean;
  readonly locale: Locale;
  readonly city: City;
  readonly device: Device;
  readonly appVersion: string;
  readonly ip: string;
  readonly advertisingId: string;
  readonly company: string | null;
  readonly firstSeen: number;
  /** How many events so far. */
  seq: number;
  /** The session's start, in milliseconds since 1970, which is its name. */
  sessionId: number;
  /** Events until the session ends; 0 outside of a session. */
  remaining: number;
  /** Has asked to sign up, but no event has linked the device to a user id yet. */
  signingUp: boolean;
  cart: { readonly product: Product; readonly quantity: number } | null;
}

/** Makes the person of a rank: the same one for the same seed, whoever was made before. */
export function createPerson(seed: number, rank: number, generation: number, visitor: boolean, now: number): Person {
  const random = createRandom(seed, rank + Math.imul(generation, 0x9e3779b9));
  const locale = pick(random, locales);
  const number = String(rank).padStart(6, '0') + (generation === 0 ? '' : `-${generation}`);
  const futureUserId = `user-${number}`;
  const contact = {
    name: nameOf(locale, random),
    email: `${futureUserId}@${pick(random, mailDomains)}`,
  };
  const origin = {
    initial_utm_source: pick(random, ['EMPTY', ...campaigns]),
    initial_referrer: 'EMPTY',
    theme: 'light',
  };
  return {
    rank,
    deviceId: uuid(random),
    amplitudeId: 700_000_000_000 + integer(random, 0, 99_999_999_999),
    userId: visitor ? null : futureUserId,
    futureUserId,
    visitor,
    generation,
    properties: visitor ? origin : { ...origin, ...accountOf(contact, random) },
    contact,
    writesNull: random() < 0.5,
    locale,
    city: pick(random, locale.cities),
    device: pick(random, devices),
    appVersion: pick(random, appVersions),
    ip: `${pick(random, documentationNetworks)}.${integer(random, 1, 254)}`,
    advertisingId: uuid(random),
    company: random() < 0.2 ? pick(random, companies) : null,
    firstSeen: visitor ? now : now - integer(random, 1, 700) * 86_400_000,
    seq: 0,
    sessionId: 0,
    remaining: 0,
    signingUp: false,
    cart: null,
  };
}

/** What is put on record when a visitor signs up. */
export function newAccount(contact: Person['contact']): Properties {
  return { ...contact, plan: 'free', newsletter: false, loyalty_points: 0, lifetime_value: 0 };
}

// The last one is the shop's own people: what a filter calls internal traffic. None of the domains can exist
// (RFC 2606), and no address of the networks below is anyone's (RFC 5737).
const mailDomains = [
  ...Array.from({ length: 16 }, () => ['example.com', 'example.org', 'example.net']).flat(),
  'staff.example',
];
const documentationNetworks = ['192.0.2', '198.51.100', '203.0.113'];

function accountOf(contact: Person['contact'], random: Random): Properties {
  return {
    ...newAccount(contact),
    plan: pick(random, ['free', 'free', 'free', 'pro', 'pro', 'enterprise']),
    newsletter: random() < 0.4,
    loyalty_points: integer(random, 0, 2500),
    lifetime_value: integer(random, 0, 900),
    favourite_genres: [pick(random, genres)],
  };
}

function nameOf(locale: Locale, random: Random): string {
  const given = pick(random, locale.givenNames);
  const family = pick(random, locale.familyNames);
  return familyFirst.has(locale.tag) ? `${family} ${given}` : `${given} ${family}`;
}

const familyFirst = new Set(['ja-JP', 'zh-TW', 'ko-KR']);
