import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    // A real API server is needed there; it has a command of its own.
    exclude: ['test/cluster/**'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Programs that the contract tests start wait for a processor, not for each other.
    maxConcurrency: 4,
  },
});
