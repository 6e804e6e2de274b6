/** docs/sip-conformance.md says nothing that no test proves: every title it names is that of a test. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newCounters } from '../src/sip/counters.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENT = readFileSync(`${ROOT}/docs/sip-conformance.md`, 'utf8');

type Row = { readonly section: string; readonly what: string; readonly state: string; readonly proof: string };

const STATES = ['done', 'partly', 'not done'];

/** The rows of all tables that have a state. */
function rowsOf(document: string): Row[] {
  return document
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 6 && STATES.includes(cells[3] as string))
    .map(([, section = '', what = '', state = '', proof = '']) => ({ section, what, state, proof }));
}

const titlesIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, title]) => title as string);

/** Everything that stands where a test has its title. */
function testSources(): string {
  return globSync(['src/**/*.test.ts', 'scripts/**/*.test.ts', 'sip-test/**/*.test.ts'], { cwd: ROOT })
    .filter((path) => !path.endsWith('conformance.test.ts'))
    .map((path) => readFileSync(`${ROOT}/${path}`, 'utf8'))
    .join('\n')
    .replaceAll('\\u2019', '’')
    .replaceAll("\\'", "'");
}

const isTitle = (sources: string, title: string) =>
  ['"', "'", '`'].some((quote) => sources.includes(quote + title)) || sources.includes(`} ${title}\``);

describe('docs/sip-conformance.md', () => {
  const rows = rowsOf(DOCUMENT);
  const sources = testSources();

  it('names only tests that exist', () => {
    expect(rows.length).toBeGreaterThan(100);
    const unknown = rows.flatMap(({ section, proof }) =>
      titlesIn(proof)
        .filter((title) => !isTitle(sources, title))
        .map((title) => `${section}: ${title}`),
    );
    expect(unknown).toEqual([]);
  });

  it('calls nothing done without a test, and gives a reason where something is missing', () => {
    const unproven = rows.filter(({ state, proof }) => state === 'done' && titlesIn(proof).length === 0);
    const withoutReason = rows.filter(
      ({ state, proof }) => state !== 'done' && proof.replaceAll(/`[^`]*`|[·—\s]/g, '').length < 10,
    );
    expect({ unproven, withoutReason }).toEqual({ unproven: [], withoutReason: [] });
  });

  it('names every counter of a limit as the engine does', () => {
    const limits = DOCUMENT.slice(DOCUMENT.indexOf('## Limits'));
    const named = limits
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.length === 6)
      .flatMap((cells) => titlesIn(cells[4] ?? ''));
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !(name in newCounters()))).toEqual([]);
    const counted = Object.keys(newCounters()).filter((name) => name.endsWith('Limit'));
    expect(counted.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('would not believe in a test that nobody wrote', () => {
    const [row] = rowsOf('| 1 | planted | done | `a title of no test` |');
    expect(row).toMatchObject({ state: 'done' });
    expect(isTitle(sources, titlesIn(row?.proof ?? '')[0] ?? '')).toBe(false);
  });
});
