import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupRun } from '../../simulation/group.ts';
import { planOf } from '../../simulation/plan.ts';
import { scenarioSchema } from '../../simulation/scenario.ts';
import { checkScenario, commentedScenario, loadScenario } from './scenario-file.ts';
import { simulate } from './simulate.ts';
import { sweepOf, sweptScenario } from './sweep.ts';

let folder: string;
let out = '';
let problems = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brusio-simulate-'));
  out = '';
  problems = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    problems += text;
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  process.removeAllListeners('SIGINT');
  process.removeAllListeners('SIGTERM');
  await rm(folder, { recursive: true });
});

const NO_OPTIONS = { days: undefined, seed: undefined, jurisdiction: undefined };

describe('a scenario’s file', () => {
  it('that is printed is the defaults, each with its meaning', async () => {
    const path = join(folder, 'scenario.yaml');
    await writeFile(path, commentedScenario());
    expect(loadScenario(path, NO_OPTIONS)).toEqual(checkScenario({}));
    expect(commentedScenario()).toContain('# lines of the trunk\n      linesMax: 2000\n');
  });

  it('has every problem told at once, with its path', () => {
    const wrong = checkScenario({
      days: 0,
      campaigns: [
        { name: 'a', dialer: { overdail: 2, pacing: 'fast' }, answering: { person: 0.9, machine: 0.2 } },
        { name: 'a', handling: { talk: { normal: 3 } }, list: { first: 9_999_999, size: 2 } },
      ],
    });
    expect(wrong.ok ? [] : wrong.problem.map(({ path }) => path).sort()).toEqual([
      ...['campaigns[0].answering', 'campaigns[0].dialer.overdail', 'campaigns[0].dialer.pacing'],
      ...['campaigns[1].handling.talk', 'days'],
    ]);
    const foreign = checkScenario({ policy: { jurisdiction: 'gb', machineAnswered: 'B' } });
    expect(foreign.ok ? [] : foreign.problem.map(({ path }) => path)).toEqual(['campaigns[0].jurisdiction']);
    const alike = checkScenario({ campaigns: [{ name: 'a' }, { name: 'a', list: { first: 9_999_999, size: 2 } }] });
    expect(alike.ok ? [] : alike.problem.map(({ path }) => path)).toEqual([
      ...['campaigns[1].name', 'campaigns[1].list.size'],
    ]);
  });
});

describe('a sweep', () => {
  it('goes over a range or a list', () => {
    expect(sweepOf('overdial=1.0..2.0/0.25')).toEqual({
      ok: true,
      value: { name: 'overdial', values: [1, 1.25, 1.5, 1.75, 2] },
    });
    expect(sweepOf('overdial=1..1.3/0.1')).toMatchObject({ value: { values: [1, 1.1, 1.2, 1.3] } });
    expect(sweepOf('agents=5,20')).toMatchObject({ value: { values: [5, 20] } });
  });

  it.each(['speed=1..2/1', 'overdial=', 'overdial=2..1/0.1', 'overdial=1..2/0', 'overdial=1..2/0.001', 'agents=1,'])(
    'over %s is refused',
    (text) => {
      expect(sweepOf(text).ok).toBe(false);
    },
  );

  it('changes its one value in every campaign, and what comes of it is checked', () => {
    const scenario = scenarioSchema.parse({ campaigns: [{ name: 'a' }, { name: 'b' }] });
    const swept = checkScenario(sweptScenario(scenario, { name: 'agents', values: [] }, 7));
    expect(swept.ok && swept.value.campaigns.map(({ shifts }) => shifts[0]?.agents)).toEqual([7, 7]);
    expect(checkScenario(sweptScenario(scenario, { name: 'agents', values: [] }, 7.5)).ok).toBe(false);
  });
});

describe('brusio simulate', () => {
  it('tells the figures of its threads, as JSON and as files', async () => {
    const path = join(folder, 'scenario.yaml');
    const campaigns = [{ name: 'luce' }, { name: 'gas', controller: 'other' }];
    await writeFile(path, JSON.stringify({ campaigns }));
    expect(await simulate(['--scenario', path, '--days', '2', '--seed', '5', '--json', '--out', folder])).toBe(0);
    const result = JSON.parse(out);
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe(out);
    const scenario = scenarioSchema.parse({ days: 2, seed: 5, campaigns });
    expect(result.scenario).toEqual(scenario);
    for (const [index, plan] of planOf(scenario).entries()) {
      const run = createGroupRun(plan);
      while (run.day());
      run.finish();
      const [{ days }] = run.results() as [ReturnType<typeof run.results>[number]];
      const silent = days.map(({ counts }) => counts.silent);
      expect(result.campaigns[index].days.map((day: { silent: number }) => day.silent)).toEqual(silent);
    }
    const rows = (await readFile(join(folder, 'days.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
  });

  it('compares a sweep, and tells a limit that is passed by its exit code', async () => {
    expect(await simulate(['--days', '1', '--sweep', 'overdial=1,2'])).toBe(0);
    expect(out.split('\n')).toHaveLength(4);
    const path = join(folder, 'scenario.yaml');
    await writeFile(
      path,
      'policy: {rules: {abandonment-budget: observe}}\ncampaigns: [{dialer: {pacing: arrivals}}]\n',
    );
    expect(await simulate(['--scenario', path, '--days', '1'])).toBe(1);
    expect(out).toContain('breached');
  });

  it('complains of wrong usage and of a wrong scenario', async () => {
    expect(await simulate(['--sweep', 'speed=1,2'])).toBe(64);
    expect(await simulate(['--dyas', '3'])).toBe(64);
    expect(await simulate(['--days', '0'])).toBe(78);
    expect(problems).toContain('days: ');
    expect(await simulate(['--print-scenario'])).toBe(0);
    expect(out).toBe(commentedScenario());
  });
});
