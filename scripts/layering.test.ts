import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  forbidden: object[];
  options: ICruiseOptions;
};

/** The rules over `src` of a folder. */
async function violations(baseDir: string): Promise<{ modules: number; found: string[] }> {
  const { output } = await cruise(['src'], {
    ...options,
    ruleSet: { forbidden, options } as never,
    validate: true,
    baseDir,
  });
  const result = output as ICruiseResult;
  return {
    modules: result.modules.filter((module) => module.source.startsWith('src/')).length,
    found: result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
  };
}

describe('the layering', () => {
  it('holds in src/', async () => {
    const { modules, found } = await violations(ROOT);
    // A cruiser that cannot read TypeScript reads nothing and finds nothing.
    expect(modules).toBeGreaterThan(80);
    expect(found).toEqual([]);
  }, 60_000);

  it('catches planted violations', async () => {
    const { found } = await violations(fileURLToPath(new URL('fixtures/layering', import.meta.url)));
    expect(found.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'core-and-guard-do-no-io',
      'core-is-pure',
      'store-is-an-edge',
    ]);
  });
});
