import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../scripts/longest-first.ts';

/** What only the embedded engine promises; a real drachtio-server answers whoever reaches it. */
const EMBEDDED_ONLY = ['flood', 'ipv6', 'sipvicious', 'transport'].map((name) => `sip-test/${name}.test.ts`);

/** Those that take the longest. */
const LONGEST_FIRST = ['chaos', 'rtpengine', 'user-agents', 'hold', 'fork', 'session-timer'];

const isEmbedded = (process.env.BRUSIO_DRACHTIO ?? '') === '';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['sip-test/**/*.test.ts'],
    exclude: isEmbedded ? [] : EMBEDDED_ONLY,
    setupFiles: [fileURLToPath(new URL('tell-failures.ts', import.meta.url))],
    globalSetup: [fileURLToPath(new URL('install-programs.ts', import.meta.url))],
    // A process for each file, with addresses of its own (`engine-under-test.ts`). They wait most of the time: three at once
    // keep two cores half busy. A real drachtio-server is one for all of them.
    pool: 'forks',
    maxWorkers: isEmbedded ? 3 : 1,
    sequence: { sequencer: longestFirst(LONGEST_FIRST) },
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
