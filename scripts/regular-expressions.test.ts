/** No regular expression that reads what the network sends may take more than linear time. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { processorMs } from '../src/sip/testing/growth.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A quadratic expression takes some 5 * 10^8 steps, half a second; a linear one well below a millisecond. */
const SIZE = 32_000;
const MS_MAX = 100;

/** Files whose expressions are only asked about texts up to a limit that the file itself holds. */
const BOUNDED: ReadonlyMap<string, number> = new Map([['src/signaling/digest.ts', 2_048]]);

type Found = { readonly where: string; readonly expression: RegExp };

function expressionsOf(path: string, text: string): Found[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const found: Found[] = [];
  const visit = (node: ts.Node) => {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      const literal = node.getText(source);
      const end = literal.lastIndexOf('/');
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push({
        where: `${path}:${line}`,
        expression: new RegExp(literal.slice(1, end), literal.slice(end + 1).replace('y', '')),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Texts that make a backtracking engine try again and again: what the expression may start with, then one unit, long. */
function attacks(expression: RegExp, size: number): string[] {
  const literals = expression.source.match(/[a-z0-9]{2,}/gi) ?? [];
  const units = [
    ' ',
    '\t',
    'a',
    '0',
    '9',
    'Z',
    ';',
    ',',
    ':',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    '@',
    '=',
    '/',
    '.',
    '-',
    '%',
  ];
  const pairs = [
    'a ',
    ' a',
    '; ',
    ' ;',
    ';a',
    'a=',
    '0.',
    'a.',
    'a-',
    ': ',
    ' :',
    '"a',
    '<a',
    '> ',
    '\r\n',
    '\r\n ',
    'a\r\n',
  ];
  const all = [...units, ...pairs, ...literals, ...literals.map((text) => `${text} `)];
  const starts = ['', 'SIP/2.0/UDP ', 'sip:', '"', '<', 'a', '1 '];
  return all.flatMap((unit) => {
    const long = unit.repeat(Math.ceil(size / unit.length));
    return starts.flatMap((start) => [`${start}${long}`, `${start}${long}\x01`]);
  });
}

/** Milliseconds of processor that the slowest attack takes; the least of three runs. */
function slowest(expression: RegExp, size = SIZE): number {
  let worst = 0;
  for (const text of attacks(expression, size)) {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3 && best > MS_MAX / 10; run++) {
      const startMs = processorMs();
      expression.lastIndex = 0;
      text.replace(expression, '');
      best = Math.min(best, processorMs() - startMs);
    }
    worst = Math.max(worst, best);
    if (worst > MS_MAX) break;
  }
  return worst;
}

describe('every regular expression of the engine, the signalling and the SDP', () => {
  it('takes linear time', () => {
    const files = globSync(['src/sip/**/*.ts', 'src/signaling/*.ts'], { cwd: ROOT }).filter(
      (path) => !path.endsWith('.test.ts') && !path.includes('testing/'),
    );
    const all = files.flatMap((path) => expressionsOf(path, readFileSync(`${ROOT}/${path}`, 'utf8')));
    expect(all.length).toBeGreaterThan(60);
    const slow = all.filter(
      ({ where, expression }) => slowest(expression, BOUNDED.get(where.split(':')[0] as string) ?? SIZE) > MS_MAX,
    );
    expect(slow.map(({ where, expression }) => `${where}: ${expression}`)).toEqual([]);
  }, 300_000);

  it('is told from a quadratic one', () => {
    const [planted] = expressionsOf('planted.ts', 'const lines = /(a\\s*)+$/.test(text); const b = 1 / 2 / 3;');
    expect(planted?.where).toBe('planted.ts:1');
    expect(slowest(/\s+$/)).toBeGreaterThan(MS_MAX);
  });
});
