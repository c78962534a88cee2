import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test/prometheus',
    include: ['**/*.test.ts'],
    globalSetup: ['test/prometheus/support/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file has servers of its own.
    fileParallelism: false,
  },
});
