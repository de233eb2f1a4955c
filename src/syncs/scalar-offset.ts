import type { Scalar } from 'yaml';

/**
 * Where in a file the character at an offset of a scalar's text stands. Indentation, folded lines and doubled
 * quotes make the two differ; but every visible character of the text stands in the file, in the same order, so
 * walking both side by side finds it. Only the escapes of double quotes break that: then it is the scalar's start.
 */
export function offsetInSource(file: string, scalar: Scalar, offset: number): number {
  const [start, end] = scalar.range ?? [0, 0, 0];
  const text = String(scalar.value);
  const source = file.slice(start, end);
  if (scalar.type === 'QUOTE_DOUBLE' && /\\[^"\\/]/.test(source)) return start;

  let at = bodyStart(scalar, source);
  for (const character of text.slice(0, offset).matchAll(/\S/g)) at = after(source, character[0], at);
  const next = text.slice(offset).match(/\S/)?.[0];
  // Behind the last character, an expression that breaks off is told to break off there.
  return start + (next === undefined ? at : after(source, next, at) - 1);
}

function bodyStart({ type }: Scalar, source: string): number {
  if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') return source.indexOf('\n') + 1;
  return type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE' ? 1 : 0;
}

function after(source: string, character: string, from: number): number {
  return source.indexOf(character, from) + 1;
}
