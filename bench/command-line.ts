/** The command line that all benches share: flags, `--quick`, `--json`, `--help`, progress, and the report at the end. */
import { parseArgs } from 'node:util';
import { type Machine, machine } from './harness.ts';
import { type Report, textOf } from './report.ts';

/** A number, numbers separated by commas, or a switch. */
type Value = number | readonly number[] | boolean;

export interface Flag<V extends Value = Value> {
  readonly default: V;
  /** What stands for the default with `--quick`. */
  readonly quick?: V;
  readonly help: string;
}

type Flags = Readonly<Record<string, Flag>>;
type Values<F extends Flags> = {
  readonly [Name in keyof F]: F[Name]['default'] extends boolean
    ? boolean
    : F[Name]['default'] extends number
      ? number
      : readonly number[];
};

export interface Bench<F extends Flags> {
  readonly flags: Values<F>;
  readonly quick: boolean;
  /** Says on a terminal what is being done; the next call takes its place. */
  readonly progress: (text: string) => void;
  /** Prints what was found, as text, or with `--json` as one JSON document. `where` adds versions to the machine. */
  readonly report: (found: Pick<Report, 'tables' | 'reading'>, where?: Partial<Machine>) => void;
}

/**
 * Reads the command line of a bench. Ends the process with its help for `--help`, and with exit code 2 for a flag that
 * it does not know or cannot read.
 */
export function openBench<const F extends Flags>(name: string, about: string, flagsOf: F): Bench<F> {
  const { json, quick, given } = parsed(name, about, flagsOf);
  const flags = Object.fromEntries(
    Object.entries<Flag>(flagsOf).map(([flag, meaning]) => {
      const value = given[flag];
      return [flag, value ?? (quick ? (meaning.quick ?? meaning.default) : meaning.default)];
    }),
  );
  const bare = process.stderr.isTTY;
  return {
    flags: flags as Values<F>,
    quick,
    progress(text) {
      if (bare) process.stderr.write(`\r\u{1b}[K${name}: ${text}`);
    },
    report({ tables, reading }, where) {
      if (bare) process.stderr.write('\r\u{1b}[K');
      const report: Report = {
        bench: name,
        about,
        machine: { ...machine(), ...where },
        date: new Date().toISOString(),
        quick,
        parameters: flags,
        tables,
        reading,
      };
      console.log(json ? JSON.stringify(report) : textOf(report));
    },
  };
}

interface Parsed {
  readonly json: boolean;
  readonly quick: boolean;
  readonly given: Readonly<Record<string, Value | undefined>>;
}

function parsed(name: string, about: string, flags: Flags): Parsed {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        ...Object.fromEntries(
          Object.entries(flags).map(([flag, { default: usual }]) => [
            flag,
            { type: typeof usual === 'boolean' ? ('boolean' as const) : ('string' as const) },
          ]),
        ),
      },
    });
    if (values.help) {
      console.log(helpOf(name, about, flags));
      return process.exit(0);
    }
    const given: Readonly<Record<string, unknown>> = values;
    const read = Object.entries(flags).map(([flag, meaning]) => [flag, valueOf(flag, given[flag], meaning)]);
    return { json: values.json, quick: values.quick, given: Object.fromEntries(read) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee node bench/${name}.ts --help.`);
    return process.exit(2);
  }
}

function valueOf(flag: string, given: unknown, { default: usual }: Flag): Value | undefined {
  if (typeof given !== 'string') return given === true ? true : undefined;
  const numbers = given.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  const one = typeof usual === 'number';
  if (numbers.some((number) => !(number >= 0)) || (one && numbers.length > 1))
    throw new RangeError(`--${flag} takes ${one ? 'a number' : 'numbers separated by commas'}, not ${given}`);
  return one ? numbers[0] : numbers;
}

function helpOf(name: string, about: string, flags: Flags): string {
  const rows = Object.entries(flags).map(([flag, { default: usual, quick, help }]) => {
    const less = quick === undefined ? '' : `, quick ${String(quick)}`;
    return [`--${flag}`, `${help}${usual === false ? '' : ` (${String(usual)}${less})`}`];
  });
  rows.push(['--quick', 'short and rough'], ['--json', 'one JSON document instead of text']);
  const width = Math.max(...rows.map(([flag = '']) => flag.length));
  const lines = rows.map(([flag = '', help]) => `  ${flag.padEnd(width)}  ${help}`);
  return `${about}\n\nUsage: node bench/${name}.ts [flags]\n\n${lines.join('\n')}\n\nExample:\n  node bench/${name}.ts --quick --json`;
}
