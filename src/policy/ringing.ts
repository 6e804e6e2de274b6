/** How long an unanswered call rang before it was given up, against the shortest ringing that a law asks for. Pure. */
import type { Cited, Jurisdiction } from './jurisdictions/jurisdiction.ts';
import type { OutcomeRecord } from './outcome-record.ts';

/** `not-rung`: it was given up before any ringing was heard. */
export type RingingVerdict = 'short' | 'long' | 'not-rung';

type RungCall = Pick<OutcomeRecord, 'kind' | 'network' | 'endedBy' | 'ringMs'>;

/**
 * Of a call that the dialer gave up, or Brusio (its ring limit, an agent who left); null: any other, or the law has no figure.
 * What the network ended was given up by nobody here, and what crossed our CANCEL tells what it was.
 */
export function ringingOf(
  { kind = 'guarded', network, endedBy, ringMs }: RungCall,
  { minRingMs }: Pick<Jurisdiction, 'minRingMs'>,
): RingingVerdict | null {
  if (minRingMs === null || kind !== 'guarded' || (endedBy !== 'dialer' && endedBy !== 'guard')) return null;
  if (network === 'cancelled') return 'not-rung';
  if (network !== 'no-answer') return null;
  return ringMs < minRingMs.value ? 'short' : 'long';
}

/** From the INVITE until the telephone rings, as long as networks may take, ms. */
export const SET_UP_MS = 10_000;

/** Whether a limit that counts from the INVITE leaves time for the ringing that the law asks for. */
export function leavesTimeToRing(ringLimitMs: number, minRingMs: Cited<number> | null): boolean {
  return minRingMs === null || ringLimitMs >= minRingMs.value + SET_UP_MS;
}
