#!/usr/bin/env node
import { Command } from 'commander';
import { messageOf, SluiceError } from './core/errors.ts';

const program = new Command('sluice')
  .description('Delivers Amplitude events from NATS JetStream to Braze.')
  .showHelpAfterError('(add --help for what is possible)');

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof SluiceError)) throw error;
  process.stderr.write(`sluice: ${messageOf(error)}\n`);
  process.exitCode = error.exitCode;
}
