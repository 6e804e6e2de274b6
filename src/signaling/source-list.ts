/** Who an address belongs to: the dialers and carriers of the settings, the narrowest range first. */
import { BlockList, isIP } from 'node:net';
import type { DialerProfile } from './dialer-profile.ts';
import { hostOf, hostPortOf } from './sip-uri.ts';

/** A carrier's addresses. */
export type CarrierSources = {
  readonly name: string;
  readonly uri: string;
  /** Addresses or CIDR blocks besides that of the URI. */
  readonly sources: readonly string[];
};

/** Whose request it is. */
export type Origin =
  | { readonly type: 'carrier'; readonly name: string }
  /** Several dialers may share an address; those without digest users come first. */
  | { readonly type: 'dialers'; readonly dialers: readonly DialerProfile[] };

/** Looks up the origin of a request; null for an address that is nobody's. */
export type SourceList = (address: string, port: number) => Origin | null;

/** Addresses whose verdict is remembered. Bounded, since anybody can send. */
const VERDICTS_MAX = 4_096;

/** Wider than any range: nothing matched. */
const NO_MATCH = -1;

type Range = { readonly bits: number; has(address: string): boolean };

/**
 * The rules, for an address that is both: a carrier's own `host:port` is that carrier; else the longer prefix decides, and
 * of equal ones the carrier, from which no call ever goes to a carrier. The address of a carrier's URI alone, under another
 * port, is weaker than any range of a dialer: on one machine everybody has the same address.
 */
export function createSourceList(dialers: readonly DialerProfile[], carriers: readonly CarrierSources[]): SourceList {
  const dialerRanges = dialers.map((dialer) => ({ dialer, ranges: dialer.sources.map(rangeOf) }));
  const carrierRanges = carriers.map((carrier) => ({
    name: carrier.name,
    host: isIP(hostOf(carrier.uri)) === 0 ? null : hostOf(carrier.uri),
    port: Number(/:(\d+)$/.exec(hostPortOf(carrier.uri).replace(/^\[[^\]]*\]/, ''))?.[1] ?? 5060),
    ranges: carrier.sources.map(rangeOf),
  }));
  const verdicts = new Map<string, Origin | null>();

  return (address, port) => {
    const exact = carrierRanges.find((carrier) => carrier.host === address && carrier.port === port);
    if (exact !== undefined) return { type: 'carrier', name: exact.name };
    const known = verdicts.get(address);
    if (known !== undefined) return known;
    const verdict = isIP(address) === 0 ? null : look(address);
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(address, verdict);
    return verdict;
  };

  function look(address: string): Origin | null {
    const matching = dialerRanges.filter(({ ranges }) => bitsOf(ranges, address) > NO_MATCH);
    const widestDialer = Math.max(NO_MATCH, ...matching.map(({ ranges }) => bitsOf(ranges, address)));
    const carrier = best(carrierRanges, ({ ranges }) => bitsOf(ranges, address));
    if (carrier !== null && bitsOf(carrier.ranges, address) >= widestDialer)
      return { type: 'carrier', name: carrier.name };
    if (matching.length === 0) {
      const byUri = carrierRanges.find(({ host }) => host === address);
      return byUri === undefined ? null : { type: 'carrier', name: byUri.name };
    }
    const ordered = [...matching].sort((a, b) => bitsOf(b.ranges, address) - bitsOf(a.ranges, address));
    const open = ordered.filter(({ dialer }) => dialer.users.length === 0);
    const closed = ordered.filter(({ dialer }) => dialer.users.length > 0);
    return { type: 'dialers', dialers: [...open, ...closed].map(({ dialer }) => dialer) };
  }
}

/** An address or a CIDR block; the settings' schema has checked it. */
function rangeOf(text: string): Range {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return {
    bits,
    has: (candidate) => list.check(candidate, isIP(candidate) === 6 ? 'ipv6' : 'ipv4'),
  };
}

/** The longest prefix that has the address. */
function bitsOf(ranges: readonly Range[], address: string): number {
  return Math.max(NO_MATCH, ...ranges.filter((range) => range.has(address)).map(({ bits }) => bits));
}

function best<T>(all: readonly T[], bits: (one: T) => number): T | null {
  const [first] = [...all].sort((a, b) => bits(b) - bits(a));
  return first === undefined || bits(first) === NO_MATCH ? null : first;
}
