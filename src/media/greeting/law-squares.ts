/** The power of G.711 by the octet. */
import { LAWS, type LawName } from '../../audio/codec.ts';

const SQUARES: Readonly<Record<LawName, Float64Array>> = { PCMA: squares('PCMA'), PCMU: squares('PCMU') };

/** The squared 16-bit sample of each of 256 octets. */
export function squaresOf(law: LawName): Float64Array {
  return SQUARES[law];
}

function squares(law: LawName): Float64Array {
  return Float64Array.from(LAWS[law].tables.sampleOf, (sample) => sample * sample);
}
