/**
 * `npm test`: everything that must hold, and a closing line `N passed, N failed`. What one thread checks goes two at a time,
 * the suites, which use every core themselves, one after the other. Every step runs even when an earlier one failed, so that
 * one run tells all.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setup as installPrograms } from '../sip-test/install-programs.ts';

type Counts = { readonly passed: number; readonly failed: number };

const scratch = mkdtempSync(join(tmpdir(), 'brusio-check-'));

/** What failed, told once more at the end: of a long log often the end alone is read. */
const failures: string[] = [];

/** Of a test's report, the part that is told. */
type TestReport = { readonly status: string; readonly fullName: string; readonly failureMessages?: readonly string[] };

/** A program whose exit code is one verdict; what it wrote is told when it has ended, so that no two are mixed. */
async function verdict(name: string, command: string, args: readonly string[]): Promise<Counts> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const isOk = await new Promise<boolean>((resolve) => {
    child.once('error', (problem) => {
      said += `${command}: ${problem.message}\n`;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  process.stdout.write(`\n── ${name}\n${said}${isOk ? 'ok' : 'FAILED'}: ${name}\n`);
  if (!isOk) failures.push(name);
  return isOk ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Of steps of one thread each, as many go at once as the smallest machine of CI has cores. */
const AT_ONCE = 2;

async function verdicts(steps: readonly (readonly [name: string, command: string, args: readonly string[]])[]) {
  const waiting = steps.values();
  const counts: Counts[] = [];
  const lane = async () => {
    for (const [name, command, args] of waiting) counts.push(await verdict(name, command, args));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return counts;
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
      testResults: { name: string; status: string; message: string; assertionResults: TestReport[] }[];
    };
    const unloaded = testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
    );
    for (const { name: file, message } of unloaded) failures.push(`${relative('.', file)}: ${message}`);
    for (const { name: file, assertionResults } of testResults)
      for (const { status: result, fullName, failureMessages = [] } of assertionResults)
        if (result === 'failed') failures.push(`${relative('.', file)}: ${fullName}: ${failureMessages[0] ?? ''}`);
    if (numPendingTests > 0) process.stdout.write(`FAILED: ${numPendingTests} tests were skipped\n`);
    const failed = numFailedTests + unloaded.length + numPendingTests;
    return { passed: numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
  } catch {
    process.stdout.write(`FAILED: ${name} gave no report\n`);
    failures.push(`${name}: no report`);
    return { passed: 0, failed: 1 };
  }
}

try {
  installPrograms();
} catch (problem) {
  // The tests that need them say it again.
  process.stdout.write(`${problem}\n`);
}
const results = [
  // The longest first: else the last of them runs on alone.
  ...(await verdicts([
    ['the ambience is what the code makes', 'node', ['src/main.ts', 'make-ambience', '--check']],
    ['types', 'tsc', ['-p', '.']],
    ['build', 'tsc', ['-p', 'tsconfig.build.json', '--outDir', join(scratch, 'dist')]],
    ['unused code and dependencies', 'knip', []],
    ['lint and format', 'biome', ['check', '--error-on-warnings', '.']],
    ["types of the dashboard's page", 'tsc', ['-p', 'tsconfig.dashboard.json']],
  ])),
  tests('unit tests', 'vitest.config.ts'),
  tests('SIPp scenarios', 'sip-test/vitest.config.ts'),
];
rmSync(scratch, { recursive: true, force: true });

const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
for (const failure of failures) process.stdout.write(`FAILED: ${failure.split('\n', 3).join(' | ').slice(0, 500)}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
