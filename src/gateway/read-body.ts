import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Share } from './body-budget.ts';
import { invalidBody, Refusal, tooLarge, tooManyRequests } from './refusal.ts';

/**
 * Reads a request's body, and unpacks it if it is compressed. Refuses one of more than `maxBytes`, written or unpacked,
 * before it is all there, and any for which the share has no memory left.
 *
 * @throws Refusal 400 for what cannot be unpacked or is not UTF-8, 413, 415, 429
 */
export async function readBody(incoming: IncomingMessage, share: Share, maxBytes: number): Promise<Buffer> {
  const unpack = unpackers[incoming.headers['content-encoding'] ?? 'identity'];
  const told = Number(incoming.headers['content-length'] ?? 0);
  if (unpack === undefined || told > maxBytes) {
    discardRest(incoming, maxBytes);
    throw unpack === undefined ? new Refusal(415, 'Content-Encoding may be gzip, deflate, br or identity') : tooLarge();
  }
  const packed = await readAll(incoming, share, maxBytes);
  share.complete();
  const body = await unpack(packed, share, maxBytes);
  if (!isUtf8(body)) throw invalidBody();
  return body;
}

/** The client went away before its request was whole: nobody reads this. */
const aborted = new Refusal(400, 'The request breaks off');

function readAll(incoming: IncomingMessage, share: Share, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (refusal: Error): void => {
      incoming.removeAllListeners('data');
      discardRest(incoming, maxBytes);
      reject(refusal);
    };
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) stop(tooLarge());
      else if (!share.take(chunk.length)) stop(tooManyRequests());
      else chunks.push(chunk);
    });
    incoming.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    // Closed it is after its end too, when this changes nothing; an error comes before that.
    incoming.on('error', () => undefined);
    incoming.once('close', () => reject(aborted));
  });
}

/** Clients read no answer before they have sent their request, so the rest is let in, but not without end. */
export function discardRest(incoming: IncomingMessage, maxBytes: number): void {
  let left = 2 * maxBytes;
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
}

type Unpack = (packed: Buffer, share: Share, maxBytes: number) => Promise<Buffer> | Buffer;

const unpackers: Readonly<Partial<Record<string, Unpack>>> = {
  identity: (packed) => packed,
  gzip: unpackWith(promisify(gunzip)),
  'x-gzip': unpackWith(promisify(gunzip)),
  deflate: unpackWith(promisify(inflate)),
  br: unpackWith(promisify(brotliDecompress)),
};

function unpackWith(decompress: (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>): Unpack {
  return async (packed, share, maxBytes) => {
    if (packed.length === 0) return packed;
    const body = await decompress(packed, { maxOutputLength: maxBytes }).catch((error: unknown) => {
      throw isTooLarge(error) ? tooLarge() : invalidBody();
    });
    if (!share.take(body.length)) throw tooManyRequests();
    return body;
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
