import cors from '@fastify/cors';
import { fastify, type FastifyInstance, type FastifyRequest, type onResponseHookHandler } from 'fastify';
import { Registry } from 'prom-client';
import { messageOf, UnreachableError } from '../core/errors.ts';
import { BodyBudget } from './body-budget.ts';
import { answerErrors } from './answer-errors.ts';
import { authorise, readCurrents } from './currents-endpoint.ts';
import { type Endpoint, receive, type Reception } from './endpoint.ts';
import { readEvents } from './events-endpoint.ts';
import { fieldsOf } from './form.ts';
import { readGroupIdentify, readIdentify } from './identify-endpoint.ts';
import { Link } from './link.ts';
import { countGateway } from './metrics.ts';
import { type Doors, openDoors } from './open-doors.ts';
import type { GatewayOptions, GatewayTimeouts } from './options.ts';
import { Slots } from './slots.ts';

/** A gateway that takes requests. */
export interface Gateway {
  /** Without a slash at its end. */
  readonly url: string;
  /** Whether it can store anything: without NATS it answers all requests with 503. */
  readonly ready: boolean;
  /** Takes no more requests and answers those that are under way, for so many milliseconds at most. */
  close(drainMs?: number): Promise<void>;
}

const defaultTimeouts: GatewayTimeouts = { headers: 10_000, request: 30_000, store: 5_000 };
const mebibyte = 1_024 * 1_024;
/** As many as Node has threads for it: more at once would take memory and be no faster. */
const maxUnpacking = 4;

/**
 * Serves Amplitude's HTTP API, and the receiving end of Braze Currents, in front of JetStream. Makes the streams that
 * are not there yet.
 *
 * @throws ConfigError, UnreachableError
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { connection, log, host, port } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const doors = await openDoors(options, timeouts.store);
  const budget = new BodyBudget(options.maxBytes);
  const metrics = countGateway(options.registry ?? new Registry(), () => budget.bytes);
  const link = new Link(connection);
  const reception: Reception = {
    connection,
    link,
    budget,
    unpacking: new Slots(maxUnpacking, timeouts.store),
    metrics,
  };
  const app = fastify({
    trustProxy: options.trustProxy,
    requestTimeout: timeouts.request,
    keepAliveTimeout: 65_000,
    http: {
      headersTimeout: Math.min(timeouts.headers, timeouts.request),
      // How exactly the two above are kept.
      connectionsCheckingInterval: Math.min(1_000, timeouts.headers),
    },
  });
  await app.register(cors, { origin: '*', methods: ['POST'], maxAge: 86_400 });
  // Bodies are read by us, within our budget, whatever their type: beacons of browsers say that they are plain text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  answerErrors(app, log);
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Else a connection that was in use when the stop began would stay open, with nothing more to come.
    if (closing) reply.header('connection', 'close');
    done();
  });
  for (const endpoint of endpointsOf(doors)) {
    const onResponse: onResponseHookHandler = (_request, reply, done) => {
      metrics.answered(endpoint.path, reply.statusCode);
      done();
    };
    app.post(endpoint.path, { onResponse }, (request, reply) => receive(endpoint, reception, request, reply));
  }
  try {
    const url = await app.listen({ host, port });
    return {
      url,
      get ready() {
        return link.up;
      },
      close: (drainMs) => close(app, drainMs),
    };
  } catch (error) {
    const message = `the gateway cannot listen on ${host}:${port}: ${messageOf(error)}; set SLUICE_GATEWAY_PORT to another`;
    throw new UnreachableError(message, { cause: error });
  }
}

function endpointsOf({ projects, currents }: Doors): readonly Endpoint[] {
  const endpoints: Endpoint[] = [
    { path: '/2/httpapi', maxBytes: mebibyte, read: (body, request) => readEvents(body, factsOf(request), projects) },
    { path: '/batch', maxBytes: 20 * mebibyte, read: (body, request) => readEvents(body, factsOf(request), projects) },
    {
      path: '/identify',
      maxBytes: mebibyte,
      read: async (body, request) => readIdentify(await fieldsOf(body, request), factsOf(request), projects),
    },
    {
      path: '/groupidentify',
      maxBytes: mebibyte,
      read: async (body, request) => readGroupIdentify(await fieldsOf(body, request), factsOf(request), projects),
    },
  ];
  if (currents !== undefined) {
    endpoints.push({
      path: '/currents',
      // Far above any one event, which has 900 KB at most: Braze splits what is refused for its size.
      maxBytes: 20 * mebibyte,
      authorise: ({ headers }) => authorise(headers.authorization, currents.token),
      read: (body) => readCurrents(body, currents),
      resendsAll: true,
    });
  }
  return endpoints;
}

function factsOf({ ip }: FastifyRequest): { readonly receivedAt: number; readonly address: string } {
  return { receivedAt: Date.now(), address: ip };
}

async function close(app: FastifyInstance, drainMs = 10_000): Promise<void> {
  const deadline = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await app.close().finally(() => clearTimeout(deadline));
}
