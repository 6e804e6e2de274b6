import { BlockList, isIPv6 } from 'node:net';
import { AppError } from '../../base/errors.ts';

/** Addresses whose verdict is remembered: asking the list crosses into native code. Bounded, since anybody can send. */
const VERDICTS_MAX = 4_096;

/**
 * Whether requests from an address are taken: it lies in one of the CIDR blocks or is one of the addresses. Throws
 * `AppError` `sip.bad-allowed-source` for a text that is neither.
 */
export function sourceFilter(allowedSources: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const source of allowedSources) {
    const [address = '', prefix] = source.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch (cause) {
      throw new AppError('sip.bad-allowed-source', `${source} is neither an address nor a CIDR block`, { cause });
    }
  }
  const verdicts = new Map<string, boolean>();
  return (address) => {
    const known = verdicts.get(address);
    if (known !== undefined) return known;
    const verdict = list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(address, verdict);
    return verdict;
  };
}
