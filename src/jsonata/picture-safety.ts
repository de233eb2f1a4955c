/**
 * Pictures of `$toMillis` become regular expressions, and some of them backtrack for seconds on a crafted time
 * (https://github.com/jsonata-js/jsonata/issues/833). A picture is safe when few of its parts can trade characters.
 */

/** How many places of a picture may be ambiguous: with times of a hundred characters, a hundred thousand ways at most. */
const ambiguousPlaces = 2;

/** Why a picture is refused; undefined when it is safe. */
export function pictureRisk(picture: string): string | undefined {
  if (picture.length > 200) return 'it is longer than 200 characters';
  const parts = [...picture.matchAll(/\[\s*([A-Za-z])([^\]]*)\]/g)];
  const seen = new Set<string>();
  let ambiguous = 0;
  let end = 0;
  let previous: string | undefined;
  for (const part of parts) {
    const component = part[1] ?? '';
    if (seen.has(component)) return `it holds the component [${component}] twice`;
    seen.add(component);
    const between = picture.slice(end, part.index);
    if (previous !== undefined && isAmbiguous(previous, between, component + (part[2] ?? ''))) ambiguous++;
    previous = component + (part[2] ?? '');
    end = part.index + part[0].length;
  }
  return ambiguous > ambiguousPlaces ? 'its components are not told apart by what is between them' : undefined;
}

/** Whether characters could belong to either of two neighbours. */
function isAmbiguous(left: string, between: string, right: string): boolean {
  // Neighbouring integers have fixed widths, except the fraction of a second.
  if (between === '') return left.startsWith('f') || right.startsWith('f') || /[wWNnIiAa]/.test(left.slice(1));
  if (/[wW]/.test(left.slice(1))) return /^[\s\-,a-z0-9]*$/i.test(between);
  return /^[a-z0-9]*$/i.test(between) && between !== 'T';
}
