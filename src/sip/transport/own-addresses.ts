import { networkInterfaces } from 'node:os';

/** The addresses of this machine, IPv4 first and those that others can reach before loopback ones. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const rank = (entry: (typeof all)[number]) => (entry.internal ? 2 : 0) + (entry.family === 'IPv4' ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b)).map((entry) => entry.address);
}

/** What peers know a listener by: the address it was given for that, its own, or one of the machine's. */
export function knownAs(address: string, externalAddress: string | null): string {
  if (externalAddress !== null) return externalAddress;
  // A zone is a name of this machine's own (RFC 4007 §11.2).
  if (!isWildcard(address)) return address.replace(/%.*$/, '');
  const isV6 = address.includes(':');
  return ownAddresses().find((one) => one.includes(':') === isV6) ?? (isV6 ? '::1' : '127.0.0.1');
}

/** Whether that is no address of its own but "all of them". */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
