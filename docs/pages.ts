/** The pages of the documentation that are written from the code, so that they cannot disagree with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsTable } from '../src/settings.ts';
import { amplitudeFields, type Field, fields, syncJsonSchema } from '../src/syncs/fields.ts';

/** The generated files: the path from the root of the repository, and the text. */
export const pages: ReadonlyMap<string, string> = new Map([
  ['docs/rules.md', rulesPage()],
  ['docs/settings.md', settingsPage()],
  ['rules/sync.schema.json', `${JSON.stringify(syncJsonSchema(), null, 2)}\n`],
]);

/** The generated files below a folder that are not what the code says now, or not there. */
export async function stalePages(root: string): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const [path, text] of pages) {
    const written = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (written !== text) stale.push(path);
  }
  return stale;
}

function rulesPage(): string {
  return `<!-- Written by \`npm run docs\` from src/syncs/schema.ts. Do not edit. -->

# Rule files

A rule file describes one sync, in YAML or JSON. All files in the rules folder and below whose names end in \`.yaml\`,
\`.yml\` or \`.json\` are rules, except tests (\`*.test.yaml\`) and schemas (\`*.schema.json\`). \`sluice check\` tells what is
wrong with them, with file, line and column.

An editor completes and checks the fields of a file in \`rules/\` that begins with
\`# yaml-language-server: $schema=sync.schema.json\`.

## Variables

\`\${NAME}\` in a value is replaced by that environment variable after the file is parsed, so that no value can change the
structure of the file. It is not replaced in keys, in comments, or in filter files. \`$\${\` stands for the characters
\`\${\`. An unset or empty variable is an error when the sync is to run; \`check\` does not need it, \`try\` and \`test\` need it only
outside of \`destination\`. What came from the environment is never printed.

## Fields

\`destination.type\` says where a sync sends to: Amplitude's events to \`braze\`, or what Braze tells by Currents to
\`amplitude\` ([the way back](way-back.md)). The fields of the two differ. In a path, \`[]\` stands for each item of a list.

### To Braze

${rulesTable(fields)}
### To Amplitude

${rulesTable(amplitudeFields)}`;
}

function rulesTable(all: readonly Field[]): string {
  return table(['Field', 'Type', 'Default', 'Description', 'Example'], all.map(ruleRow));
}

function ruleRow(field: Field): readonly string[] {
  return [code(field.path), field.type, defaultOf(field), field.description, example(field)];
}

function defaultOf({ required, default: value }: Field): string {
  if (required) return '**required**';
  // A mapping that may be left out has the defaults of its fields.
  return value === undefined || isEmptyObject(value) ? '' : code(asText(value));
}

function example({ example }: Field): string {
  return example === undefined ? '' : code(asText(example));
}

function settingsPage(): string {
  const rows = settingsTable.map(({ name, default: value, choices, secret, description }) => [
    code(name),
    value === undefined ? '' : code(value),
    [
      description,
      ...(choices === undefined ? [] : [`One of ${choices.map(code).join(', ')}.`]),
      ...(secret ? ['Secret.'] : []),
    ].join(' '),
  ]);
  return `<!-- Written by \`npm run docs\` from src/settings.ts. Do not edit. -->

# Settings

What a deployment sets in the environment. What a sync does is in its rule file: see [rules.md](rules.md). A variable
that is set to nothing counts as unset.

${table(['Variable', 'Default', 'Description'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
