import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkSettings } from '../src/config/load-settings.ts';
import { clipPicture, picturePath, shippedClips } from './ambience-page.ts';
import { SECTIONS, settingPaths, withSection } from './docs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}/${file}`, 'utf8');
const pages = readdirSync(`${ROOT}/docs`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));

describe('the documentation', () => {
  it.each(SECTIONS)('$file: $name is what the code says (npm run docs writes it)', ({ file, name, text }) => {
    const now = read(file);
    expect(now).toBe(withSection(now, name, text()));
  });

  it.each(shippedClips())('shows the clip $name as it is (npm run docs draws it)', (clip) => {
    expect(read(picturePath(clip)) === clipPicture(clip), `${picturePath(clip)} is of another clip`).toBe(true);
  });

  it('names only files that exist', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', 'sip-test/README.md', ...pages.map((name) => `docs/${name}`)]) {
      for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(() => read(join(dirname(file), target)), `${file} → ${target}`).not.toThrow();
      }
    }
  });
});

describe('a page for who sets Brusio up', () => {
  const guides = pages.filter((name) => name.startsWith('deploy-') || name === 'carriers-and-dialers.md');
  const blocks = guides.flatMap((name) =>
    [...read(`docs/${name}`).matchAll(/^```yaml\n(.*?)^```/gms)].map(
      ([, yaml = ''], index) => [name, index + 1, yaml] as const,
    ),
  );

  it.each(blocks)('%s: example %i is a settings file', (_name, _index, yaml) => {
    expect(checkSettings(parse(yaml))).toMatchObject({ ok: true });
  });

  it.each(guides)('%s has examples', (guide) => {
    expect(blocks.some(([name]) => name === guide)).toBe(true);
  });
});

describe('brusio.example.yaml', () => {
  it('is a settings file with every default as it is', () => {
    const example = checkSettings(parse(read('brusio.example.yaml')));
    const defaults = checkSettings({});
    expect(example.ok && example.value).toEqual(defaults.ok && defaults.value);
  });

  it('shows every setting', () => {
    const text = read('brusio.example.yaml');
    const missing = [...settingPaths().keys()].filter((path) => {
      const key = path.split('.').at(-1)?.replace('[]', '') ?? path;
      return !new RegExp(`^[\\s#-]*${key}:`, 'm').test(text);
    });
    expect(missing).toEqual([]);
  });
});
