/**
 * `npm test`: everything that must hold, one step after the other, and a closing line `N passed, N failed`.
 * Every step runs even when an earlier one failed, so that one run tells all.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Counts = { readonly passed: number; readonly failed: number };

const scratch = mkdtempSync(join(tmpdir(), 'brusio-check-'));

/** A program whose exit code is one verdict. */
function verdict(name: string, command: string, args: readonly string[]): Counts {
  process.stdout.write(`\n── ${name}\n`);
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) process.stdout.write(`${command}: ${error.message}\n`);
  process.stdout.write(status === 0 ? `ok: ${name}\n` : `FAILED: ${name}\n`);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A vitest run, whose tests are counted one by one; a suite that could not be loaded is a failure too. */
function tests(name: string, config: string): Counts {
  process.stdout.write(`\n── ${name}\n`);
  const report = join(scratch, `${name.replaceAll(/\W+/g, '-')}.json`);
  const args = ['run', '--config', config, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync('vitest', args, { stdio: 'inherit' });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      testResults: { status: string; assertionResults: unknown[] }[];
    };
    const unloaded = testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    ).length;
    if (numPendingTests > 0) process.stdout.write(`FAILED: ${numPendingTests} tests were skipped\n`);
    const failed = numFailedTests + unloaded + numPendingTests;
    return { passed: numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
  } catch {
    process.stdout.write(`FAILED: ${name} gave no report\n`);
    return { passed: 0, failed: 1 };
  }
}

const results = [
  verdict('types', 'tsc', ['-p', '.']),
  verdict('lint and format', 'biome', ['check', '--error-on-warnings', '.']),
  verdict('unused code and dependencies', 'knip', []),
  verdict('build', 'tsc', ['-p', 'tsconfig.build.json', '--outDir', join(scratch, 'dist')]),
  verdict('the ambience is what the code makes', 'node', ['src/main.ts', 'make-ambience', '--check']),
  tests('unit tests', 'vitest.config.ts'),
  tests('SIPp scenarios', 'sip-test/vitest.config.ts'),
];
rmSync(scratch, { recursive: true, force: true });

const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
