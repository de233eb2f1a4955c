/**
 * The errors that Sluice raises, each with the exit code a command ends with.
 *
 * An event that cannot be delivered is never an error: it is an `Outcome` (see `message.ts`).
 */

/** The process exit codes of every command: a contract for scripts. */
export const exitCodes = { fine: 0, invalid: 1, usage: 2, unreachable: 3 } as const;

/** A failure that a person can mend: its message says the place, the value and the way out. */
export abstract class SluiceError extends Error {
  abstract readonly exitCode: number;
}

/** Rules or input are wrong. */
export class ConfigError extends SluiceError {
  override readonly name = 'ConfigError';
  override readonly exitCode = exitCodes.invalid;
}

/** The command line or a setting is wrong. */
export class UsageError extends SluiceError {
  override readonly name = 'UsageError';
  override readonly exitCode = exitCodes.usage;
}

/** Something outside that Sluice needs is not there: a server, a stream, a program. */
export class UnreachableError extends SluiceError {
  override readonly name = 'UnreachableError';
  override readonly exitCode = exitCodes.unreachable;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
