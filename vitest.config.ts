import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One nats-server serves the whole run; a test makes a stream of its own in it.
    globalSetup: ['test/nats-server.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
