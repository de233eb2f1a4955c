/** Stands for no type: that of a message which holds several, or one too long for a subject. No type has this token. */
export const noTypeToken = '%';

/** Bytes of a token. A server ends the connection that sends it a line of more than 4096 (`max_control_line`). */
const maxTokenLength = 1_024;

/**
 * An event type as one token of a NATS subject, which may hold no white space, no `.` and no wildcard
 * (https://docs.nats.io/nats-concepts/subjects): letters, digits, `_`, `-`, `$` and a few more stay, everything else is
 * written as in URLs. `[Amplitude] Page Viewed` → `%5BAmplitude%5D%20Page%20Viewed`. Two types never share a token,
 * except those that have none: the empty one and those of more than 1024 bytes get `noTypeToken`.
 */
export function typeToken(type: string): string {
  if (plain.test(type)) return type;
  const token = encodeURIComponent(type.toWellFormed()).replaceAll(unsafe, (character) => substitutes[character] ?? '');
  return token === '' || token.length > maxTokenLength ? noTypeToken : token;
}

/** The event type that a token stands for; undefined for `noTypeToken` and for what is no token of a type. */
export function typeOfToken(token: string): string | undefined {
  try {
    return token === '' || token === noTypeToken ? undefined : decodeURIComponent(token);
  } catch {
    return undefined;
  }
}

const plain = /^[\w$-]{1,1024}$/;
/** What `encodeURIComponent` leaves and a subject does not bear, and what it encodes without need. */
const unsafe = /[.*]|%24/g;
const substitutes: Readonly<Record<string, string>> = { '.': '%2E', '*': '%2A', '%24': '$' };
