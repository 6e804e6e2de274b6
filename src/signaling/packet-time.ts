/** `a=ptime` and `a=maxptime` (RFC 8866 §6.4, §6.5). */

/** What is packed in one packet, ms: the bounds of what we write, and of what we believe a peer wants. */
export const PTIME_MS_MIN = 10;
export const PTIME_MS_MAX = 60;

/** Packet times are whole tens: what every codec's frames add up to. */
const STEP_MS = 10;

/**
 * A packet time as we can serve it: the next whole ten within the bounds; null where the attribute says nothing that is a
 * time.
 *
 * @param longest it is a limit: the next whole ten below it
 */
export function packetTimeMs(said: unknown, longest: boolean): number | null {
  const ms = typeof said === 'string' ? Number.parseFloat(said) : said;
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms <= 0) return null;
  const steps = longest ? Math.floor(ms / STEP_MS) : Math.round(ms / STEP_MS);
  return Math.min(PTIME_MS_MAX, Math.max(PTIME_MS_MIN, steps * STEP_MS));
}
