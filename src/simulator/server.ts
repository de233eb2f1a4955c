/** The HTTP server: Braze's two paths, and the simulator's own below a prefix that Braze does not have. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import { type Answer, jsonAnswer, sendAnswer } from './answers.ts';

/** A server that listens. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  /** Stops, and ends all connections. */
  close(): Promise<void>;
}

/** Where the simulator answers for itself. */
export const questionsPrefix = '/_simulator';

/**
 * Listens on 127.0.0.1.
 *
 * @param port 0 takes a free one
 * @param routes answers to a POST, by path
 * @param questions adds the routes below the prefix
 */
export async function startServer(
  port: number,
  routes: Readonly<Record<string, (incoming: IncomingMessage, response: ServerResponse) => Promise<void>>>,
  questions: (app: FastifyInstance) => void,
): Promise<Server> {
  const app = fastify({
    forceCloseConnections: true,
    // A path that is no valid URL has no hooks.
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      sendAnswer(reply.raw, notFound());
    },
  });
  // The order in which a request is judged is Braze's, not the framework's: it is taken over before anything else.
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const [path] = request.url.split('?');
    if (path === questionsPrefix || path?.startsWith(`${questionsPrefix}/`)) {
      done();
      return;
    }
    reply.hijack();
    const route = raw.method === 'POST' && path !== undefined && Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route !== undefined) void route(raw, reply.raw);
    else sendAnswer(reply.raw, notFound(path));
  });
  await app.register(
    (scope, _options, done) => {
      questions(scope);
      done();
    },
    { prefix: questionsPrefix },
  );
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}

/** Braze lists a slash at the end among the causes of a 403 (https://www.braze.com/docs/api/errors). */
function notFound(path?: string): Answer {
  if (path === '/users/track/') return jsonAnswer(403, { message: 'Forbidden' });
  return jsonAnswer(404, { message: 'Not Found' });
}
