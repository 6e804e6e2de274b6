/**
 * `npm run test:long`: the variants of the tests that take longer than `npm test` may. Every part runs even when an
 * earlier one failed; the closing line is `N passed, N failed`. `npm run test:long -- --only fuzz,fire` runs some of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Counts = { readonly passed: number; readonly failed: number };

/** Test files with the variables that make them long. */
type Part = {
  readonly name: string;
  readonly what: string;
  readonly config: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const PARTS: readonly Part[] = [
  {
    name: 'fuzz',
    what: 'a million damaged messages over parser, transactions and dialogs, a fifth of it over streams and control port',
    config: 'vitest.config.ts',
    files: ['src/sip/fuzz.test.ts', 'src/sip/transport/stream-fuzz.test.ts', 'src/sip/control/control-fuzz.test.ts'],
    env: { BRUSIO_FUZZ_INPUTS: '1000000' },
  },
  {
    name: 'fire',
    what: 'a hundred thousand seeds of calls under loss, duplication, delay and reordering',
    config: 'vitest.config.ts',
    files: ['src/sip/core-under-fire.test.ts'],
    env: { BRUSIO_FIRE_SEEDS: '100000' },
  },
  {
    name: 'loss',
    what: 'a thousand calls through the whole program over a network that loses 5 %',
    config: 'sip-test/vitest.config.ts',
    files: ['sip-test/loss.test.ts'],
    env: { BRUSIO_LOSS_CALLS: '1000' },
  },
  {
    name: 'media',
    what: 'a minute of malformed RTP, RTCP and STUN on every port of calls that are ambience, agent, hold and resume',
    config: 'sip-test/vitest.config.ts',
    files: ['sip-test/one-stream.test.ts'],
    env: { BRUSIO_MALFORMED_MEDIA_MS: '60000' },
  },
  {
    name: 'races',
    what: 'ten thousand calls of four processes racing for the same numbers and campaigns on one PostgreSQL',
    config: 'vitest.config.ts',
    files: ['src/store/rulings/rulings-race.test.ts'],
    env: { BRUSIO_RACE_CALLS: '10000' },
  },
  {
    name: 'recount',
    what: 'a year of calls put before the rules on either database, some outcomes days late, every ruling made again by other code',
    config: 'vitest.config.ts',
    files: ['scripts/recount/budget/budgets.test.ts'],
    env: { BRUSIO_RECOUNT_DAYS: '372' },
  },
  {
    name: 'chaos',
    what: 'thirty times kill -9 under load ("npm run chaos" has more)',
    config: 'sip-test/vitest.config.ts',
    files: ['sip-test/chaos.test.ts'],
    env: { BRUSIO_CHAOS_KILLS: '30' },
  },
];

const names = PARTS.map(({ name }) => name);
const at = process.argv.indexOf('--only');
const wanted = at === -1 ? names : (process.argv[at + 1] ?? '').split(',');
const unknown = wanted.filter((name) => !names.includes(name));
const scratch = mkdtempSync(join(tmpdir(), 'brusio-test-long-'));

function run({ name, what, config, files, env }: Part): Counts {
  const started = new Date();
  process.stdout.write(`\n── ${name}: ${what} (started ${started.toISOString()})\n`);
  const report = join(scratch, `${name}.json`);
  const args = [
    'run',
    '--config',
    config,
    ...files,
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env: { ...process.env, ...env } });
  process.stdout.write(`── ${name}: ${Math.round((Date.now() - started.getTime()) / 1_000)} s\n`);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
    const failed = result.numFailedTests === 0 && status !== 0 ? 1 : result.numFailedTests;
    return { passed: result.numPassedTests, failed };
  } catch {
    process.stdout.write(`FAILED: ${name} gave no report\n`);
    return { passed: 0, failed: 1 };
  }
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write('usage: npm run test:long -- [--only LIST]\n\n');
  for (const { name, what } of PARTS) process.stdout.write(`  ${name.padEnd(9)}${what}\n`);
} else if (unknown.length > 0) {
  process.stdout.write(`no such part: ${unknown.join(', ')}; there are ${names.join(', ')}\n`);
  process.exitCode = 64;
} else {
  const results = PARTS.filter(({ name }) => wanted.includes(name)).map(run);
  const passed = results.reduce((sum, one) => sum + one.passed, 0);
  const failed = results.reduce((sum, one) => sum + one.failed, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
rmSync(scratch, { recursive: true, force: true });
