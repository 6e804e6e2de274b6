import { defineConfig } from 'vitest/config';
import { longestFirst } from './scripts/longest-first.ts';

/** Twenty seconds and more each, on two busy cores. */
const LONGEST_FIRST = [
  ...['verify-ledger', 'screening', 'sqlite-store', 'docs', 'doctor', 'fuzz', 'shipped-clips', 'keep-reports'],
  ...['media-plane', 'recount', 'postgresql-store', 'core-under-fire', 'store-contract', 'app', 'layering'],
];

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    // One file a process: some suites start worker threads and sockets of their own.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: longestFirst(LONGEST_FIRST) },
    // For a machine that does other things too: what hangs is told some time later, what is slow is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
