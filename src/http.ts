import { fastify } from 'fastify';
import type { Engine } from './engine.ts';
import { messageOf, UnreachableError } from './core/errors.ts';
import type { Metrics } from './metrics.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly engine: Pick<Engine, 'ready' | 'health'>;
  readonly metrics: Metrics;
}

/** Serves `/livez`, `/readyz` and `/metrics` until it is closed. Answers with its address. */
export async function serveHttp({ host, port, engine, metrics }: HttpOptions): Promise<HttpServer> {
  const server = fastify();
  server.get('/livez', () => ({ live: true }));
  server.get('/readyz', (_, reply) =>
    reply.status(engine.ready ? 200 : 503).send({ ready: engine.ready, syncs: engine.health }),
  );
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  try {
    const url = await server.listen({ host, port });
    return { url, close: () => server.close() };
  } catch (error) {
    throw new UnreachableError(
      `cannot serve health and metrics on ${host}:${port}: ${messageOf(error)}; set SLUICE_HTTP_PORT to another port`,
      { cause: error },
    );
  }
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}
