import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.ts';

const SHIPPED = readFileSync(new URL('../../audio/manifest.json', import.meta.url), 'utf8');

describe('a manifest', () => {
  it('is read whole', () => {
    expect(parseManifest(SHIPPED)).toEqual({ ok: true, value: JSON.parse(SHIPPED) });
  });

  it('is refused with the place of every problem', () => {
    expect(parseManifest('{')).toEqual({ ok: false, problem: ['the manifest is not JSON'] });
    const broken = JSON.parse(SHIPPED);
    broken.clips[0].name = 'Open Plan';
    broken.clips[0].encodings[0].path = '../../etc/passwd';
    broken.clips[0].encodings[1].sha256 = 'abc';
    expect(parseManifest(JSON.stringify(broken))).toEqual({
      ok: false,
      problem: [
        'clips.0.name: lower-case words joined by hyphens',
        'clips.0.encodings.0.path: a relative path in lower case',
        'clips.0.encodings.1.sha256: 64 lower-case hexadecimal digits',
      ],
    });
  });
});
