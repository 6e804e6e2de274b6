import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What only the embedded engine promises; a real drachtio-server answers whoever reaches it. */
const EMBEDDED_ONLY = ['sip-test/flood.test.ts', 'sip-test/sipvicious.test.ts', 'sip-test/transport.test.ts'];

const isEmbedded = (process.env.BRUSIO_DRACHTIO ?? '') === '';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['sip-test/**/*.test.ts'],
    exclude: isEmbedded ? [] : EMBEDDED_ONLY,
    setupFiles: [fileURLToPath(new URL('tell-failures.ts', import.meta.url))],
    globalSetup: [fileURLToPath(new URL('install-programs.ts', import.meta.url))],
    // One file after the other: the clock is the wall's, and two calls' worth of software on two cores is enough noise.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
