import { fail } from '../runtime/failure.ts';
import { bounded, charge } from '../runtime/meter.ts';

/** Base 64 and URL encoding: https://docs.jsonata.org/string-functions. */

export function base64encode(value: string | undefined): string | undefined {
  return coded(value, (text) => Buffer.from(text, 'binary').toString('base64'));
}

export function base64decode(value: string | undefined): string | undefined {
  return coded(value, (text) => Buffer.from(text, 'base64').toString('binary'));
}

export function encodeUrlComponent(value: string | undefined): string | undefined {
  return coded(value, encodeURIComponent);
}

export function encodeUrl(value: string | undefined): string | undefined {
  return coded(value, encodeURI);
}

export function decodeUrlComponent(value: string | undefined): string | undefined {
  return coded(value, decodeURIComponent);
}

export function decodeUrl(value: string | undefined): string | undefined {
  return coded(value, decodeURI);
}

function coded(value: string | undefined, code: (text: string) => string): string | undefined {
  if (value === undefined) return undefined;
  charge(value.length / 16);
  try {
    return bounded(code(value));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return fail('D3140', value);
  }
}
