import type { WallMs } from './clock.ts';
import { randomOctets } from './random.ts';

/** A UUID version 7 (RFC 9562 §5.7): sorts by the time it was made. */
export function uuidV7(wallMs: WallMs): string {
  const octets = randomOctets(16);
  octets.writeUIntBE(Math.floor(wallMs), 0, 6);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x70, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = octets.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
