/** What signaling must know of one carrier besides its URI: how it wants numbers, who we are there, what passes. */
import { formatted, type NumberFormat, type NumberPlan } from '../policy/telephone-number.ts';
import type { Credentials } from './digest.ts';
import type { SrtpMode } from './sdes.ts';
import { encodedUser } from './telephone-uri.ts';

/** One carrier, as the settings say. */
export type CarrierProfile = {
  readonly name: string;
  readonly uri: string;
  /** X- headers that may pass to it. */
  readonly passHeaders: readonly string[];
  readonly calledFormat: NumberFormat;
  /** Put before the called number, whatever its format (a technical prefix). */
  readonly calledPrefix: string;
  readonly callerFormat: NumberFormat;
  /** Without any 18x for so long the next carrier is tried; ms. */
  readonly noResponseMs: number;
  readonly credentials: Credentials | null;
  /** Whether its streams must be protected. */
  readonly srtp: SrtpMode;
  /** Null: it is not asked. */
  readonly optionsIntervalMs: number | null;
  readonly optionsTimeoutMs: number;
  /** Null: it needs no registration. */
  readonly registration: { readonly registrar: string; readonly expiresS: number } | null;
};

/**
 * The called number as the user part of the carrier's request-URI.
 *
 * @param number E.164 where the plan could place it; `dialled` the same as it was dialled, for a carrier that wants that
 */
export function calledUser(number: string, dialled: string, profile: CarrierProfile, plan: NumberPlan): string {
  const written = profile.calledFormat === 'unchanged' ? dialled : formatted(number, profile.calledFormat, plan);
  return encodedUser(`${profile.calledPrefix}${written}`);
}
