/** What of a call's streams is left to chance. */
import { randomOctets } from '../base/random.ts';
import type { RtpStreamStart } from './rtp-stream.ts';

/** Where a stream begins (RFC 3550 §5.1). */
export function randomStart(): RtpStreamStart {
  const octets = randomOctets(10);
  // In the lower half, so that a lost first packet hides no wrap from who must count them (RFC 3711 §3.3.1).
  const sequence = octets.readUInt16BE(8) & 0x7fff;
  return { ssrc: octets.readUInt32BE(0), timestamp: octets.readUInt32BE(4), sequence };
}

/** A name of RTCP, RFC 7022 §4.2: 96 random bits in base64. */
export function randomCname(): string {
  return randomOctets(12).toString('base64');
}

/** In [0, 1). */
export function uniform(): number {
  return randomOctets(4).readUInt32BE(0) / 2 ** 32;
}
