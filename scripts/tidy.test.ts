/** Reads the source tree and fails on what no compiler catches: time and chance out of their room, unfinished work. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

type Ban = { readonly what: RegExp; readonly instead: string; readonly allowed: RegExp };

const BANS: readonly Ban[] = [
  {
    what: /\b(?:Date\.now\(|process\.hrtime|performance\.now\(|new Date\(\))/,
    instead: 'take the time from a Clock (src/base/clock.ts)',
    allowed: /^src\/base\/clock\.ts$/,
  },
  {
    what: /\b(?:setTimeout|setInterval)\(/,
    instead: 'set timers with a Clock (src/base/clock.ts)',
    allowed: /^src\/(?:base\/clock\.ts|media\/media-worker[\w-]*\.ts|cli\/demo[\w-]*\.ts)$/,
  },
  {
    what: /\bMath\.random\(/,
    instead: 'take chance from src/base/random.ts',
    allowed: /^$/,
  },
  {
    what: /\b(?:TODO|FIXME|X{3}|HA[C]K)\b/,
    instead: 'finish it, or write an issue',
    allowed: /^$/,
  },
];

/** `file:line: sentence` for every banned line. */
function offences(files: readonly { readonly path: string; readonly text: string }[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const code = line.replace(/\/\/.*$|^\s*\*.*$|\/\*\*.*$/, (comment) =>
        /TODO|FIXME|X{3}|HA[C]K/.test(comment) ? comment : '',
      );
      return BANS.filter((ban) => ban.what.test(code) && !ban.allowed.test(path)).map(
        (ban) => `${path}:${index + 1}: ${ban.instead}`,
      );
    }),
  );
}

describe('the source tree', () => {
  it('takes time and chance from base/, and leaves nothing unfinished', () => {
    const files = globSync('src/**/*.ts', { cwd: ROOT })
      .filter((path) => !path.endsWith('.test.ts') && !path.includes('testing/'))
      .map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, 'utf8') }));
    expect(files.length).toBeGreaterThan(80);
    expect(offences(files)).toEqual([]);
  });

  it('is really read', () => {
    const path = 'src/call/planted.ts';
    expect(
      offences([{ path, text: 'const a = 1;\nconst at = Date.now();\nsetTimeout(f, 1); // fine\n// TODO later' }]),
    ).toEqual([
      `${path}:2: take the time from a Clock (src/base/clock.ts)`,
      `${path}:3: set timers with a Clock (src/base/clock.ts)`,
      `${path}:4: finish it, or write an issue`,
    ]);
  });
});
