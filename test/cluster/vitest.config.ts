import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test/cluster',
    include: ['**/*.test.ts'],
    globalSetup: ['test/cluster/support/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Each file has an API server of its own.
    fileParallelism: false,
  },
});
