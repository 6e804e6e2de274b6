import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    // One file a process: some suites start worker threads and sockets of their own.
    pool: 'forks',
    maxWorkers: 2,
    // For a machine that does other things too: what hangs is told some time later, what is slow is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
