import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleFolder } from '../syncs/rule-folder.ts';

const root = join(import.meta.dirname, '../..');

const rule = `name: purchases
destination: { type: braze, endpoint: US-01, apiKey: '\${BRAZE_API_KEY}' }
events:
  select: [Purchase]
  properties: [event_properties.price, { expr: event_properties.price * 2, as: twice }]
`;

const purchase = (user: string, price: unknown) =>
  JSON.stringify({ event_type: 'Purchase', user_id: user, time: 1_760_000_000_000, event_properties: { price } });
const sent = (user: string, price: number) =>
  `{"external_id":"${user}","name":"Purchase","time":"2025-10-09T08:53:20.000Z","properties":{"price":${price},"twice":${2 * price}}}`;

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `sluice try` in a process of its own, in which no variable of a rule is set. */
async function sluiceTry(args: readonly string[], stdin = ''): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = execFile(
    process.execPath,
    ['src/cli.ts', 'try', ...args],
    { cwd: root, env: {} },
    (_, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
  );
  child.stdin?.end(stdin);
  return await promise;
}

test('prints the body of each request on a line, in the order of sending', async () => {
  await using folder = await ruleFolder({
    'a.yaml': `${rule}batch: { maxObjects: 2 }\n`,
    'events.ndjson': `${purchase('u-1', 1)}\n\n[${purchase('u-2', 2)},${purchase('u-3', 3)}]\r\n`,
  });
  const file = join(folder.path, 'a.yaml');
  expect(await sluiceTry([file, '--events', join(folder.path, 'events.ndjson')])).toEqual({
    exitCode: 0,
    stdout: `{"events":[${sent('u-1', 1)},${sent('u-2', 2)}]}\n{"events":[${sent('u-3', 3)}]}\n`,
    stderr: '',
  });
});

test('reads the events from stdin, and tells what became of each', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule });
  const lines = [purchase('u-1', 1), '{"event_type":"Other"}', '', 'not JSON', `{"events":[${purchase('', 2)}]}`];
  const ended = await sluiceTry([join(folder.path, 'a.yaml'), '--events', '-', '--outcomes'], lines.join('\n'));
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(
    ended.stdout
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { index: 0, outcome: 'delivered' },
    { index: 1, outcome: 'filtered' },
    { index: 2, outcome: 'discarded', reason: 'invalid_json', detail: expect.any(String) },
    { index: 3, outcome: 'discarded', reason: 'unresolved_identifier', detail: expect.any(String) },
  ]);
});

test('without events it prints nothing', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule });
  const ended = await sluiceTry([join(folder.path, 'a.yaml'), '--events', '-'], '\n \n');
  expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('says on stderr how many computed properties failed, and why', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule });
  const lines = [purchase('u-1', 'x'), purchase('u-2', 'x'), purchase('u-3', 3)].join('\n');
  const { exitCode, stdout, stderr } = await sluiceTry([join(folder.path, 'a.yaml'), '--events', '-'], lines);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: '2 computed properties left out: JSONata error T2001\n',
  });
  expect(stdout).toContain(sent('u-3', 3));
});

test('a rule that is wrong ends with 1, and with the place', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule.replace('properties', 'propertys') });
  const file = join(folder.path, 'a.yaml');
  const { exitCode, stdout, stderr } = await sluiceTry([file, '--events', '-']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain(`${file}:5:3: events.propertys: `);
});

test('events that cannot be read end with 1, and with the way out', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule });
  const { exitCode, stdout, stderr } = await sluiceTry([
    join(folder.path, 'a.yaml'),
    '--events',
    join(folder.path, 'none'),
  ]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/the events cannot be read: .*none.*; name a file, or - for stdin/);
});

test.each([
  ['no rule', ['--events', '-'], /sync\.yaml/],
  ['no events', ['rules/purchases.yaml'], /--events/],
  ['two rules', ['rules/purchases.yaml', 'rules/signups.yaml', '--events', '-'], /too many arguments/],
  ['an option that does not exist', ['rules/purchases.yaml', '--events', '-', '--outcome'], /--outcomes/],
  ['a rule that does not exist', ['rules/none.yaml', '--events', '-'], /rules\/none\.yaml/],
])('%s is a wrong use, which ends with 2 and says what is possible', async (_, args, words) => {
  const { exitCode, stdout, stderr } = await sluiceTry(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(words);
});
