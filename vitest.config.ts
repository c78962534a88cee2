import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    // A real API server, a real Prometheus and istiod's own code are needed there; each has a command of its own.
    exclude: ['test/cluster/**', 'test/prometheus/**', 'test/istiod/**'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Programs that the contract tests start wait for a processor, not for each other.
    maxConcurrency: 4,
  },
});
