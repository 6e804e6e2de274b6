import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['sip-test/**/*.test.ts'],
    globalSetup: [fileURLToPath(new URL('install-programs.ts', import.meta.url))],
    // One file after the other: the clock is the wall's, and two calls' worth of software on two cores is enough noise.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
