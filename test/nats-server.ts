/** Runs before all tests: starts the nats-server that they share, each with streams of its own, at `inject('natsUrl')`. */
import type { TestProject } from 'vitest/node';
import { findNatsServer } from '../src/nats/find-server.ts';
import { startNatsServer } from '../src/nats/start-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a nats-server with JetStream. */
    natsUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = await findNatsServer({ onProgress: console.log });
  const server = await startNatsServer({ binary });
  project.provide('natsUrl', server.url);
  return () => server.stop();
}
