/**
 * The texts of the events of a message, exactly as they came: a dead letter of a message that held many events holds
 * that event's own characters, not a re-serialised copy (numbers beyond 2^53 and key order survive).
 *
 * Only called for JSON that parsed, so that the walk can trust it.
 *
 * @param json the payload: an event, an array of events, or an object whose `events` is an array of events
 */
export function eventTexts(json: string): readonly string[] {
  const start = skipSpace(json, 0);
  const array = json[start] === '[' ? start : eventsOf(json, start);
  return array === undefined ? [json] : elementsOf(json, array);
}

/** Where the array of the member `events` begins; the last one of that name counts, as for `JSON.parse`. */
function eventsOf(json: string, object: number): number | undefined {
  let found: number | undefined;
  let at = skipSpace(json, object + 1);
  while (json[at] === '"') {
    const keyEnd = valueEnd(json, at);
    const value = skipSpace(json, skipSpace(json, keyEnd) + 1);
    if (JSON.parse(json.slice(at, keyEnd)) === 'events') found = json[value] === '[' ? value : undefined;
    at = nextItem(json, value);
  }
  return found;
}

function elementsOf(json: string, array: number): string[] {
  const elements: string[] = [];
  for (let at = skipSpace(json, array + 1); at < json.length && json[at] !== ']'; at = nextItem(json, at)) {
    elements.push(json.slice(at, valueEnd(json, at)));
  }
  return elements;
}

/** The start of what follows the value at `at` and its comma; the closing bracket if it was the last. */
function nextItem(json: string, at: number): number {
  const end = skipSpace(json, valueEnd(json, at));
  return json[end] === ',' ? skipSpace(json, end + 1) : end;
}

function skipSpace(json: string, at: number): number {
  while (at < json.length && ' \t\n\r'.includes(json.charAt(at))) at++;
  return at;
}

/** One past the last character of the value that starts at `start`. */
function valueEnd(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      at = stringEnd(json, at);
      if (depth === 0) return at + 1;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      // The bracket of what holds a bare number or word ends that value.
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && ', \t\n\r'.includes(char ?? '')) return at;
  }
  return json.length;
}

/** Where the closing quote of the string that starts at `start` stands. */
function stringEnd(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
