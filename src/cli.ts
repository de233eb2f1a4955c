#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { demoCommand } from './commands/demo.ts';
import { checkCommand } from './commands/check.ts';
import { consumersCommand } from './commands/consumers.ts';
import { explainCommand } from './commands/explain.ts';
import { gatewayCommand } from './commands/gateway.ts';
import { runCommand } from './commands/run.ts';
import { simulateAmplitudeCommand } from './commands/simulate-amplitude.ts';
import { simulateBrazeCommand } from './commands/simulate-braze.ts';
import { stateCommand } from './commands/state.ts';
import { testCommand } from './commands/test.ts';
import { tryCommand } from './commands/try.ts';
import { exitCodes, SluiceError } from './core/errors.ts';

const program = new Command('sluice')
  .description('Delivers Amplitude events from NATS JetStream to Braze.')
  .showHelpAfterError('(add --help for what is possible)')
  .addCommand(runCommand())
  .addCommand(demoCommand())
  .addCommand(checkCommand())
  .addCommand(tryCommand())
  .addCommand(testCommand())
  .addCommand(explainCommand())
  .addCommand(stateCommand())
  .addCommand(gatewayCommand())
  .addCommand(consumersCommand())
  .addCommand(deadLettersCommand())
  .addCommand(simulateBrazeCommand())
  .addCommand(simulateAmplitudeCommand());

// Whoever reads the output may have seen enough: `sluice check | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof SluiceError) {
    process.stderr.write(`sluice: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    // It has told what is wrong already; help that was asked for ends with 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
  } else {
    throw error;
  }
}
