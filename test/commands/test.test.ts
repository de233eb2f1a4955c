import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testCommand } from '../../src/commands/test.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const rule = `
name: purchases
destination: { type: braze, endpoint: US-01, apiKey: '\${BRAZE_API_KEY}', appId: '\${BRAZE_APP_ID}' }
events:
  select: [Purchase]
  properties: [event_properties.price, { expr: $number(event_properties.quantity), as: quantity }]
`;

const purchase = '{ event_type: Purchase, user_id: u-1, time: 1760000000000, event_properties: { price: 2 } }';
const sent =
  "{ external_id: u-1, app_id: test-app, name: Purchase, time: '2025-10-09T08:53:20.000Z', properties: { price: 2 } }";

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** Runs `sluice test` with these arguments. */
async function run(...args: readonly string[]): Promise<{ output: string; exitCode: typeof process.exitCode }> {
  let output = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  try {
    await testCommand().parseAsync(args, { from: 'user' });
    return { output, exitCode: process.exitCode };
  } finally {
    stdout.mockRestore();
    process.exitCode = undefined;
  }
}

test('tests that pass are named, and the exit code is left alone', async () => {
  await write('purchases.yaml', rule);
  const file = await write(
    'purchases.test.yaml',
    `tests: [{ name: it is sent, messages: [${purchase}], requests: [{ events: [${sent}] }], outcomes: [delivered] }]`,
  );
  const { output, exitCode } = await run(folder);
  expect(output).toBe(`${file}\n  pass  it is sent\n1 passed, 0 failed\n`);
  expect(exitCode).toBeUndefined();
});

test('a test that fails shows what was expected and what was sent, line by line', async () => {
  await write('purchases.yaml', rule);
  await write(
    'purchases.test.yaml',
    `tests: [{ name: it is sent, messages: [${purchase}], requests: [{ events: [${sent.replace('price: 2', 'price: 3')}] }] }]`,
  );
  const { output, exitCode } = await run(folder);
  const [, ...lines] = output.split('\n');
  expect(lines).toEqual([
    '  FAIL  it is sent',
    '        requests (- expected, + actual):',
    '          - events:',
    '              - app_id: test-app',
    '                external_id: u-1',
    '                name: Purchase',
    '                properties:',
    '        -         price: 3',
    '        +         price: 2',
    '                time: 2025-10-09T08:53:20.000Z',
    '0 passed, 1 failed',
    '',
  ]);
  expect(exitCode).toBe(1);
});

test('the order of keys makes no difference', async () => {
  await write('purchases.yaml', rule);
  const shuffled =
    "{ properties: { price: 2 }, time: '2025-10-09T08:53:20.000Z', name: Purchase, app_id: test-app, external_id: u-1 }";
  await write(
    'purchases.test.yaml',
    `tests: [{ name: it is sent, messages: [${purchase}], requests: [{ events: [${shuffled}] }] }]`,
  );
  expect((await run(folder)).output).toContain('1 passed, 0 failed');
});

test('an outcome that was not expected says its reason', async () => {
  await write('purchases.yaml', rule);
  await write(
    'purchases.test.yaml',
    'tests: [{ name: nobody, messages: [{ event_type: Purchase }, "{"], outcomes: [delivered, discarded] }]',
  );
  const { output, exitCode } = await run(folder);
  expect(output).toContain('outcomes (- expected, + actual):');
  expect(output).toMatch(/- - delivered\n/);
  expect(output).toMatch(/reason: unresolved_identifier\n/);
  expect(output).not.toContain('invalid_json');
  expect(exitCode).toBe(1);
});

test('an outcome is compared as far as the test describes it', async () => {
  await write('purchases.yaml', rule);
  const outcomes =
    '[{ outcome: delivered }, discarded, { outcome: discarded }, { outcome: discarded, reason: unresolved_identifier }]';
  const nobody = '{ event_type: Purchase }';
  await write(
    'purchases.test.yaml',
    `tests: [{ name: all of them, messages: [${[purchase, nobody, nobody, nobody].join()}], outcomes: ${outcomes} }]`,
  );
  expect((await run(folder)).output).toContain('1 passed, 0 failed');
});

test('a computed property that fails is pointed at', async () => {
  await write('purchases.yaml', rule);
  const message = purchase.replace('price: 2', 'price: 2, quantity: many');
  await write('purchases.test.yaml', `tests: [{ name: it is sent, messages: [${message}], requests: [] }]`);
  expect((await run(folder)).output).toContain('computed properties that failed: D3030');
});

test('a rule that is wrong is reported with its place, and the other tests still run', async () => {
  await write('broken.yaml', rule.replace('select', 'selects'));
  await write('broken.test.yaml', `tests: [{ name: it is sent, messages: [${purchase}], outcomes: [delivered] }]`);
  await write('purchases.yaml', rule);
  await write('purchases.test.yaml', `tests: [{ name: it is sent, messages: [${purchase}], outcomes: [delivered] }]`);
  const { output, exitCode } = await run(folder);
  expect(output).toMatch(/broken\.yaml:5:3: events\.selects: unknown key/);
  expect(output.endsWith('1 passed, 0 failed, 1 file could not be run\n')).toBe(true);
  expect(exitCode).toBe(1);
});

test('variables are what the test file says, never what the environment holds', async () => {
  await write('purchases.yaml', rule);
  await write(
    'purchases.test.yaml',
    `env: { BRAZE_APP_ID: my-app }
tests: [{ name: it is sent, messages: [${purchase}], requests: [{ events: [${sent.replace('test-app', 'my-app')}] }] }]`,
  );
  vi.stubEnv('BRAZE_APP_ID', 'another-app');
  const { output } = await run(folder);
  vi.unstubAllEnvs();
  expect(output).toContain('1 passed, 0 failed');
});

test('with --json the whole report is one JSON object', async () => {
  await write('purchases.yaml', rule);
  const file = await write(
    'purchases.test.yaml',
    `tests: [{ name: it is sent, messages: [${purchase}], outcomes: [filtered] }]`,
  );
  const { output, exitCode } = await run('--json', folder);
  expect(JSON.parse(output)).toEqual({
    passed: 0,
    failed: 1,
    files: [
      {
        file,
        tests: [
          {
            name: 'it is sent',
            passed: false,
            expected: { outcomes: ['filtered'] },
            actual: { outcomes: ['delivered'] },
            leftOut: [],
          },
        ],
      },
    ],
  });
  expect(exitCode).toBe(1);
});

test('a rule stands for the tests beside it, and a folder for all in it and below', async () => {
  const inner = join(folder, 'inner');
  await mkdir(inner);
  const tests = `tests: [{ name: it is sent, messages: [${purchase}], outcomes: [delivered] }]`;
  for (const name of ['purchases', 'inner/songs']) {
    await write(`${name}.yaml`, rule);
    await write(`${name}.test.yaml`, tests);
  }
  expect((await run(join(folder, 'purchases.yaml'))).output).toContain('1 passed');
  expect((await run(join(folder, 'purchases.test.yaml'), join(folder, 'purchases.yaml'))).output).toContain('1 passed');
  expect((await run(folder)).output).toContain('2 passed');
});

test.each(['no-such-folder', 'untested.yaml'])(
  '%s cannot be tested, which is a wrong use of the command',
  async (name) => {
    await write('untested.yaml', rule);
    await expect(run(join(folder, name))).rejects.toMatchObject({ name: 'UsageError', exitCode: 2 });
  },
);
