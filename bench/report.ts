/** What a bench has to say: tables and sentences, written as text for a terminal or as Markdown for `results.md`. */
import type { Machine } from './harness.ts';

/** What one bench prints with `--json`. */
export interface Report {
  /** The name of its file. */
  readonly bench: string;
  /** What it measures, in one sentence. */
  readonly about: string;
  /** Where, and with which versions. */
  readonly machine: Machine;
  /** When it ended, ISO 8601. */
  readonly date: string;
  readonly quick: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tables: readonly Table[];
  /** What the numbers say, a sentence each. */
  readonly reading: readonly string[];
}

export interface Table {
  /** What the cells are, with their unit. */
  readonly title: string;
  /** The heads of the columns, first that of the names. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** A number, text, a median with its spread, or nothing. */
export type Cell = number | string | Spread | null;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const longName = 48;

/** As lines for a terminal. */
export function textOf({ about, machine, parameters, tables, reading }: Report): string {
  const parts = [about, `${machineLine(machine)}\n${parameterLine(parameters)}`.trimEnd()];
  for (const { title, columns, rows } of tables) {
    const lines = [columns, ...rows.map(({ name, cells }) => [name, ...cells.map(cellText)])];
    const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    const padded = lines.map(([name = '', ...cells]) => {
      const values = cells.map((cell, i) => cell.padStart(widths[i + 1] ?? 0)).join('  ');
      // A long name stands last, so that the columns do not wander off the screen.
      const width = widths[0] ?? 0;
      return width > longName ? `${values}  ${name}` : `${name.padEnd(width)}  ${values}`.trimEnd();
    });
    parts.push([title, ...padded].join('\n'));
  }
  if (reading.length > 0) parts.push(reading.join('\n'));
  return parts.join('\n\n');
}

/** As a section of Markdown. */
export function markdownOf({ bench, about, machine, date, parameters, tables, reading }: Report): string {
  const parts = [`## ${bench}`, about];
  if (reading.length > 0) parts.push(reading.join(' '));
  for (const { title, columns, rows } of tables) {
    const lines = [
      columns,
      columns.map((_, column) => (column === 0 ? '---' : '--:')),
      ...rows.map(({ name, cells }) => [name, ...cells.map(cellText)].map((cell) => cell.replaceAll('|', '\\|'))),
    ];
    parts.push(`${title}:`, lines.map((line) => `| ${line.join(' | ')} |`).join('\n'));
  }
  const command = `node bench/${bench}.ts ${parameterLine(parameters)}`.trimEnd();
  parts.push(`\`${command}\`; ${machineLine(machine)}; ${date.slice(0, 10)}`);
  return parts.join('\n\n');
}

export function machineLine({ cpu, cores, node, v8, natsServer }: Machine): string {
  const server = natsServer === undefined ? '' : `, nats-server ${natsServer}`;
  return `${cores} × ${cpu}, Node ${node}, V8 ${v8}${server}`;
}

function parameterLine(parameters: Report['parameters']): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${String(value)}`))
    .join(' ');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return numberText(cell);
  return `${numberText(cell.median)} (${numberText(cell.least)}-${numberText(cell.most)})`;
}

/** Three digits that count; whole numbers whole. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
