import { isIP } from 'node:net';
import type { TransportProtocol } from '../transaction/hop.ts';

/** One place of the `hosts` map. Null: what the URI says, or means. */
export type HostPlace = {
  readonly address: string;
  readonly port: number | null;
  readonly protocol: TransportProtocol | null;
};

/** Reads `192.0.2.1`, `192.0.2.1:5070`, `[2001:db8::1]:5070`, `tcp/192.0.2.1`; null for anything else. */
export function readHostPlace(text: string): HostPlace | null {
  const match = /^(?:(udp|tcp|tls)\/)?(?:\[([^\]]+)\](?::(\d{1,5}))?|([^:/]+)(?::(\d{1,5}))?|([0-9a-f:.]+))$/i.exec(
    text,
  );
  if (match === null) return null;
  const [, protocol, v6, v6Port, v4, v4Port, bareV6] = match;
  const address = v6 ?? v4 ?? bareV6 ?? '';
  const digits = v6Port ?? v4Port;
  const port = digits === undefined ? null : Number(digits);
  if (isIP(address) === 0 || (v4 === undefined && isIP(address) !== 6)) return null;
  if (port !== null && (port < 1 || port > 65_535)) return null;
  return { address, port, protocol: (protocol?.toLowerCase() as TransportProtocol | undefined) ?? null };
}
