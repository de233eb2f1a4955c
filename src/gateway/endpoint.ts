import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BodyBudget } from './body-budget.ts';
import type { Intake } from './intake.ts';
import type { Link } from './link.ts';
import type { GatewayMetrics } from './metrics.ts';
import { readBody } from './read-body.ts';
import { tooLarge, tooManyRequests } from './refusal.ts';
import type { Slots } from './slots.ts';
import { MaybeStoredError, NotStoredError } from './stream-writer.ts';

/** One path that takes events. */
export interface Endpoint {
  readonly path: string;
  /** Of the body, written and unpacked. */
  readonly maxBytes: number;
  /** Judges the headers, before anything else is read. Throws a Refusal. */
  readonly authorise?: (request: FastifyRequest) => void;
  /** Judges the body, and says what goes to the stream. Throws a Refusal. */
  readonly read: (body: Buffer, request: FastifyRequest) => Intake | Promise<Intake>;
  /** The sender makes no difference between what is not stored and what may be. */
  readonly resendsAll?: boolean;
}

/** What all endpoints share. */
export interface Reception {
  readonly connection: NatsConnection;
  readonly link: Link;
  readonly budget: BodyBudget;
  /** Of bodies that are unpacked at once. */
  readonly unpacking: Slots;
  readonly metrics: GatewayMetrics;
}

/**
 * Takes one request in: answers 200 only when the stream has stored all that the request holds. What goes wrong is
 * thrown: a Refusal, NotStoredError or MaybeStoredError.
 */
export async function receive(
  endpoint: Endpoint,
  reception: Reception,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { link, budget, unpacking, metrics } = reception;
  const { raw } = request;
  const turnedAway = whyNotNow(link, budget);
  if (turnedAway !== undefined) throw turnedAway;
  endpoint.authorise?.(request);
  const share = budget.share(raw.socket);
  let held: Promise<void> | undefined;
  let events = 0;
  try {
    const body = await readBody(raw, share, endpoint.maxBytes, unpacking);
    const intake = await endpoint.read(body, request);
    ({ events } = intake);
    refuseTooLong(intake, reception.connection);
    if (!share.take(bytesOf(intake))) throw tooManyRequests();
    await intake.writer.write(intake.records);
    metrics.stored(endpoint.path, events);
    return await reply.send({
      code: 200,
      events_ingested: events,
      payload_size_bytes: body.length,
      server_upload_time: Date.now(),
    });
  } catch (error) {
    if (!(error instanceof MaybeStoredError)) throw error;
    // Its bytes may still wait to be sent to NATS, so they count until NATS has read all that was sent before.
    held = reception.connection.flush();
    throw endpoint.resendsAll === true ? new NotStoredError(error.message, { cause: error }) : error;
  } finally {
    if (held === undefined) share.release();
    else held.catch(() => undefined).finally(() => share.release());
  }
}

function whyNotNow(link: Link, budget: BodyBudget): Error | undefined {
  if (!link.up) return new NotStoredError('there is no connection to NATS');
  return budget.exhausted ? tooManyRequests() : undefined;
}

/** A server takes no message above its `max_payload`; what stands in its headers counts too. */
function refuseTooLong({ records }: Intake, { info }: NatsConnection): void {
  const most = (info?.max_payload ?? Number.POSITIVE_INFINITY) - maxHeaderBytes;
  if (records.some(({ payload }) => payload.length > most)) throw tooLarge();
}

const maxHeaderBytes = 1_024;

/**
 * What the records of a request hold beside its body: the client copies what it sends, and each record has a subject, an
 * id and objects of its own. A request of 2,000 events of 35 bytes takes ten times its body by them.
 */
function bytesOf({ records }: Intake): number {
  return records.reduce((sum, { payload }) => sum + payload.length + recordBytes, 0);
}

const recordBytes = 512;
