import { expect, test } from 'vitest';
import { fit } from '../../src/profiles/limits.ts';
import type { Report } from '../../src/profiles/reports.ts';

const group = { subscription_group_id: '0f2f0a0c-0000-11ee-be56-0242ac120002', subscription_state: 'subscribed' };
const token = { app_id: 'a', token: 't' };

test.each<[field: string, value: unknown, sent: unknown]>([
  ['first_name', 'Ada', 'Ada'],
  ['last_name', 'x'.repeat(300), 'x'.repeat(255)],
  ['email', ' ada.l+news@mail.example.org ', 'ada.l+news@mail.example.org'],
  ['phone', '+4915112345678', '+4915112345678'],
  ['dob', '1990-02-28', '1990-02-28'],
  ['gender', 'O', 'O'],
  ['country', 'de', 'DE'],
  ['country', 'UK', 'GB'],
  ['country', 'Germany', 'Germany'],
  ['language', 'de', 'de'],
  ['language', 'pt-BR', 'pt'],
  ['language', 'German', 'de'],
  ['language', 'Portuguese', 'pt'],
  ['time_zone', 'Europe/Berlin', 'Europe/Berlin'],
  ['current_location', { longitude: -73.9, latitude: 40.7 }, { longitude: -73.9, latitude: 40.7 }],
  ['image_url', `https://example.org/${'x'.repeat(900)}`, `https://example.org/${'x'.repeat(900)}`],
  ['date_of_first_session', '2026-01-31T09:00:00.000Z', '2026-01-31T09:00:00.000Z'],
  ['date_of_last_session', '2026-01-31 09:00:00', '2026-01-31 09:00:00'],
  ['marked_email_as_spam_at', '01/31/2026', '01/31/2026'],
  ['email_subscribe', 'opted_in', 'opted_in'],
  ['push_subscribe', 'unsubscribed', 'unsubscribed'],
  ['subscription_groups', [group], [group]],
  ['push_tokens', [token], [token]],
  ['email_open_tracking_disabled', true, true],
  ['facebook', { id: '1' }, { id: '1' }],
  ['Gender', 'woman', 'woman'],
])('%s takes %j', (field, value, sent) => {
  expect(fit(field, value)).toEqual(sent);
});

test.each<[field: string, value: unknown]>([
  ['first_name', 7],
  ['email', ''],
  ['email', 'ada@example'],
  ['email', 'ada l@example.org'],
  ['email', '.ada@example.org'],
  ['email', 'ada.@example.org'],
  ['email', '"ada"@example.org'],
  ['email', `${'x'.repeat(65)}@example.org`],
  ['phone', 4_915_112_345_678],
  ['dob', '1990-02-30'],
  ['dob', '28.02.1990'],
  ['dob', '1990-02-28T00:00:00Z'],
  ['gender', 'woman'],
  ['country', 'XX'],
  ['country', ''],
  ['country', 49],
  ['language', 'xx'],
  ['language', 'Klingonish'],
  ['time_zone', 'Mars/Olympus'],
  ['time_zone', '+01:00'],
  ['current_location', { longitude: 200, latitude: 0 }],
  ['current_location', [1, 2]],
  ['image_url', 'example.org/ada.png'],
  ['image_url', `https://example.org/${'x'.repeat(1_024)}`],
  ['date_of_first_session', 'yesterday'],
  ['email_subscribe', 'yes'],
  ['subscription_groups', [{ ...group, subscription_state: 'opted_in' }]],
  ['subscription_groups', [{ ...group, subscription_group_id: 'news' }]],
  ['subscription_groups', group],
  ['push_tokens', [{ token: 't' }]],
  ['email_click_tracking_disabled', 'true'],
  ['twitter', 'ada'],
])('%s does not take %j', (field, value) => {
  const reports: Report[] = [];
  expect(fit(field, value, reports)).toBeUndefined();
  expect(reports).toEqual([{ property: field, why: 'bad_format' }]);
});
