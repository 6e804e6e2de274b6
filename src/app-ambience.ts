/** Which ambience a campaign's calls have, as the settings say: what the guard asks, and what the media plane loads. */
import { clipCodecs } from './audio/clip.ts';
import { assert } from './base/assert.ts';
import { ok, type Result, refused } from './base/result.ts';
import { type CatalogueClip, clipCatalogue, clipsDirOf, SHIPPED_CLIPS_DIR } from './config/clip-catalogue.ts';
import type { SettingsProblem } from './config/load-settings.ts';
import type { Settings } from './config/settings.ts';
import type { Ambience } from './guard/media-port.ts';
import type { ClipSource } from './media/clip-library.ts';

/** The ambiences that settings name. */
export type AmbiencePlan = {
  /** Each once, to be loaded. */
  readonly sources: readonly ClipSource[];
  /** What calls of a campaign hear. */
  of(campaign: string): Ambience;
};

/** Refused, with the path of each setting, when a clip is named that does not exist. */
export function ambiencePlan(settings: Settings): Result<AmbiencePlan, readonly SettingsProblem[]> {
  const catalogue = clipCatalogue(SHIPPED_CLIPS_DIR, clipsDirOf(settings));
  if (!catalogue.ok) return refused(catalogue.problem.map((message) => ({ path: 'ambience.clipsDir', message })));
  const clips = catalogue.value;
  const named = settings.campaigns.named.map(({ name, ambience }, index) => ({
    name,
    clip: ambience.clip ?? settings.ambience.clip,
    levelDbm0: ambience.levelDbm0 ?? settings.ambience.levelDbm0,
    // A clip that a campaign takes over from `ambience` is told of there.
    path: ambience.clip === null ? 'ambience.clip' : `campaigns.named[${index}].ambience.clip`,
  }));
  const { clip, levelDbm0 } = settings.ambience;
  const chosen = [{ name: '', clip, levelDbm0, path: 'ambience.clip' }, ...named];
  const isAmbience = (clip: string) => clips.has(clip) && clips.get(clip)?.entry.use === undefined;
  const unknown = new Map(chosen.filter((one) => !isAmbience(one.clip)).map((one) => [one.path, one.clip]));
  if (unknown.size > 0) {
    const known = [...clips.keys()].filter(isAmbience).join(', ');
    return refused([...unknown].map(([path, name]) => ({ path, message: `no clip ${name}; there are ${known}` })));
  }

  const sources = new Map<string, ClipSource>();
  const byCampaign = new Map<string, Ambience>();
  for (const one of chosen) {
    const clip = clips.get(one.clip) as CatalogueClip;
    const source = { id: `${one.clip} at ${one.levelDbm0} dBm0`, ...clip, levelDbm0: one.levelDbm0 };
    sources.set(source.id, source);
    byCampaign.set(one.name, {
      id: source.id,
      clip: one.clip,
      durationMs: clip.entry.durationMs,
      codecs: clipCodecs(clip.entry),
    });
  }
  const standard = byCampaign.get('');
  assert(standard !== undefined, 'the settings name an ambience');
  return ok({
    sources: [...sources.values()],
    of: (campaign) => byCampaign.get(campaign) ?? standard,
  });
}
