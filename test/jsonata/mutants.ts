/**
 * Plants bugs in copies of the compiler, one at a time, and shows that the tests find each of them: tests that let one
 * live are too weak to trust. Exit 1 if any does.
 *
 * npm run test:mutants [-- WORD]   (only the bugs whose description holds the word)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const mutants: readonly Mutant[] = [
  {
    bug: '`in` compares deeply',
    file: 'runtime/equality.ts',
    from: 'if (right[i] === left) return true;',
    to: 'if (deepEqual(right[i], left)) return true;',
  },
  {
    bug: 'a call in tail position is like any other',
    file: 'generate/lambda.ts',
    from: 'return tailCall(node.body, env)',
    to: 'return env.emit(node.body, env)',
  },
  {
    bug: 'what is missing is unequal to everything',
    file: 'runtime/equality.ts',
    from: 'left !== undefined && right !== undefined && !deepEqual(left, right)',
    to: '!deepEqual(left, right)',
  },
  {
    bug: 'a missing side is looked at before the types of a comparison',
    file: 'runtime/compare.ts',
    from: '// Before "a side is missing"',
    to: 'if (left === undefined || right === undefined) return false; //',
  },
  {
    bug: 'a negative index counts from the start',
    file: 'runtime/path.ts',
    from: 'index < 0 ? list.length + index : index',
    to: 'Math.abs(index)',
  },
  {
    bug: 'a single array at the end of a path is flattened',
    file: 'runtime/path.ts',
    from: 'if (last && results.length === 1',
    to: 'if (last && results.length === -1',
  },
  {
    bug: '[] does not keep a single result an array',
    file: 'runtime/sequence.ts',
    from: '(value as Sequence).keepSingleton === true ? value : (value[0] as unknown)',
    to: 'value[0] as unknown',
  },
  { bug: 'halves are rounded up', file: 'builtins/number.ts', from: '=== 0.5 &&', to: '=== 0.25 &&' },
  {
    bug: 'missing values are sorted first',
    file: 'runtime/order.ts',
    from: 'if (left === undefined) return right === undefined ? 0 : 1;',
    to: 'if (left === undefined) return right === undefined ? 0 : -1;',
  },
  {
    bug: 'two pairs may make the same key',
    file: 'runtime/group.ts',
    from: 'known.pair !== pair',
    to: 'known.pair === -1',
  },
  { bug: 'length counts code units', file: 'runtime/text.ts', from: 'count--;', to: '' },
  {
    bug: 'a variable that is not bound yet does not fall through',
    file: 'generate/scope.ts',
    from: 'definite: false',
    to: 'definite: true',
  },
  {
    bug: 'chains of names do not look for arrays',
    file: 'generate/fields.ts',
    from: 'if (suspects.length > 0)',
    to: 'if (suspects.length > 9)',
  },
  {
    bug: 'an index in a predicate is rounded',
    file: 'runtime/predicate.ts',
    from: 'Math.floor(position)',
    to: 'Math.round(position)',
  },
  {
    bug: 'the context stands in whatever its type is',
    file: 'runtime/signature.ts',
    from: 'parameter.context.test(symbolOf(context)) ? context',
    to: 'parameter.context ? context',
  },
  {
    bug: 'a second empty match is let pass',
    file: 'runtime/matcher.ts',
    from: "if (found[0] === '' && result.length > 0) fail('D1004', regex.source);",
    to: "if (found[0] === '' && result.length > 0) break;",
  },
  {
    bug: 'an array of the event is marked',
    file: 'runtime/sequence.ts',
    from: 'return found.cons === true ? keepSingle(sequenceOf(found)) : found;',
    to: 'return keepSingle(found.cons === true ? sequenceOf(found) : found);',
  },
  {
    bug: 'names that every object has are loaded without a look',
    file: 'generate/fields.ts',
    from: 'return !inherited.has(name) &&',
    to: 'return name.length > 0 &&',
  },
  {
    bug: 'infinite numbers are calculated with',
    file: 'generate/operators.ts',
    from: ', `${side.js} - ${side.js} === 0`]',
    to: ']',
  },
  {
    bug: 'the first of two failing sides is not the left one',
    file: 'runtime/arithmetic.ts',
    from: "fail('T2001', left)",
    to: "fail('T2002', left)",
  },
];

const chosen = mutants.filter(({ bug }) => bug.includes(process.argv[2] ?? ''));
const project = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'sluice-mutants-'));
let alive = 0;
try {
  const copy = join(folder, 'project');
  await mkdir(copy);
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  await symlink(join(project, '../shared'), join(folder, 'shared'));
  await writeFile(join(copy, 'package.json'), '{ "type": "module" }');
  await writeFile(join(copy, 'vitest.config.ts'), 'export default { test: { include: ["test/**/*.test.ts"] } };');
  await cp(join(project, 'test/jsonata'), join(copy, 'test/jsonata'), { recursive: true });
  await cp(join(project, 'src/jsonata'), join(copy, 'src/jsonata'), { recursive: true });
  if (!(await passes(copy))) throw new Error('the tests fail without a bug');
  for (const { bug, file, from, to } of chosen) {
    const path = join(copy, 'src/jsonata', file);
    const source = await readFile(path, 'utf8');
    if (!source.includes(from)) throw new Error(`${file} does not hold ${from}`);
    await writeFile(path, source.replace(from, to));
    const lives = await passes(copy);
    if (lives) alive++;
    console.log(`${lives ? 'LIVES' : 'killed'}: ${bug}`);
    await writeFile(path, source);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(`${chosen.length - alive} of ${chosen.length} bugs were found`);
if (alive > 0) process.exitCode = 1;

/** Whether the tests of the compiler pass; they stop at the first that fails. */
async function passes(root: string): Promise<boolean> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const run = spawn(process.execPath, [vitest, 'run', '--bail', '1'], { cwd: root, stdio: 'ignore' });
  const [code] = (await once(run, 'exit')) as [number];
  return code === 0;
}
