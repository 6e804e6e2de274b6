/** `brusio simulate`: a year of calls before one is dialled. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { elapsedMs, systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Scenario } from '../../simulation/scenario.ts';
import { complaint, EX_CONFIG, EX_USAGE } from '../settings-argument.ts';
import { stopRequest } from '../stop-request.ts';
import { runScenarios, type SimulatedScenario, type SimulationProgress } from './run-scenarios.ts';
import { checkScenario, commentedScenario, loadScenario } from './scenario-file.ts';
import { SWEPT_NAMES, type Sweep, sweepOf, sweptScenario } from './sweep.ts';
import { count, periodsCsv, scenarioText, sweepCsv, sweepText } from './tables.ts';

const USAGE = `usage: brusio simulate [--scenario FILE] [options]
       brusio simulate --print-scenario

Runs a year of calls through the rules of law as Brusio applies them, on a clock of its own: P of every window and day with its
verdict, refusals by rule, locks, agents' time and waits. No call is placed, and no database is touched but that of --rows.

  --scenario FILE      what is simulated, YAML; without it the defaults, one campaign with 20 agents
  --print-scenario     a scenario with everything that may stand in it, and what it means
  --days N             local days, 365
  --seed N             of chance: the same seed gives the same figures
  --jurisdiction NAME  whose rules hold
  --sweep NAME=RANGE   the same scenario with one value in several sizes, compared: overdial=1.0..2.0/0.1, agents=10,20,30;
                       over ${SWEPT_NAMES.join(', ')}
  --out FOLDER         writes result.json, windows.csv, days.csv (or sweep.csv) there
  --rows FOLDER        writes the calls into a new database there, as a Brusio would have (some 4 kB a call), and brusio.yaml beside
                       it: "brusio report --config FOLDER/brusio.yaml" and its like show it. Not with --sweep
  --json               the result as JSON, on standard output
  --help               this text

How far it is stands on standard error. Ctrl-C ends it after the days that are under way, with what was done.
Exit status: 0 no limit is passed; 1 one is passed in some window or day, or it could not be done; 64 wrong usage; 78 a wrong scenario.
docs/simulate.md has an example.
`;

const ROWS_OF_A_SWEEP = '--rows goes with one simulation, not with a sweep';

/** Between two lines that tell how far it is, ms. */
const PROGRESS_MS = 2_000;

/** The exit code. */
export async function simulate(argv: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = optionsOf(argv);
  } catch (thrown) {
    process.stderr.write(`brusio simulate: ${describeError(thrown)}\n\n${USAGE}`);
    return EX_USAGE;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options['print-scenario']) {
    process.stdout.write(commentedScenario());
    return 0;
  }
  const sweep = options.sweep === undefined ? null : sweepOf(options.sweep);
  const problem =
    sweep?.ok === false ? sweep.problem : options.rows !== undefined && sweep !== null ? ROWS_OF_A_SWEEP : null;
  if (problem !== null || sweep?.ok === false) {
    process.stderr.write(`brusio simulate: ${problem}\n\n${USAGE}`);
    return EX_USAGE;
  }
  const loaded = loadScenario(options.scenario ?? null, options);
  const scenarios = !loaded.ok
    ? [loaded]
    : sweep === null
      ? [loaded]
      : sweep.value.values.map((value) => checkScenario(sweptScenario(loaded.value, sweep.value, value)));
  const problems = scenarios.flatMap((one) => (one.ok ? [] : one.problem));
  if (problems.length > 0) {
    process.stderr.write(complaint(options.scenario ?? 'the scenario', problems));
    return EX_CONFIG;
  }
  try {
    const runs = await runTold(
      scenarios.flatMap((one) => (one.ok ? [one.value] : [])),
      options.rows ?? null,
    );
    if (sweep === null) tellRun(runs[0] as SimulatedScenario, options);
    else tellSweep(sweep.value, runs, options);
    return sweep === null && runs.some(hasBreach) ? 1 : 0;
  } catch (thrown) {
    process.stderr.write(`brusio simulate: ${describeError(thrown)}\n`);
    return 1;
  }
}

type Options = ReturnType<typeof optionsOf>;

function optionsOf(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ scenario: text, days: text, seed: text, jurisdiction: text, sweep: text, out: text, rows: text },
      ...{ json: flag, 'print-scenario': flag, help: { ...flag, short: 'h' } },
    },
  });
  return { ...values, days: values.days, seed: values.seed, jurisdiction: values.jurisdiction };
}

/**
 * Runs them, telling how far it is, until Ctrl-C.
 *
 * @param folder where the rows of the one scenario go; null: nowhere
 */
async function runTold(scenarios: readonly Scenario[], folder: string | null): Promise<readonly SimulatedScenario[]> {
  const stop = new SharedArrayBuffer(4);
  void stopRequest().then(() => {
    process.stderr.write('ending after the days that are under way\n');
    Atomics.store(new Int32Array(stop), 0, 1);
  });
  const started = systemClock.monotonicMs();
  let toldAt: number = started;
  const onProgress = ({ days, ofDays, invites }: SimulationProgress): void => {
    const now = systemClock.monotonicMs();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    process.stderr.write(`${count(days)} of ${count(ofDays)} days, ${count(invites)} calls\n`);
  };
  const [only] = scenarios;
  const runs =
    folder === null || only === undefined
      ? await runScenarios(scenarios, stop, onProgress)
      : [await (await import('./rows/write-rows.ts')).writeRows(only, { folder, stop, onProgress })];
  const seconds = elapsedMs(started, systemClock.monotonicMs()) / 1_000;
  const invites = runs.reduce((sum, run) => sum + run.invites, 0);
  const cpuS = runs.reduce((sum, run) => sum + run.cpuMs, 0) / 1_000;
  process.stderr.write(`${count(invites)} calls in ${seconds.toFixed(1)} s, ${cpuS.toFixed(1)} s of CPU\n`);
  return runs;
}

function tellRun(run: SimulatedScenario, { json, out }: Options): void {
  const { scenario, campaigns, days, invites } = run;
  const result = `${JSON.stringify({ scenario, days, invites, campaigns }, null, 2)}\n`;
  if (out !== undefined) {
    writeFiles(out, {
      'result.json': result,
      'windows.csv': periodsCsv(campaigns, 'windows'),
      'days.csv': periodsCsv(campaigns, 'days'),
    });
  }
  process.stdout.write(json ? result : scenarioText(run));
}

function tellSweep(sweep: Sweep, runs: readonly SimulatedScenario[], { json, out }: Options): void {
  const points = sweep.values.flatMap((value, index) => {
    const run = runs[index];
    return run === undefined ? [] : [{ value, run }];
  });
  const result = `${JSON.stringify(
    points.map(({ value, run: { scenario, days, invites, campaigns } }) => ({
      ...{ [sweep.name]: value, scenario, days, invites },
      campaigns: campaigns.map(({ days: _, ...campaign }) => campaign),
    })),
    null,
    2,
  )}\n`;
  if (out !== undefined) writeFiles(out, { 'result.json': result, 'sweep.csv': sweepCsv(sweep, points) });
  process.stdout.write(json ? result : sweepText(sweep, points));
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function hasBreach({ campaigns }: SimulatedScenario): boolean {
  return campaigns.some(({ windows, days }) => [...windows, ...days].some(({ verdict }) => verdict === 'breached'));
}
