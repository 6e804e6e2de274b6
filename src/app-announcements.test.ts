import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announcementPlan } from './app-announcements.ts';
import { connectRules } from './app-connect.ts';
import { encodeWav } from './audio/wav.ts';
import { checkSettings } from './config/load-settings.ts';
import type { SettingsInput } from './config/settings.ts';
import { loadClips } from './media/clip-library.ts';
import { italy } from './policy/jurisdictions/italy.ts';
import type { Jurisdiction } from './policy/jurisdictions/jurisdiction.ts';
import { unitedKingdom } from './policy/jurisdictions/united-kingdom.ts';
import { unitedStates } from './policy/jurisdictions/united-states.ts';
import { spokenGreeting } from './testing/spoken-greeting.ts';

const TEXT = 'This is Acme. Press 9 to receive no more calls.';
const telling: Jurisdiction = unitedKingdom;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brusio-announcements-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function recording(name: string, seed = 1): string {
  const path = join(folder, name);
  writeFileSync(path, encodeWav({ sampleRateHz: 8000, samples: spokenGreeting(1000, seed) }));
  return path;
}

function planOf(campaigns: SettingsInput['campaigns'], lawOf: (campaign: string) => Jurisdiction = () => telling) {
  const settings = checkSettings({ campaigns, data: { dir: folder } });
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return { settings: settings.value, plan: announcementPlan(settings.value, lawOf) };
}

describe('the announcement of a campaign', () => {
  it('is that of all campaigns or its own, and can be loaded as it stands', async () => {
    const file = recording('acme.wav');
    const { settings, plan } = planOf({
      announcement: { file, text: TEXT, optOut: { digit: '9' } },
      named: [
        { name: 'own', announcement: { file: recording('own.wav', 2), text: 'This is Own.' } },
        { name: 'other' },
      ],
    });
    if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
    const { sources, of } = plan.value;
    expect(of('other')).toEqual(of('unlisted'));
    expect(of('other')).toMatchObject({
      ...{ name: 'acme', text: TEXT, codecs: ['PCMA', 'PCMU', 'G722'], durationMs: 1040 },
      sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
      optOut: { digit: '9', listenMs: 4000 },
    });
    expect(of('own')).toMatchObject({ name: 'own', text: 'This is Own.', optOut: null });
    const clips = await loadClips(sources);
    expect(clips.ok && [...clips.value.keys()].sort()).toEqual([of('own')?.id, of('other')?.id].sort());
    expect(connectRules(settings, of)(telling, 'own')).toEqual({
      ...{ waitLimitMs: 2000, waitFrom: 'speech-start', greetingLimitMs: 6000, machineReleases: true },
      announcement: { durationMs: 1040, optOut: null },
    });
    expect(connectRules(settings, of)(italy, 'own').announcement, 'a call that kept a law without one').toBe(null);
  });

  it('is needed where the rules have a message, at the path of who lacks it', () => {
    const { plan } = planOf({ named: [{ name: 'a' }] });
    expect(plan).toMatchObject({
      ok: false,
      problem: [
        { path: 'campaigns.announcement', message: expect.stringContaining('campaigns without one of their own') },
        { path: 'campaigns.named[0].announcement', message: expect.stringContaining('a has no announcement') },
      ],
    });
    const closed = { autoCreate: false, default: 'a' };
    const own = { file: recording('a.wav'), text: 'A.' };
    expect(planOf({ ...closed, named: [{ name: 'a', announcement: own }] }).plan.ok).toBe(true);
  });

  it('needs a key that says never again where the rules want one', () => {
    const announcement = { file: recording('a.wav'), text: 'A.' };
    expect(planOf({ announcement }, () => unitedStates).plan).toMatchObject({
      ok: false,
      problem: [{ path: 'campaigns.announcement.optOut', message: expect.stringContaining('64.1200') }],
    });
    const withKey = { ...announcement, optOut: { digit: '9' } };
    expect(planOf({ announcement: withKey }, () => unitedStates).plan.ok).toBe(true);
    expect(planOf({ announcement }, () => unitedKingdom).plan.ok).toBe(true);
  });

  it('is not played where they have none', () => {
    const { plan } = planOf(
      { announcement: { file: recording('a.wav'), text: 'A.' }, named: [{ name: 'us' }] },
      (campaign) => (campaign === 'us' ? telling : italy),
    );
    if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
    expect(plan.value.of('unlisted')).toBe(null);
    expect(plan.value.of('us')).toMatchObject({ name: 'a' });
  });

  it('is a problem where its recording is none', () => {
    const notSound = join(folder, 'not.wav');
    writeFileSync(notSound, 'no sound');
    const bad = (announcement: NonNullable<NonNullable<SettingsInput['campaigns']>['announcement']>) => {
      const { plan } = planOf({ announcement });
      return plan.ok ? [] : plan.problem.map(({ path, message }) => `${path}: ${message}`);
    };
    expect(bad({ file: notSound, text: 'A' })).toEqual([expect.stringContaining('campaigns.announcement.file: ')]);
    expect(bad({ file: join(folder, 'nowhere.wav'), text: 'A' })[0]).toContain('ENOENT');
    expect(bad({ clip: 'nobody', text: 'A' })[0]).toContain('campaigns.announcement.clip: no announcement nobody');
    expect(bad({ clip: 'open-plan-office', text: 'A' })[0]).toContain('is ambience, not an announcement');
    expect(checkSettings({ campaigns: { announcement: { text: 'A' } } }).ok).toBe(false);
  });
});
