import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test/istiod',
    include: ['**/*.test.ts'],
    globalSetup: ['test/istiod/support/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
