/**
 * What Braze tells of what it was sent, in the form of the custom HTTP connector
 * (https://www.braze.com/docs/partners/isv_partners/currents_integration).
 */
import { createHash } from 'node:crypto';
import { userName } from '../identifiers.ts';
import type { AcceptedObject } from '../objects.ts';
import { seededRandom } from '../random.ts';
import type { CurrentsOptions } from './options.ts';

export interface CurrentsEvent {
  readonly event_type: string;
  readonly id: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly user: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

type Chances = Required<Pick<CurrentsOptions, 'messagePercent' | 'unknownEvery' | 'seed'>>;

/**
 * Makes the Currents events of an accepted object: a custom event or a purchase, and now and then what comes of it, an
 * e-mail that is sent, delivered and perhaps opened. Attributes are not told. The same objects make the same events.
 */
export function eventMaker({
  messagePercent,
  unknownEvery,
  seed,
}: Chances): (object: AcceptedObject) => CurrentsEvent[] {
  const random = seededRandom(seed);
  let made = 0;
  return (object) => {
    if (object.kind === 'attributes') return [];
    const user = userOf(object);
    const time = Math.floor(Date.parse(object.time) / 1_000);
    const make = (type: string, properties: CurrentsEvent['properties'], secondsLater = 0): CurrentsEvent => ({
      event_type: type,
      id: uuid(`${seed} ${made++}`),
      time: time + secondsLater,
      user,
      properties,
    });
    const app = object.appId === undefined ? {} : { app_id: object.appId };
    const events = [
      object.kind === 'event'
        ? make('users.behaviors.CustomEvent', { ...app, name: object.name, custom_properties: object.properties })
        : make('users.behaviors.Purchase', {
            ...app,
            product_id: object.productId,
            price: object.price,
            currency: object.currency,
            purchase_properties: object.properties,
          }),
    ];
    if (random() * 100 < messagePercent) events.push(...messagesOf(make, random));
    // Fields and types are added with two weeks' notice, or none.
    if (unknownEvery > 0 && made % unknownEvery === 0)
      events.push(make('users.messages.hologram.Glow', { glow_colour: 'teal', since_version: 2 }));
    return events;
  };
}

type Make = (type: string, properties: CurrentsEvent['properties'], secondsLater?: number) => CurrentsEvent;

const campaigns = ['Welcome', 'Come back', 'New in the shop'];

function messagesOf(make: Make, random: () => number): CurrentsEvent[] {
  const index = Math.floor(random() * campaigns.length);
  const campaign = {
    campaign_id: `0000000${index}-c0de-4000-8000-000000000000`,
    campaign_name: campaigns[index],
    message_variation_id: `0000000${index}-0a0b-4000-8000-000000000000`,
    send_id: `send-${index}`,
  };
  const messages = [make('users.messages.email.Send', campaign, 1), make('users.messages.email.Delivery', campaign, 2)];
  if (random() < 0.5) messages.push(make('users.messages.email.Open', { ...campaign, machine_open: null }, 60));
  return messages;
}

function userOf({ target: { identifier } }: AcceptedObject): CurrentsEvent['user'] {
  const id = createHash('sha256').update(userName(identifier)).digest('hex');
  return {
    user_id: identifier.kind === 'braze_id' ? identifier.value : id.slice(0, 24),
    ...(identifier.kind === 'external_id' && { external_user_id: identifier.value }),
    timezone: 'Europe/Paris',
  };
}

function uuid(of: string): string {
  const hex = createHash('sha256').update(of).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
