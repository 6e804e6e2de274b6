/** rtpengine as the settings have it, with the embedded plane behind it. */
import { assert } from './base/assert.ts';
import { systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { randomOctets, randomToken, seededRandom } from './base/random.ts';
import { readNgPlace } from './config/rtpengine-settings.ts';
import type { Settings } from './config/settings.ts';
import type { ThreadedMedia } from './media/media-plane.ts';
import { openNg } from './media/rtpengine/ng-open.ts';
import { createRtpenginePlane, type RtpenginePlane } from './media/rtpengine/rtpengine-plane.ts';

/** Null when Brusio relays by itself. */
export function rtpengineOf(settings: Settings, inner: ThreadedMedia, log: Logger): RtpenginePlane | null {
  const { rtpengine } = settings.media;
  if (rtpengine === null) return null;
  const { instances, ...rules } = rtpengine;
  return createRtpenginePlane({
    inner,
    instances: instances.map(({ address, weight }) => {
      const place = readNgPlace(address);
      assert(place !== null, `the settings let "${address}" through as an rtpengine`);
      return { name: address, weight, open: openNg(place, systemClock) };
    }),
    rules,
    clock: systemClock,
    random: seededRandom(randomOctets(4).readUInt32BE()),
    cookiePrefix: randomToken(6),
    log,
  });
}
