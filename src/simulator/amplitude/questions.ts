/** The Amplitude simulator's own HTTP interface: what it took, as JSON, and the faults to come. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultOrder, listQuery, newest } from '../questions.ts';
import type { AmplitudeControls } from './simulator.ts';

/** Adds the routes to what stands below the prefix. */
export function amplitudeQuestions(app: FastifyInstance, simulator: AmplitudeControls): void {
  app.setErrorHandler((error, _request, reply) => {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return reply.code(400).send({ message });
  });
  app.get('/counts', () => simulator.counts());
  app.get('/events', ({ query }) => newest(simulator.events(), listQuery.parse(query).limit));
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
  app.delete('/', (_request, reply) => {
    simulator.reset();
    return reply.code(204).send();
  });
}
