import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Share } from './body-budget.ts';
import { invalidBody, Refusal, tooLarge, tooManyRequests } from './refusal.ts';
import { type Slots, SlotTimeoutError } from './slots.ts';

/**
 * Reads a request's body, and unpacks it if it is compressed. Refuses one of more than `maxBytes`, written or unpacked,
 * before it is all there, and any for which the share has no memory left.
 *
 * @param unpacking how many bodies may be unpacked at once: what they unpack to is known only when they are
 * @throws Refusal 400 for what cannot be unpacked or is not UTF-8, 413, 415, 429
 */
export async function readBody(
  incoming: IncomingMessage,
  share: Share,
  maxBytes: number,
  unpacking: Slots,
): Promise<Buffer> {
  const unpack = unpackers.get((incoming.headers['content-encoding'] ?? 'identity').toLowerCase());
  if (unpack === undefined) throw new Refusal(415, 'Content-Encoding may be gzip, deflate, br or identity');
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const packed = await readAll(incoming, share, maxBytes);
  share.complete();
  const body = unpack === null ? packed : await unpacked(packed, unpack, maxBytes, unpacking);
  if (body !== packed && !share.take(body.length)) throw tooManyRequests();
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

/** Clients read no answer before they have sent their request, so the rest of one is let in, but not without end. */
export function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  let left = maxDiscardedBytes;
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
}

const maxDiscardedBytes = 4 * 1_024 * 1_024;

type Unpack = (packed: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unpackers: ReadonlyMap<string, Unpack | null> = new Map<string, Unpack | null>([
  ['identity', null],
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

async function unpacked(packed: Buffer, unpack: Unpack, maxBytes: number, unpacking: Slots): Promise<Buffer> {
  if (packed.length === 0) return packed;
  try {
    return await unpacking.run(() => unpack(packed, { maxOutputLength: maxBytes }));
  } catch (error) {
    if (error instanceof SlotTimeoutError) throw tooManyRequests();
    throw isTooLarge(error) ? tooLarge() : invalidBody();
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
