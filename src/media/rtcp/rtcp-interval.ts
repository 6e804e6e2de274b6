/**
 * When reports are due (RFC 3550 §6.2, §6.3.1).
 *
 * A session here has two members, so that nothing of §6.3's reconsideration applies: nobody joins. With 5 s between reports a
 * call of three seconds would have none. §6.2 lets the minimum be 360 divided by the session bandwidth in kbit/s: two streams
 * of G.711 with their headers are 160 kbit/s, hence 2.25 s. Two members' reports of 150 octets are 0.3 s at 5 % of that
 * bandwidth, so that the minimum is what counts for every codec. §6.2 lets the first report of a unicast session leave at once.
 */

/** 360 / 160 kbit/s, in ms. */
export const REPORT_INTERVAL_MS = 2250;

/** §6.3.1: e − 3/2, by which the randomised interval is divided. */
const COMPENSATION = Math.E - 1.5;

/** From one report to the next, ms; `uniform` is in [0, 1), so that peers do not report in step. */
export function reportIntervalMs(uniform: number): number {
  return (REPORT_INTERVAL_MS * (0.5 + uniform)) / COMPENSATION;
}
