/**
 * Braze's standard fields, which are set by attributes of their name
 * (braze.com/docs/api/objects_filters/user_attributes_object). What has another format Braze ignores, sets to null, or
 * takes as a reason to refuse the whole object.
 */
import { isRecord } from '../core/event.ts';
import { cutText } from './text.ts';

/** The value as it is sent; undefined if the field does not take it. */
type Field = (value: unknown) => unknown;

const text: Field = (value) => (typeof value === 'string' ? cutText(value) : undefined);
const flag: Field = (value) => (typeof value === 'boolean' ? value : undefined);
const object: Field = (value) => (isRecord(value) ? value : undefined);
const date: Field = (value) => (typeof value === 'string' && isDate(value) ? value : undefined);

/** By name, in lower case exactly: another spelling is a custom attribute. */
export const standardFields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['first_name', text],
  ['last_name', text],
  ['home_city', text],
  ['phone', text],
  ['email', email],
  ['dob', matching(/^\d{4}-\d{2}-\d{2}$/, isDate)],
  ['gender', oneOf('M', 'F', 'O', 'N', 'P')],
  ['country', country],
  ['language', language],
  ['time_zone', matching(/^[A-Za-z]/, isTimeZone)],
  ['current_location', (value) => (isLocation(value) ? value : undefined)],
  ['image_url', matching(/^https?:\/\/.{1,1016}$/i, (url) => url.length <= 1_024 && URL.canParse(url))],
  ['date_of_first_session', date],
  ['date_of_last_session', date],
  ['marked_email_as_spam_at', date],
  ['email_subscribe', oneOf('opted_in', 'subscribed', 'unsubscribed')],
  ['push_subscribe', oneOf('opted_in', 'subscribed', 'unsubscribed')],
  ['subscription_groups', listOf(isSubscription)],
  ['push_tokens', listOf(isPushToken)],
  ['email_open_tracking_disabled', flag],
  ['email_click_tracking_disabled', flag],
  ['facebook', object],
  ['twitter', object],
]);

/** Whether a text is in one of the formats that Braze reads as a date. */
export function isDate(value: string): boolean {
  if (slashedDate.test(value) || namedDay.test(value)) return true;
  const parts = isoDate.exec(value);
  if (parts === null) return false;
  const day = new Date(`${parts[1]}T00:00:00Z`);
  // A day that the month does not have would count as one of the next.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${parts[1]}T`);
}

const isoDate = /^(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:[.,:]\d{1,9})?)? ?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const slashedDate = /^\d\d\/\d\d\/\d{4}$/;
const namedDay = /^[A-Z][a-z]{2} \d\d \d\d \d\d:\d\d:\d\d\.\S+ \d{4}$/;

/** braze.com/docs/user_guide/message_building_by_channel/email/email_setup/email_validation */
const emailPattern = /^(?!\.)[^\s"@]{1,64}(?<!\.)@[^\s"@.]+(?:\.[^\s"@.]+)+$/;

function email(value: unknown): string | undefined {
  const address = typeof value === 'string' ? value.trim() : '';
  return emailPattern.test(address) ? address : undefined;
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** A code has to be one of ISO 3166; the names of countries, which Amplitude exports, Braze maps itself. */
function country(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (!/^[A-Za-z]{2}$/.test(value)) return cutText(value);
  // Some codes are commonly written in another way: UK is GB.
  const code = new Intl.Locale('und', { region: value }).region;
  return code === undefined || regionNames.of(code) === undefined || code === 'ZZ' ? undefined : code;
}

/**
 * A code of ISO 639-1. Amplitude has it as the SDKs send it, a tag such as `de-CH`, and exports its English name:
 * amplitude.com/docs/apis/analytics/http-v2.
 */
function language(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const code = /^([A-Za-z]{2})(?:[-_]|$)/.exec(value)?.[1]?.toLowerCase();
  if (code === undefined) return languageCodes().get(value.toLowerCase());
  return languageNames.of(code) === undefined ? undefined : code;
}

let codes: ReadonlyMap<string, string> | undefined;

/** The codes of two letters, by the language's English name in lower case. */
function languageCodes(): ReadonlyMap<string, string> {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  codes ??= new Map(
    letters
      .flatMap((first) => letters.map((second) => first + second))
      .filter((code) => new Intl.Locale(code).language === code)
      .flatMap((code) => {
        const name = languageNames.of(code);
        return name === undefined ? [] : [[name.toLowerCase(), code] as const];
      }),
  );
  return codes;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isLocation(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { longitude, latitude } = value;
  return isWithin(longitude, 180) && isWithin(latitude, 90);
}

function isWithin(degrees: unknown, most: number): boolean {
  return typeof degrees === 'number' && Math.abs(degrees) <= most;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isSubscription(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { subscription_group_id: group, subscription_state: state } = value;
  return typeof group === 'string' && uuid.test(group) && (state === 'subscribed' || state === 'unsubscribed');
}

function isPushToken(value: unknown): boolean {
  return isRecord(value) && typeof value['app_id'] === 'string' && typeof value['token'] === 'string';
}

function oneOf(...words: readonly string[]): Field {
  return (value) => (typeof value === 'string' && words.includes(value) ? value : undefined);
}

function matching(pattern: RegExp, holds: (text: string) => boolean): Field {
  return (value) => (typeof value === 'string' && pattern.test(value) && holds(value) ? value : undefined);
}

function listOf(holds: (item: unknown) => boolean): Field {
  return (value) => (Array.isArray(value) && value.every(holds) ? value : undefined);
}
