import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    // One file a process: some suites start worker threads and sockets of their own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
