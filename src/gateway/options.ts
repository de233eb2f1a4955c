import type { NatsConnection } from '@nats-io/transport-node';
import type { Registry } from 'prom-client';
import type { Log } from '../log.ts';
import type { StreamSettings } from './ensure-stream.ts';
import type { Layout } from './layout.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Amplitude API keys, each with the stream of its project. */
  readonly keys: ReadonlyMap<string, string>;
  /** Braze Currents is taken in when this is given. */
  readonly currents?: { readonly token: string; readonly stream: string } | undefined;
  readonly partitions: number;
  readonly layout: Layout;
  /** How streams are made that are not there. */
  readonly streams: StreamSettings;
  /** Of all requests that are under way. */
  readonly maxBytes: number;
  /** Whether `X-Forwarded-For` says where a request comes from. */
  readonly trustProxy: boolean;
  readonly timeouts?: Partial<GatewayTimeouts>;
  readonly connection: NatsConnection;
  readonly log: Log;
  readonly registry?: Registry;
}

/** In milliseconds. */
export interface GatewayTimeouts {
  /** Until the headers of a request are there. */
  readonly headers: number;
  /** Until a request is there as a whole. */
  readonly request: number;
  /** Until the stream has stored it. */
  readonly store: number;
}
