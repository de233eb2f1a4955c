/** An event as the destination will know it: picked, named and addressed, not yet in the destination's own form. */
export interface Draft {
  /** The value of the mapped property: whose event it is. */
  readonly identifier: string;
  readonly name: string;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly time: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** One object of a request, serialised once. */
export interface Entry {
  /** Order is kept among the entries of one user. */
  readonly user: string;
  /** The object as JSON text. */
  readonly json: string;
  /** The length of `json` in UTF-8. */
  readonly bytes: number;
  /** When the stream stored the event, in milliseconds since 1970. */
  readonly storedAt: number;
}
