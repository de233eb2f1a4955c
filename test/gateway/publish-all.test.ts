import type { NatsConnection } from '@nats-io/transport-node';
import { expect, inject, test } from 'vitest';
import { publishAll } from '../../src/gateway/publish-all.ts';
import { connectNats } from '../../src/nats/connect.ts';

const publications = [
  { subject: 'doors.1.a', headers: 'One: 1\r\n', payload: Buffer.from('{"city":"Zürich"}') },
  { subject: 'doors.Tür.b', headers: 'One: 2\r\nTwo: 2\r\n', payload: Buffer.from('') },
  { subject: 'doors.3.c', headers: '', payload: Buffer.from([0, 13, 10, 255]) },
];

test.each([
  ['in one piece', (connection: NatsConnection) => connection],
  ['one by one, by a client that takes no commands', withoutCommands],
])('what is published %s arrives in its order, with headers and payloads as they are', async (_, by) => {
  await using connection = await connectNats({ urls: [inject('natsUrl')] });
  const subscription = connection.subscribe('doors.>', { max: publications.length });
  publishAll(by(connection), publications);
  const arrived = [];
  for await (const { subject, headers, data } of subscription) {
    arrived.push([subject, ['One', 'Two'].map((name) => headers?.get(name)), Buffer.from(data).toString('hex')]);
  }
  expect(arrived).toEqual([
    ['doors.1.a', ['1', ''], Buffer.from('{"city":"Zürich"}').toString('hex')],
    ['doors.Tür.b', ['2', '2'], ''],
    ['doors.3.c', ['', ''], '000d0aff'],
  ]);
});

function withoutCommands(connection: NatsConnection): NatsConnection {
  return new Proxy(connection, {
    has: (target, name) => name !== 'protocol' && name in target,
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
