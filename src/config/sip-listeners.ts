/** The places where the embedded engine listens, as a person writes them and as the engine takes them. */
import { isIP } from 'node:net';
import { bindProblem } from './setting-values.ts';

/** The transport protocols of SIP that may be asked for. */
export type SipProtocol = 'udp' | 'tcp' | 'tls';

/** One place of the settings: a text, or a text with the address that peers know it by. */
export type ListenEntry = string | { readonly address: string; readonly externalAddress: string | null };

/** One place to listen at: all protocols on one port, 0 for any free one. */
export type SipListener = {
  readonly protocols: readonly SipProtocol[];
  readonly address: string;
  readonly port: number;
  readonly externalAddress: string | null;
};

/** What a listener is written as. */
export const LISTEN_SYNTAX =
  'expected udp/, tcp/ or tls/ with address:port, such as tls/192.0.2.1:5061, or the latter alone';

/** Reads `tls/192.0.2.1:5061`; without a protocol it is UDP and TCP on one port. Null for anything else. */
export function readListener(text: string): Omit<SipListener, 'externalAddress'> | null {
  const match = /^(?:(?<protocol>udp|tcp|tls)\/)?(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:/]+)):(?<port>\d{1,5})$/.exec(text);
  const { protocol, v4, v6, port: digits } = match?.groups ?? {};
  const address = v6 ?? v4;
  const port = Number(digits);
  if (address === undefined || isIP(address) !== (v6 === undefined ? 4 : 6) || port > 65_535) return null;
  return { protocols: protocol === undefined ? ['udp', 'tcp'] : [protocol as SipProtocol], address, port };
}

/** What a place of `sip.hosts` is written as. */
export const HOST_PLACE_SYNTAX = 'expected an address or address:port, with udp/, tcp/ or tls/ before it or not';

/** Whether that is a place of `sip.hosts`: `192.0.2.1`, `tcp/192.0.2.1:5070`, `2001:db8::1`, `[2001:db8::1]:5060`. */
export function isHostPlace(text: string): boolean {
  const place = text.replace(/^(?:udp|tcp|tls)\//, '');
  if (isIP(place) !== 0) return true;
  const read = readListener(/^\[[^\]]+\]$/.test(place) ? `${place}:5060` : place);
  return read !== null && read.port > 0;
}

/** The address of a place of `sip.hosts`. */
export function addressOfPlace(text: string): string {
  const place = text.replace(/^(?:udp|tcp|tls)\//, '');
  if (isIP(place) !== 0) return place;
  return /^\[([^\]]+)\]/.exec(place)?.[1] ?? place.split(':', 1)[0] ?? '';
}

/** Every listener of checked settings; `externalAddress` is that of those of its family without one of their own. */
export function sipListeners(
  listen: string | readonly ListenEntry[],
  externalAddress: string | null,
): readonly SipListener[] {
  return (typeof listen === 'string' ? [listen] : listen).flatMap((entry) => {
    const { address, external } =
      typeof entry === 'string'
        ? { address: entry, external: null }
        : { address: entry.address, external: entry.externalAddress };
    const read = readListener(address);
    if (read === null) return [];
    // That for all is of one family, and no other listener can be known by it.
    const common = externalAddress !== null && isIP(externalAddress) === isIP(read.address) ? externalAddress : null;
    return [{ ...read, externalAddress: external ?? common }];
  });
}

/** What is wrong with places that can be read: which of them, and what. */
export function listenProblems(listen: string | readonly ListenEntry[]): readonly string[] {
  return sipListeners(listen, null).flatMap(({ address, externalAddress }) => {
    const problem = bindProblem(address);
    if (problem !== null) return [`${address}: ${problem}`];
    if (externalAddress === null || isIP(externalAddress) === isIP(address)) return [];
    return [`${externalAddress}: a listener in IPv${isIP(address)} is known by an address in IPv${isIP(address)}`];
  });
}
