/** Which message a campaign's callees hear when nobody comes: what the guard asks, and what the media plane loads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { clipCodecs } from './audio/clip.ts';
import type { ManifestClip } from './audio/manifest.ts';
import { ANNOUNCEMENT_LEVEL_DBM0, ownAnnouncement } from './audio/own-clip/own-announcement.ts';
import { readSound } from './audio/own-clip/read-sound.ts';
import { describeError } from './base/errors.ts';
import { ok, type Result, refused } from './base/result.ts';
import { clipCatalogue, clipsDirOf, SHIPPED_CLIPS_DIR } from './config/clip-catalogue.ts';
import type { SettingsProblem } from './config/load-settings.ts';
import type { Settings } from './config/settings.ts';
import type { Announcement } from './guard/media-port.ts';
import type { ClipSource } from './media/clip-library.ts';
import type { Jurisdiction } from './policy/jurisdictions/jurisdiction.ts';

/** The announcements that settings name. */
export type AnnouncementPlan = {
  /** Each once, to be loaded. */
  readonly sources: readonly ClipSource[];
  /** What calls of a campaign are told; null: its rules tell nothing, and the call is torn down. */
  of(campaign: string): Announcement | null;
};

type AnnouncementSettings = NonNullable<Settings['campaigns']['announcement']>;

/** A recording that is ready to be played. */
type Recording = { readonly source: ClipSource; readonly name: string; readonly sha256: string };

/** Larger than any announcement: half a minute at 192 kHz in stereo, of 32 bits. */
const FILE_OCTETS_MAX = 50_000_000;

/**
 * Refused, with the path of each setting, when a recording cannot be used, or a campaign has none and its rules want one.
 *
 * @param lawOf of a campaign by its name; '' is any that has no settings of its own
 */
export function announcementPlan(
  settings: Settings,
  lawOf: (campaign: string) => Jurisdiction,
): Result<AnnouncementPlan, readonly SettingsProblem[]> {
  const { campaigns } = settings;
  const places = [
    { campaign: '', own: campaigns.announcement, path: 'campaigns.announcement' },
    ...campaigns.named.map(({ name, announcement }, index) => ({
      campaign: name,
      own: announcement,
      path: `campaigns.named[${index}].announcement`,
    })),
  ];
  const problems: SettingsProblem[] = [];
  const recordings = new Map<string, Recording>();
  const byCampaign = new Map<string, Announcement | null>();
  for (const { campaign, own, path } of places) {
    const said = own ?? campaigns.announcement;
    if (own !== null) {
      const recording = recordingOf(own, settings);
      if (recording.ok) recordings.set(path, recording.value);
      else problems.push({ path: `${path}.${own.clip === null ? 'file' : 'clip'}`, message: recording.problem });
    }
    const { wait, name: jurisdiction } = lawOf(campaign);
    const isNeeded = wait.then.value === 'message' && (campaign !== '' || hasUnnamed(settings));
    if (isNeeded && said === null) {
      const whose = campaign === '' ? 'campaigns without one of their own' : campaign;
      const message = `needed: by the rules of ${jurisdiction} a callee whom nobody talks to is told who called (${wait.then.citation}), and ${whose} has no announcement`;
      problems.push({ path, message });
    }
    if (isNeeded && said?.optOut === null && wait.optOutKey !== undefined) {
      problems.push({
        path: `${own === null ? 'campaigns.announcement' : path}.optOut`,
        message: `needed: ${wait.optOutKey.citation}`,
      });
    }
    const recording = recordings.get(own === null ? 'campaigns.announcement' : path);
    const isPlayed = wait.then.value === 'message' && said !== null && recording !== undefined;
    byCampaign.set(campaign, isPlayed ? announcementOf(recording, said) : null);
  }
  if (problems.length > 0) return refused(problems);
  const standard = byCampaign.get('') ?? null;
  const sources = new Map([...recordings.values()].map(({ source }) => [source.id, source]));
  return ok({
    sources: [...sources.values()],
    of: (campaign) => (byCampaign.has(campaign) ? (byCampaign.get(campaign) ?? null) : standard),
  });
}

/** Whether calls may be of a campaign that has no settings of its own. */
function hasUnnamed({ campaigns }: Settings): boolean {
  const named = new Set(campaigns.named.map(({ name }) => name));
  return campaigns.autoCreate || [campaigns.default, ...campaigns.names].some((name) => !named.has(name));
}

function announcementOf({ source, name, sha256 }: Recording, { text, optOut }: AnnouncementSettings): Announcement {
  const { id, entry } = source;
  return { id, name, text, sha256, durationMs: entry.durationMs, codecs: clipCodecs(entry), optOut };
}

function recordingOf({ clip, file }: AnnouncementSettings, settings: Settings): Result<Recording, string> {
  return file === null ? importedOf(clip ?? '', settings) : fileOf(file);
}

/** The hash is that of the imported `master.wav`, from which every encoding was made. */
function importedOf(name: string, settings: Settings): Result<Recording, string> {
  const catalogue = clipCatalogue(SHIPPED_CLIPS_DIR, clipsDirOf(settings));
  if (!catalogue.ok) return refused(catalogue.problem.join('; '));
  const clip = catalogue.value.get(name);
  if (clip === undefined) return refused(`no announcement ${name}: "brusio clip import --announcement" makes one`);
  const { entry, folder } = clip;
  if (entry.use !== 'announcement') return refused(`${name} is ambience, not an announcement`);
  return ok({ source: sourceOf(name, folder, entry), name, sha256: entry.master.sha256 });
}

/** The hash is that of the file. */
function fileOf(path: string): Result<Recording, string> {
  let octets: Buffer;
  try {
    octets = readFileSync(path);
  } catch (thrown) {
    return refused(describeError(thrown));
  }
  if (octets.length > FILE_OCTETS_MAX) return refused(`larger than ${FILE_OCTETS_MAX} octets`);
  const sound = readSound(octets);
  if (!sound.ok) return refused(`${path}: ${sound.problem}`);
  const name = basename(path, extname(path));
  const made = ownAnnouncement(sound.value, { name: 'announcement', title: name, command: '' }, sha256Of);
  if (!made.ok) return refused(`${path}: ${made.problem}`);
  const { entry, files } = made.value;
  const sha256 = sha256Of(octets);
  return ok({ source: { ...sourceOf(sha256, '', entry), files }, name, sha256 });
}

function sourceOf(id: string, folder: string, entry: ManifestClip): ClipSource {
  return { id: `announcement ${id}`, folder, entry, levelDbm0: ANNOUNCEMENT_LEVEL_DBM0 };
}

function sha256Of(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}
