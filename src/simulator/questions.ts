/** The simulator's own HTTP interface: what it saw, as JSON, and the faults to come. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { SimulatorControls, UserReference } from './controls.ts';
import { faultSchema } from './faults.ts';

/** How many of the newest things a list shows when the question does not say. */
const defaultLimit = 100;

export const listQuery = z.object({ limit: z.coerce.number().int().positive().default(defaultLimit) });

const userQuery = listQuery.extend({
  /** An `external_id`. */
  user: z.string().optional(),
  braze_id: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  alias_name: z.string().optional(),
  alias_label: z.string().optional(),
});

export const faultOrder = z.union([
  z.strictObject({ fault: faultSchema, times: z.number().int().positive().default(1) }),
  z.strictObject({ fault: faultSchema, rate: z.number().min(0).max(1), seed: z.number().int().default(1) }),
]);

/** Adds the routes to what stands below the prefix. */
export function questions(app: FastifyInstance, simulator: SimulatorControls): void {
  app.setErrorHandler((error, _request, reply) => {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return reply.code(400).send({ message });
  });
  app.get('/counts', () => simulator.counts());
  app.get('/requests', ({ query }) => newest(simulator.requests(), listQuery.parse(query).limit));
  app.get('/violations', ({ query }) => newest(simulator.violations(), listQuery.parse(query).limit));
  app.get('/profiles', ({ query }) => {
    const { limit, ...named } = userQuery.parse(query);
    const user = userIn(named);
    if (user === undefined) return newest(simulator.profiles(), limit);
    return [simulator.profile(user)].filter((profile) => profile !== undefined);
  });
  app.get<{ Params: { externalId: string } }>('/profiles/:externalId', ({ params }, reply) => {
    const profile = simulator.profile(params.externalId);
    return profile ?? notFound(reply, `No profile has the external_id '${params.externalId}'.`);
  });
  app.get('/events', ({ query }) => {
    const { limit, ...named } = userQuery.parse(query);
    const user = userIn(named);
    return newest(user === undefined ? simulator.acceptedEvents() : simulator.eventsOf(user), limit);
  });
  app.get('/purchases', ({ query }) => {
    const { limit, ...named } = userQuery.parse(query);
    const user = userIn(named);
    return newest(user === undefined ? simulator.acceptedPurchases() : simulator.purchasesOf(user), limit);
  });

  app.post('/faults', ({ body }, reply) => {
    const order = faultOrder.parse(body);
    if ('rate' in order) simulator.failAtRandom(order);
    else simulator.failNext(order.fault, order.times);
    return reply.code(204).send();
  });
  app.delete('/faults', (_request, reply) => {
    simulator.clearFaults();
    return reply.code(204).send();
  });
  app.post('/release', (_request, reply) => {
    simulator.release();
    return reply.code(204).send();
  });
  app.delete<{ Params: { key: string } }>('/keys/:key', ({ params }, reply) => {
    simulator.revokeKey(params.key);
    return reply.code(204).send();
  });
  app.put<{ Params: { key: string } }>('/keys/:key', ({ params }, reply) => {
    simulator.restoreKey(params.key);
    return reply.code(204).send();
  });
  app.delete('/', (_request, reply) => {
    simulator.reset();
    return reply.code(204).send();
  });
}

export function newest<T>(list: readonly T[], limit: number): readonly T[] {
  return list.slice(-limit);
}

function userIn({ user, braze_id, email, phone, alias_name, alias_label }: Omit<z.infer<typeof userQuery>, 'limit'>) {
  let reference: UserReference | undefined = user;
  if (braze_id !== undefined) reference = { kind: 'braze_id', value: braze_id };
  if (email !== undefined) reference = { kind: 'email', value: email };
  if (phone !== undefined) reference = { kind: 'phone', value: phone };
  if (alias_name !== undefined && alias_label !== undefined) {
    reference = { kind: 'user_alias', name: alias_name, label: alias_label };
  }
  return reference;
}

function notFound(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(404).send({ message });
}
