/**
 * What the body of an answer holds as JSON, undefined if it is none. Wherever it repeats the secret that was sent, as a
 * refusal of a key does, it says so instead: what is read here gets into logs and dead letters.
 */
export function parseAnswer(body: string, secret: string): unknown {
  const withoutSecret = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? value.replaceAll(secret, '[the API key]') : value;
  try {
    return JSON.parse(body, withoutSecret);
  } catch {
    return undefined;
  }
}
