import { invalidBody, Refusal, tooLarge } from './refusal.ts';
import { scan, type Span, TooComplexError } from './scan.ts';

/** A body's JSON value, and where its events stand in its bytes. */
export interface ParsedBody {
  readonly value: unknown;
  /** Undefined when they cannot be told for sure: they are then serialised again. */
  readonly spans: readonly Span[] | undefined;
  /** How deep objects and lists nest. */
  readonly depth: number;
}

/**
 * Properties may nest 40 deep; this is far above, so that those are refused with the index of their event. No door takes
 * more than 2,000 events of an SDK, and Braze sends 100.
 */
const limits = { depth: 100, parts: 2_500_000, events: 10_000 };

/** @throws Refusal 400 for what is no JSON, 413 for what would cost too much memory */
export function parseJson(body: Buffer): ParsedBody {
  if (body.length === 0) throw new Refusal(400, 'Missing request body');
  try {
    const { events, depth } = scan(body, limits);
    return { value: JSON.parse(body.toString('utf8')), spans: events, depth };
  } catch (error) {
    if (error instanceof TooComplexError) throw tooLarge();
    throw invalidBody();
  }
}
