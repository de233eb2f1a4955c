import type { LetterHead } from '../../sources/jetstream/dead-letter.ts';

/** A letter as `--json` shows it. */
export function letterJson(head: LetterHead) {
  const { letter, failedAt, firstFailedAt, storedAt, isLeftOut, ...others } = head;
  return {
    seq: letter,
    ...others,
    failedAt: new Date(failedAt).toISOString(),
    firstFailedAt: new Date(firstFailedAt).toISOString(),
    storedAt: new Date(storedAt).toISOString(),
    ...(isLeftOut && { payload: 'left out' }),
  };
}

/** Rows under their heads, each column as wide as it has to be; the last one ends where it ends. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

/** Text from outside on a terminal: what would move the cursor or change colours is shown as what it is. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) =>
    char === '\n' || char === '\t' ? char : `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );
}

/** To the second, in UTC. */
export function timeText(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${(bytes / 1_024).toFixed(1)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

export function lettersText(count: number): string {
  return count === 1 ? '1 letter' : `${count} letters`;
}
