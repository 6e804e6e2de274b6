import { networkInterfaces } from 'node:os';

/** The addresses of this machine, IPv4 first and those that others can reach before loopback ones. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const rank = (entry: (typeof all)[number]) => (entry.internal ? 2 : 0) + (entry.family === 'IPv4' ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b)).map((entry) => entry.address);
}

/** Whether that is no address of its own but "all of them". */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
