import { isIP } from 'node:net';

/** The octets of an IP address: four or sixteen; null for a text that is none. */
export function ipOctets(address: string): Uint8Array | null {
  switch (isIP(address)) {
    case 4:
      return Uint8Array.from(address.split('.').map(Number));
    case 6:
      return v6Octets(address);
    default:
      return null;
  }
}

/** How far an address is known (RFC 6890): only here, on the link, in the private network, or everywhere. */
export type AddressScope = 'loopback' | 'link' | 'private' | 'global';

/** The scope of an address given by its octets. */
export function scopeOf(octets: Uint8Array): AddressScope {
  const [first = 0, second = 0] = octets;
  if (octets.length === 4) {
    if (first === 127) return 'loopback';
    if (first === 169 && second === 254) return 'link';
    const isPrivate =
      first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
    // 100.64/10: between a carrier and its customers (RFC 6598).
    return isPrivate || (first === 100 && second >= 64 && second < 128) ? 'private' : 'global';
  }
  if (octets.slice(0, 15).every((octet) => octet === 0) && octets[15] === 1) return 'loopback';
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'link';
  return (first & 0xfe) === 0xfc ? 'private' : 'global';
}

/** How many leading bits two addresses of one family share. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) {
    const differing = (a[index] ?? 0) ^ (b[index] ?? 0);
    if (differing !== 0) return index * 8 + Math.clz32(differing) - 24;
  }
  return a.length * 8;
}

function v6Octets(address: string): Uint8Array {
  const octets = new Uint8Array(16);
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (group.includes('.')) return group.split('.').map(Number);
          const value = Number.parseInt(group, 16);
          return [value >> 8, value & 0xff];
        });
  const before = groups(head);
  octets.set(before, 0);
  if (tail !== undefined) {
    const after = groups(tail);
    octets.set(after, 16 - after.length);
  }
  return octets;
}
