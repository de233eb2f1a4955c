import { Counter, Gauge, type Registry } from 'prom-client';

/** What the gateway counts. No label holds a key, a user or an event's type. */
export interface GatewayMetrics {
  answered(endpoint: string, status: number): void;
  stored(endpoint: string, events: number): void;
}

/** Counts into a registry. @param bytes how many bytes of requests are held now */
export function countGateway(registry: Registry, bytes: () => number): GatewayMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'sluice_gateway_requests_total',
    help: 'Requests by endpoint and status of the answer.',
    labelNames: ['endpoint', 'status'],
    registers,
  });
  const events = new Counter({
    name: 'sluice_gateway_events_total',
    help: 'Events that the stream has stored, or knew already, before they were answered with 200.',
    labelNames: ['endpoint'],
    registers,
  });
  void new Gauge({
    name: 'sluice_gateway_bytes_in_flight',
    help: 'Bytes of requests that are not answered yet.',
    registers,
    collect() {
      this.set(bytes());
    },
  });
  return {
    answered: (endpoint, status) => requests.inc({ endpoint, status }),
    stored: (endpoint, count) => events.inc({ endpoint }, count),
  };
}
