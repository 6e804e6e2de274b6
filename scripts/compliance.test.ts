/** The compliance page names code and tests: what it names exists, where it says. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = globSync('docs/compliance/*.md', { cwd: ROOT });

type Page = { readonly path: string; readonly text: string };

/** `name` in [file](link), and every other link. */
function problemsOf({ path, text }: Page): readonly string[] {
  const at = (link: string) => join(ROOT, dirname(path), link.replace(/#.*/, ''));
  const links = [...text.matchAll(/\]\(([^)#][^)]*)\)/g)].map(([, link = '']) => link);
  const named = [...text.matchAll(/`([^`]+)` in \[[^\]]+\]\(([^)]+)\)/g)];
  return [
    ...links.filter((link) => !link.startsWith('http') && !existsSync(at(link))).map((link) => `no file ${link}`),
    ...named
      .filter(([, name = '', link = '']) => existsSync(at(link)) && !readFileSync(at(link), 'utf8').includes(name))
      .map(([, name, link]) => `no "${name}" in ${link}`),
  ];
}

describe('a compliance page', () => {
  it.each(PAGES)('%s names files, symbols and tests that exist', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    expect(problemsOf({ path, text })).toEqual([]);
    // Other countries' pages are shorter.
    expect(text.match(/` in \[/g)?.length).toBeGreaterThan(path.endsWith('italy.md') ? 40 : 10);
  });

  it('is really read', () => {
    const text =
      '`isWithin` in [a](../../src/policy/tally.ts), `isAbove` in [a](../../src/policy/tally.ts), [b](gone.md)';
    expect(problemsOf({ path: 'docs/compliance/planted.md', text })).toEqual([
      ...['no file gone.md', 'no "isAbove" in ../../src/policy/tally.ts'],
    ]);
  });
});
