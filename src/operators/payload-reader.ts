import { isEvent, isRecord } from '../core/event.ts';
import {
  behindBlanks,
  behindByte,
  behindName,
  behindValue,
  closeBrace,
  closeBracket,
  colon,
  comma,
  NeedsParserError,
  openBrace,
  openBracket,
  quote,
} from '../core/json-bytes.ts';
import { NameTable } from '../core/json-names.ts';
import { scalarAt } from '../core/json-scalar.ts';
import type { FieldPath } from '../core/reading.ts';

/** A field that is asked for. */
interface Field {
  readonly name: string;
  /** Which of its own fields are, if not all. */
  readonly below: FieldTable | undefined;
}

export type FieldTable = NameTable<Field>;
export type Fields = Record<string, unknown>;

export function fieldTable(paths: readonly FieldPath[]): FieldTable {
  const byField = Map.groupBy(paths, ([field]) => field);
  return new NameTable(
    [...byField].map(([name, paths]) => {
      const below = paths.map(([, name]) => name);
      const some = below.filter((one) => one !== undefined);
      return [name, { name, below: some.length < below.length ? undefined : fieldTable(some.map((one) => [one])) }];
    }),
  );
}

/** Reads a payload into its events, which have the fields of a table and those of `noFields`, the same for all. */
export class PayloadReader {
  readonly #body: Buffer;
  /** The payload with each byte as a character. */
  readonly #text: string;
  readonly #fields: FieldTable;
  readonly #noFields: Fields;

  constructor(body: Buffer, fields: FieldTable, noFields: Fields) {
    this.#body = body;
    this.#text = body.toString('latin1');
    this.#fields = fields;
    this.#noFields = noFields;
  }

  /** Throws a NeedsParserError for what has to be parsed: it is no JSON, nests deep, or may be something else than it looks. */
  read(): readonly unknown[] {
    const body = this.#body;
    const values: unknown[] = [];
    const end = this.#readPayload(behindBlanks(body, 0), values);
    if (behindBlanks(body, end) < body.length) throw new NeedsParserError();
    return values;
  }

  #readPayload(start: number, values: unknown[]): number {
    const body = this.#body;
    if (body[start] === openBracket) return this.#readEvents(start, values);
    if (this.#isRequest(start)) return this.#readRequest(start, values);
    const end = this.#readEvent(start, values);
    // A request that begins with another name.
    if (!isEvent(values[0]) && isRecord(values[0])) throw new NeedsParserError();
    return end;
  }

  /** Whether an object is a body of the HTTP V2 API, by the name that comes first. */
  #isRequest(start: number): boolean {
    const body = this.#body;
    const name = behindByte(body, start, openBrace);
    return body[name] === quote && firstOfRequest.find(body, name + 1, behindName(body, name) - 1) === true;
  }

  #readRequest(start: number, values: unknown[]): number {
    const body = this.#body;
    let at = behindByte(body, start, openBrace);
    let found = false;
    for (;;) {
      const nameStart = at + 1;
      at = behindName(body, at);
      const name = namesOfRequest.find(body, nameStart, at - 1);
      const valueStart = behindByte(body, at, colon);
      // With these it may be an event itself; and of two lists the last one counts.
      if (name === 'event_type' || name === 'user_properties' || (name === 'events' && found))
        throw new NeedsParserError();
      found ||= name === 'events';
      at = name === 'events' ? this.#readEvents(valueStart, values) : behindValue(body, valueStart, deepest);
      at = behindBlanks(body, at);
      if (body[at] === closeBrace) break;
      at = behindByte(body, at, comma);
    }
    if (!found) throw new NeedsParserError();
    return at + 1;
  }

  /** Adds the events of a list, and gives the place behind it. */
  #readEvents(start: number, values: unknown[]): number {
    const body = this.#body;
    let at = behindByte(body, start, openBracket);
    if (body[at] === closeBracket) return at + 1;
    for (;;) {
      at = behindBlanks(body, this.#readEvent(at, values));
      if (body[at] === closeBracket) return at + 1;
      at = behindByte(body, at, comma);
    }
  }

  /** Adds the event that stands there, and gives the place behind it. */
  #readEvent(start: number, values: unknown[]): number {
    const body = this.#body;
    const event = { ...this.#noFields };
    const end =
      body[start] === openBrace ? this.#readObject(start, this.#fields, event) : behindValue(body, start, deepest);
    const type = event['event_type'];
    const hasType = typeof type === 'string' && type !== '';
    values.push(hasType ? event : JSON.parse(body.toString('utf8', start, end)));
    return end;
  }

  /** Sets the fields of an object, and gives the place behind it. */
  #readObject(start: number, fields: FieldTable, object: Fields): number {
    const body = this.#body;
    let at = behindByte(body, start, openBrace);
    if (body[at] === closeBrace) return at + 1;
    for (;;) {
      const nameStart = at + 1;
      at = behindName(body, at);
      const field = fields.find(body, nameStart, at - 1);
      const valueStart = behindByte(body, at, colon);
      if (field?.below !== undefined && body[valueStart] === openBrace) {
        const below: Fields = {};
        object[field.name] = below;
        at = this.#readObject(valueStart, field.below, below);
      } else {
        at = behindValue(body, valueStart, deepest);
        if (field !== undefined) object[field.name] = scalarAt(body, this.#text, valueStart, at);
      }
      at = behindBlanks(body, at);
      if (body[at] === closeBrace) return at + 1;
      at = behindByte(body, at, comma);
    }
  }
}

/** A body of the HTTP V2 API begins with one of these (https://amplitude.com/docs/apis/analytics/http-v2). */
const firstOfRequest = new NameTable([
  ['api_key', true],
  ['events', true],
]);
const namesOfRequest = new NameTable(['events', 'event_type', 'user_properties'].map((name) => [name, name]));

/** How deep an event may nest that is read so. */
const deepest = 40;
