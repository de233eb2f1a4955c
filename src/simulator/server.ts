/** The HTTP server: the paths of what is simulated, and the simulator's own below a prefix that it does not have. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import { type Answer, sendAnswer } from './answers.ts';

/** A server that listens. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  /** Stops, and ends all connections. */
  close(): Promise<void>;
}

/** Where the simulator answers for itself. */
export const questionsPrefix = '/_simulator';

/** What a server serves. */
export interface Served {
  /** 0 takes a free one. */
  readonly port: number;
  /** What answers a POST, by its path. */
  readonly posts: ReadonlyMap<string, (incoming: IncomingMessage, response: ServerResponse) => Promise<void>>;
  /** The answer for any other path, undefined for one that is no valid URL. */
  readonly notFound: (path?: string) => Answer;
  /** Adds the routes below the prefix. */
  readonly questions: (app: FastifyInstance) => void;
}

/** Listens on 127.0.0.1. */
export async function startServer({ port, posts, notFound, questions }: Served): Promise<Server> {
  const app = fastify({
    forceCloseConnections: true,
    // A path that is no valid URL has no hooks.
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      sendAnswer(reply.raw, notFound());
    },
  });
  // The order in which a request is judged is the other side's, not the framework's: it is taken over before anything else.
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const [path] = request.url.split('?');
    if (path === questionsPrefix || path?.startsWith(`${questionsPrefix}/`)) {
      done();
      return;
    }
    reply.hijack();
    const post = raw.method === 'POST' ? posts.get(path ?? '') : undefined;
    if (post === undefined) sendAnswer(reply.raw, notFound(path));
    else void post(raw, reply.raw);
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
