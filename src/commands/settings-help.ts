import { settingsTable } from '../settings.ts';

/** The settings as a table for `--help`. */
export function settingsHelp(): string {
  const width = Math.max(...settingsTable.map(({ name }) => name.length));
  return settingsTable
    .map(({ name, description, default: value }) => {
      const standard = value === undefined ? '' : ` (default: ${value})`;
      return `  ${name.padEnd(width)}  ${description}${standard}`;
    })
    .join('\n');
}
