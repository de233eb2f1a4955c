import type { FastifyRequest } from 'fastify';
import { parseJson } from './parse-json.ts';
import { invalidBody } from './refusal.ts';

/**
 * The fields of an identification, by which of the ways they come that Amplitude takes: a form of either kind, the query
 * of a request without a body (https://amplitude.com/docs/apis/analytics/identify), or a JSON body.
 *
 * @throws Refusal 400 for what is none of them, 413 for what would cost too much memory
 */
export async function fieldsOf(
  body: Buffer,
  { url, headers }: Pick<FastifyRequest, 'url' | 'headers'>,
): Promise<unknown> {
  const type = headers['content-type'] ?? '';
  const query = url.split('?', 2)[1];
  if (body.length === 0 && query !== undefined) return Object.fromEntries(new URLSearchParams(query));
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  }
  return /^multipart\/form-data\b/i.test(type) ? await multipart(body, type) : parseJson(body).value;
}

async function multipart(body: Buffer, type: string): Promise<unknown> {
  try {
    return Object.fromEntries(await new Response(body, { headers: { 'content-type': type } }).formData());
  } catch {
    throw invalidBody();
  }
}
