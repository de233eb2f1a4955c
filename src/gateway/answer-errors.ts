import type { FastifyInstance } from 'fastify';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../log.ts';
import { discardRest } from './read-body.ts';
import { Refusal, tooManyRequests } from './refusal.ts';
import { MaybeStoredError, NotStoredError, TooSlowError } from './stream-writer.ts';

/** Turns what endpoints throw into Amplitude's answers. The log hears of the stream's troubles, not of the clients'. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  let toldAt = Number.NEGATIVE_INFINITY;
  app.setNotFoundHandler((request, reply) => {
    discardRest(request.raw);
    void reply.status(404).send(new Refusal(404, 'Invalid request path').body());
  });
  app.setErrorHandler((error, request, reply) => {
    discardRest(request.raw);
    const refusal = refusalOf(error) ?? unexpected;
    const { status } = refusal;
    if (refusal === unexpected) log.error({ err: error }, 'A request failed in a way that nobody thought of.');
    else if (status > 500 && performance.now() - toldAt > tellEveryMs) {
      toldAt = performance.now();
      log.warn(
        { status, reason: messageOf(error) },
        'The stream does not take events; clients have to send them again.',
      );
    }
    if (status === 429 || status === 503) void reply.header('retry-after', '30');
    void reply.status(status).send(refusal.body());
  });
}

/** A stream that is gone fails every request. */
const tellEveryMs = 10_000;

const unexpected = new Refusal(500, 'Internal error: what was sent may have been stored');

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof TooSlowError) return tooManyRequests();
  if (error instanceof NotStoredError) return new Refusal(503, `Not stored, send it again: ${error.message}`);
  if (error instanceof MaybeStoredError) {
    return new Refusal(504, `It may be stored, send it again with the same insert_id: ${error.message}`);
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status < 500 ? new Refusal(status, messageOf(error)) : undefined;
}
