#!/usr/bin/env node
/*
 * Runs src/cli.ts of a checkout, or dist/cli.js of an installed package: Node.js strips no types under node_modules
 * (nodejs.org/api/typescript.html#type-stripping-in-dependencies), so a package holds its sources translated.
 *
 * Plain JavaScript, since it also has to run on a Node.js that is too old for the rest: it then hands over to the one
 * that `npm install` puts into a checkout, or says what is missing.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const oldestMajor = 24;
const unreachable = 3;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src', 'cli.ts');
const cli = existsSync(source) ? source : join(root, 'dist', 'cli.js');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');

if (Number.parseInt(process.versions.node, 10) >= oldestMajor) {
  await import(pathToFileURL(cli).href);
} else if (existsSync(pinnedNode)) {
  handOver();
} else {
  process.stderr.write(
    `sluice: Node.js ${oldestMajor} or newer is needed, and this is ${process.version}. ` +
      'Install it, or run npm install in a checkout, which brings its own.\n',
  );
  process.exitCode = unreachable;
}

function handOver() {
  const child = spawn(pinnedNode, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both of us, and a second one would mean something else to the child.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'];
  for (const signal of signals) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`sluice: ${error.message}\n`);
    process.exitCode = unreachable;
  });
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeAllListeners(each);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}
