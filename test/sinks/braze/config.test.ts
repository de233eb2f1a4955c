import { expect, test } from 'vitest';
import { brazeDestination } from '../../../src/sinks/braze/config.ts';
import { resolveEndpoint } from '../../../src/sinks/braze/endpoint.ts';
import { attributeNameFault, propertyNameFault } from '../../../src/sinks/braze/names.ts';

test.for([
  ['https://rest.iad-01.braze.com', 'https://rest.iad-01.braze.com'],
  ['https://rest.iad-01.braze.com/', 'https://rest.iad-01.braze.com'],
  ['https://Braze-Proxy.example:8443', 'https://braze-proxy.example:8443'],
  ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ['http://127.8.9.1', 'http://127.8.9.1'],
  ['http://localhost:4010', 'http://localhost:4010'],
  ['http://[::1]:4010', 'http://[::1]:4010'],
  ['US-01', 'https://rest.iad-01.braze.com'],
  ['US-10', 'https://rest.us-10.braze.com'],
  ['EU-02', 'https://rest.fra-02.braze.eu'],
  ['KR-01', 'https://rest.kr-01.braze.com'],
])('the endpoint %s sends to %s', ([endpoint, origin]) => {
  expect(resolveEndpoint(String(endpoint))).toEqual({ origin });
});

test.for([
  ['http://rest.iad-01.braze.com', 'unencrypted'],
  ['http://127.0.0.1.example.com', 'unencrypted'],
  ['http://128.0.0.1', 'unencrypted'],
  ['https://rest.iad-01.braze.com/users/track', 'leave the path and the query out'],
  ['https://rest.iad-01.braze.com/?a=1', 'leave the path and the query out'],
  ['https://rest.iad-01.braze.com#x', 'leave the path and the query out'],
  ['https://user:pass@rest.iad-01.braze.com', 'user or password'],
  ['rest.iad-01.braze.com', 'write https:// before the host'],
  ['ftp://rest.iad-01.braze.com', 'neither a URL nor a Braze instance'],
  ['https://', 'neither a URL nor a Braze instance'],
  ['', 'neither a URL nor a Braze instance'],
  ['constructor', 'neither a URL nor a Braze instance'],
  ['us-02', 'did you mean `US-02`?'],
  ['EU01', 'did you mean `EU-01`?'],
])('the endpoint %s is refused, since it %s', ([endpoint, reason]) => {
  expect(resolveEndpoint(String(endpoint))).toEqual({ fault: expect.stringContaining(String(reason)) });
});

test('an unknown instance is answered with the instances that there are', () => {
  expect(resolveEndpoint('US-99')).toEqual({ fault: expect.stringMatching(/US-01, .*US-08, US-10, EU-01, .*KR-01$/) });
});

test('what is refused is never repeated, since it may be a secret', () => {
  const secret = 'sesame-31415';
  for (const endpoint of [
    secret,
    `${secret}.example`,
    `https://${secret}/x`,
    `https://${secret}@host`,
    `http://${secret}`,
  ])
    expect(JSON.stringify(resolveEndpoint(endpoint))).not.toContain(secret);
});

const destination = { type: 'braze', endpoint: 'US-01', apiKey: 'f3c1-key' };

test('a destination needs no more than an endpoint and a key', () => {
  expect(brazeDestination.parse(destination)).toEqual({ ...destination, updateUsersOnly: false });
});

test.for(['', 'Bearer f3c1', 'two words', 'f3c1\n', 'schlüssel'])('%j is no key', (apiKey) => {
  expect(brazeDestination.safeParse({ ...destination, apiKey }).error?.issues).toMatchObject([{ path: ['apiKey'] }]);
});

test('an alias label has 1 to 236 bytes', () => {
  const accepts = (userAliasLabel: string) => brazeDestination.safeParse({ ...destination, userAliasLabel }).success;
  expect([accepts('a'), accepts('ä'.repeat(118))]).toEqual([true, true]);
  expect([accepts(''), accepts(' '), accepts('ä'.repeat(119))]).toEqual([false, false, false]);
});

test('names that Braze refuses on an event are refused', () => {
  for (const name of ['', ' ', '$price', 'time', 'event_name', 'x'.repeat(256)])
    expect(propertyNameFault(name)).toBeTypeOf('string');
});

test('names that Braze reserves on purchases alone are free on events', () => {
  for (const name of ['price', 'product_id', 'quantity', 'currency', 'Time', 'x'.repeat(255)])
    expect(propertyNameFault(name)).toBeUndefined();
});

test('an attribute cannot have the name of an instruction', () => {
  for (const name of ['external_id', 'braze_id', 'user_alias', '_update_existing_only', '$x', ''])
    expect(attributeNameFault(name)).toBeTypeOf('string');
  for (const name of ['plan', 'email', 'country', 'time']) expect(attributeNameFault(name)).toBeUndefined();
});
