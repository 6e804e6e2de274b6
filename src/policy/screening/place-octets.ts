/** `toE164` for ten million numbers: on their octets, in place, no text made of them. Pure. */
import { assert } from '../../base/assert.ts';
import type { NumberPlan } from '../telephone-number.ts';
import { PLUS } from './number-octets.ts';

/** Octets left free before a number, so that a plus and a country code (E.164 §6.2.1: up to 3 digits) fit before it. */
export const HEAD_ROOM = 4;

/** E.164 §6.2.1 with its plus; fewer digits than 5 are no subscriber's number anywhere. */
const E164_OCTETS = { least: 1 + 5, most: 1 + 15 };
/** Up to so many digits without a plus are a service number, which no country code belongs to. */
const SERVICE_NUMBER_DIGITS_MAX = 6;

/**
 * Writes what is missing before a number (digits, or a plus and digits, from {@link HEAD_ROOM} up to `end`). Answers where its
 * plus stands then; -1 when the plan cannot place it. The same numbers come out as of `toE164`.
 */
export type OctetPlacer = (octets: Uint8Array, end: number) => number;

/** @param withCountryCode digits without a plus and without an international prefix begin with a country code */
export function octetPlacer(plan: NumberPlan, withCountryCode: boolean): OctetPlacer {
  const country = plan.countryCode === null ? null : Buffer.from(`+${plan.countryCode}`, 'latin1');
  const trunk = Buffer.from(plan.trunkPrefix, 'latin1');
  // Without a country the plan places nothing that has no plus.
  const international = Buffer.from(country === null ? '' : plan.internationalPrefix, 'latin1');
  assert(country === null || country.length <= HEAD_ROOM, 'a country code has up to three digits');

  function plusAt(octets: Uint8Array, end: number): number {
    if (octets[HEAD_ROOM] === PLUS) return HEAD_ROOM;
    if (international.length > 0 && beginsWith(octets, end, international)) {
      const at = HEAD_ROOM + international.length - 1;
      octets[at] = PLUS;
      return at;
    }
    if (withCountryCode) {
      octets[HEAD_ROOM - 1] = PLUS;
      return HEAD_ROOM - 1;
    }
    if (country === null || end - HEAD_ROOM <= SERVICE_NUMBER_DIGITS_MAX) return -1;
    const national = trunk.length > 0 && beginsWith(octets, end, trunk) ? HEAD_ROOM + trunk.length : HEAD_ROOM;
    octets.set(country, national - country.length);
    return national - country.length;
  }

  return (octets, end) => {
    const at = plusAt(octets, end);
    const length = end - at;
    return at >= 0 && length >= E164_OCTETS.least && length <= E164_OCTETS.most ? at : -1;
  };
}

function beginsWith(octets: Uint8Array, end: number, prefix: Uint8Array): boolean {
  if (end - HEAD_ROOM < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) if (octets[HEAD_ROOM + at] !== prefix[at]) return false;
  return true;
}
