import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ambiencePlan } from './app-ambience.ts';
import { SHIPPED_CLIPS_DIR } from './config/clip-catalogue.ts';
import { checkSettings } from './config/load-settings.ts';
import type { SettingsInput } from './config/settings.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder of one's own with the first clip that Brusio brings, under another name. */
function ownClips(name: string, change: (manifest: string) => string = (same) => same): string {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-clips-'));
  folders.push(folder);
  const manifest = JSON.parse(readFileSync(join(SHIPPED_CLIPS_DIR, 'manifest.json'), 'utf8'));
  const [clip] = manifest.clips;
  cpSync(join(SHIPPED_CLIPS_DIR, clip.name), join(folder, clip.name), { recursive: true });
  writeFileSync(
    join(folder, 'manifest.json'),
    change(JSON.stringify({ ...manifest, clips: [{ ...clip, name, title: 'My own' }] })),
  );
  return folder;
}

function planOf(input: SettingsInput) {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return ambiencePlan(settings.value);
}

describe('the ambience of a campaign', () => {
  it('is that of the settings, or its own clip, or its own level', () => {
    const plan = planOf({
      ambience: { levelDbm0: -28, clipsDir: ownClips('sea') },
      campaigns: {
        named: [
          { name: 'a', ambience: { clip: 'sea' } },
          { name: 'b', ambience: { levelDbm0: -36 } },
          { name: 'c', ambience: {} },
        ],
      },
    });
    if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
    expect(['a', 'b', 'c', 'unlisted'].map((campaign) => plan.value.of(campaign).id)).toEqual([
      'sea at -28 dBm0',
      'open-plan-office at -36 dBm0',
      'open-plan-office at -28 dBm0',
      'open-plan-office at -28 dBm0',
    ]);
    expect(plan.value.sources.map(({ id }) => id)).toEqual([
      'open-plan-office at -28 dBm0',
      'sea at -28 dBm0',
      'open-plan-office at -36 dBm0',
    ]);
    expect(plan.value.of('a').codecs).toEqual(expect.arrayContaining(['PCMA', 'PCMU']));
  });

  it('is the user’s own clip where that has the name of one that Brusio brings', () => {
    const clipsDir = ownClips('open-plan-office');
    const plan = planOf({ ambience: { clipsDir } });
    if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
    expect(plan.value.sources).toMatchObject([{ folder: clipsDir, entry: { title: 'My own' } }]);
  });

  it('is a problem, at the path of the setting, where there is no such clip', () => {
    const plan = planOf({
      ambience: { clip: 'nothing' },
      campaigns: {
        named: [
          { name: 'a', ambience: { levelDbm0: -30 } },
          { name: 'b', ambience: { clip: 'nor-this' } },
        ],
      },
    });
    expect(plan).toMatchObject({
      ok: false,
      problem: [
        { path: 'ambience.clip', message: expect.stringMatching(/^no clip nothing; there are .*open-plan-office/) },
        { path: 'campaigns.named[1].ambience.clip', message: expect.stringMatching(/^no clip nor-this;/) },
      ],
    });
  });

  it('is a problem where the manifest of one’s own clips cannot be read', () => {
    const plan = planOf({ ambience: { clipsDir: ownClips('sea', (text) => text.slice(0, -1)) } });
    expect(plan).toMatchObject({
      ok: false,
      problem: [{ path: 'ambience.clipsDir', message: expect.stringContaining('the manifest is not JSON') }],
    });
  });

  it('has a whole level between -36 and -26 dBm0, and campaigns have names that differ', () => {
    for (const levelDbm0 of [-37, -25, -30.5]) {
      expect(checkSettings({ ambience: { levelDbm0 } })).toMatchObject({
        problem: [{ path: 'ambience.levelDbm0' }],
      });
    }
    expect(checkSettings({ campaigns: { named: [{ name: 'a' }, { name: 'a' }] } })).toMatchObject({
      problem: [{ path: 'campaigns.named', message: 'campaign names must differ' }],
    });
  });
});
