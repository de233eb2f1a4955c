import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NameStyle } from '../../../src/sinks/amplitude/config.ts';
import { currentsReading } from '../../../src/sinks/amplitude/currents.ts';

const user = { user_id: 'braze-1', external_user_id: 'user-1', device_id: 'device-1', timezone: 'Europe/Paris' };
const open = {
  event_type: 'users.messages.email.Open',
  id: 'a1',
  time: 1_760_000_000,
  user,
  properties: { campaign_name: 'Welcome', machine_open: null },
};
const custom = {
  event_type: 'users.behaviors.CustomEvent',
  id: 'a2',
  time: 1_760_000_000,
  user,
  properties: {
    name: 'Visit',
    platform: 'ios',
    ad_id: 'x',
    ad_id_type: 'ios_idfa',
    custom_properties: { shop: 'Lyon' },
  },
};
const purchase = {
  event_type: 'users.behaviors.Purchase',
  id: 'a3',
  time: 1_760_000_000,
  user,
  properties: { product_id: 'record', price: 12.5, currency: 'EUR', purchase_properties: { colour: 'red' } },
};

test.for<[type: string, label: string]>([
  ['users.messages.email.Open', 'Email Open'],
  ['users.messages.email.MarkAsSpam', 'Email Mark As Spam'],
  ['users.messages.pushnotification.Send', 'Push Notification Send'],
  ['users.messages.pushnotification.IosForeground', 'Push Notification iOS Foreground Open'],
  ['users.messages.inappmessage.Impression', 'In-App Message Impression'],
  ['users.messages.sms.ShortLinkClick', 'SMS Short Link Click'],
  ['users.behaviors.app.SessionStart', 'Session Start'],
  ['users.behaviors.subscription.GlobalStateChange', 'Global Subscription State Change'],
  ['users.campaigns.EnrollInControl', 'Campaign Control Group Enrollment'],
  ['users.canvas.Entry', 'Canvas Entry'],
  ['users.canvas.experimentstep.SplitEntry', 'Experiment Split Entry'],
  ['users.messages.hologram.GlowStart', 'Hologram Glow Start'],
])('%s is called %s', ([type, label]) => {
  expect(currentsReading('plain').nameOf({ ...open, event_type: type })).toBe(label);
  expect(currentsReading('appboy').nameOf({ ...open, event_type: type })).toBe(`[Appboy] ${label}`);
});

test.for<[NameStyle, string]>([
  ['appboy', '[Appboy] [Custom Event] Visit'],
  ['plain', '[Braze Custom Event] Visit'],
  ['raw', 'users.behaviors.CustomEvent'],
])('by %s a custom event is called %s', ([style, name]) => {
  expect(currentsReading(style).nameOf(custom)).toBe(name);
});

test('what apps gave a custom event has a prefix, and its name and its advertising id are no properties', () => {
  expect(currentsReading('appboy').propertiesOf(custom)).toEqual({
    platform: 'ios',
    timezone: 'Europe/Paris',
    ad_id_type: 'ios_idfa',
    '[Custom event property] shop': 'Lyon',
  });
  expect(currentsReading('appboy').fieldsOf?.(custom)).toMatchObject({ idfa: 'x' });
});

test('properties that come as JSON text are told apart as well; other text stays what it is', () => {
  const { propertiesOf } = currentsReading('appboy');
  const withText = (text: string) => ({ ...custom, properties: { name: 'Visit', custom_properties: text } });
  expect(propertiesOf(withText('{"shop":"Lyon"}'))).toEqual({
    timezone: 'Europe/Paris',
    '[Custom event property] shop': 'Lyon',
  });
  for (const text of ['', 'Lyon', '{"shop":', '[1]', '7']) {
    expect(propertiesOf(withText(text))).toEqual({ timezone: 'Europe/Paris', custom_properties: text });
  }
});

test('a purchase has its price and product as fields, and its currency among the properties', () => {
  expect(currentsReading('appboy').fieldsOf?.(purchase)).toEqual({
    user_id: 'user-1',
    device_id: 'device-1',
    insert_id: 'a3',
    library: 'Braze',
    price: 12.5,
    productId: 'record',
  });
  expect(currentsReading('appboy').propertiesOf(purchase)).toEqual({
    currency: 'EUR',
    timezone: 'Europe/Paris',
    '[Purchase property] colour': 'red',
  });
});

test('raw leaves properties as Braze sent them', () => {
  expect(currentsReading('raw').propertiesOf(custom)).toEqual({ ...custom.properties, timezone: 'Europe/Paris' });
});

test('seconds become milliseconds; without a time it is that of the stream', () => {
  const { timeOf } = currentsReading('appboy');
  expect(timeOf(open, 5)).toBe(new Date(1_760_000_000_000).toISOString());
  expect(timeOf({ ...open, time: 1.5 }, 5)).toBe('1970-01-01T00:00:01.500Z');
  for (const time of [undefined, null, 'now', -1, NaN, 1e18])
    expect(timeOf({ time }, 5)).toBe('1970-01-01T00:00:00.005Z');
});

test('the external id says whose an event is, else the device id, else nobody', () => {
  const { identifierOf } = currentsReading('appboy');
  expect(identifierOf(open)).toBe('user-1');
  expect(identifierOf({ ...open, user: { ...user, external_user_id: null } })).toBe('device-1');
  for (const nobody of [undefined, null, 'user-1', {}, { user_id: 'braze-1' }, { external_user_id: ' ' }])
    expect(identifierOf({ ...open, user: nobody })).toBeUndefined();
});

test('an event without an id gets the same one whenever it is sent, and another one than other events', () => {
  const { fieldsOf } = currentsReading('appboy');
  const { id: _, ...without } = open;
  const idOf = (event: Record<string, unknown>): unknown => fieldsOf?.(event)['insert_id'];
  expect(idOf(without)).toBe(idOf({ ...without }));
  expect(idOf(without)).not.toBe(idOf({ ...without, time: 1 }));
  expect(idOf(open)).toBe('a1');
});

test('custom events and purchases may be echoes, nothing else is', () => {
  const { isEcho } = currentsReading('appboy');
  expect([open, custom, purchase].map(isEcho)).toEqual([false, true, true]);
});

test('any event can be read', () => {
  fc.assert(
    fc.property(
      fc.record({
        event_type: fc.oneof(
          fc.constantFrom(open, custom, purchase).map(({ event_type: type }) => type),
          fc.string(),
        ),
        id: fc.jsonValue(),
        time: fc.jsonValue(),
        user: fc.jsonValue(),
        properties: fc.jsonValue(),
      }),
      fc.constantFrom<NameStyle>('appboy', 'plain', 'raw'),
      (event, style) => {
        const reading = currentsReading(style);
        expect(typeof reading.nameOf(event)).toBe('string');
        expect(new Date(reading.timeOf(event, 0)).toISOString()).toBe(reading.timeOf(event, 0));
        expect(typeof reading.fieldsOf?.(event)['insert_id']).toBe('string');
        expect(reading.propertiesOf(event)).toBeTypeOf('object');
      },
    ),
  );
});
