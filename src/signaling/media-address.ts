/** The addresses of SDP's `c=` and `a=rtcp`, as sockets and everything behind them compare them. */
import { isIP, SocketAddress } from 'node:net';
import { ok, type Result, refused } from '../base/result.ts';
import type { SdpProblem } from './sdp-problem.ts';

/** An IP family, by its number. */
export type IpFamily = 4 | 6;

/** The address that names no place (a hold of RFC 2543), of each family. */
const NOWHERE = { 4: '0.0.0.0', 6: '::' } as const;

/**
 * An IP literal of our own family in its shortest spelling, which is how packets name their source (RFC 5952): without a
 * zone, which would be of the peer's machine, and IPv4 within IPv6 as IPv4. No place is no place in either family: a peer
 * that speaks both writes 0.0.0.0 on an IPv6 leg as well.
 */
export function readMediaAddress(text: string | undefined, family: IpFamily): Result<string, SdpProblem> {
  const said = text === undefined ? 0 : isIP(text);
  if (text === undefined || said === 0) return refused({ kind: 'malformed', problem: 'no connection address' });
  const address =
    said === 4 ? text : new SocketAddress({ address: text, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (address === NOWHERE[4] || address === NOWHERE[6]) return ok(NOWHERE[family]);
  if (isIP(address) === family) return ok(address);
  const problem = `Incompatible network address formats: IP${family} is served here`;
  return refused({ kind: 'unsupported', warning: 301, problem });
}
