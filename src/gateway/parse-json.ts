import { invalidBody, Refusal, tooLarge } from './refusal.ts';
import { scan, type Scan, TooComplexError } from './scan.ts';

/**
 * Properties may nest 40 deep; this is far above, so that those are refused with the index of their event. No door takes
 * more than 2,000 events of an SDK, and Braze sends 100.
 */
const limits = { depth: 100, parts: 2_500_000, events: 10_000 };

export interface ParsedJson extends Scan {
  readonly value: unknown;
}

/** @throws Refusal 400 for what is no JSON, 413 for what would cost too much memory when it is parsed */
export function parseJson(body: Buffer): ParsedJson {
  if (body.length === 0) throw new Refusal(400, 'Missing request body');
  const scanned = scanBody(body);
  try {
    return { ...scanned, value: JSON.parse(body.toString()) };
  } catch {
    throw invalidBody();
  }
}

function scanBody(body: Buffer): Scan {
  try {
    return scan(body, limits);
  } catch (error) {
    throw error instanceof TooComplexError ? tooLarge() : error;
  }
}
