import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One nats-server serves the whole run; a test makes a stream of its own in it.
    globalSetup: ['test/nats-server.ts'],
    // One fewer than cores by default, which is one on two. Most tests wait for processes and answers, not for a core.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
