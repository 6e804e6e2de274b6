/**
 * Fax over UDPTL in SDP (RFC 3362, ITU-T T.38 annex D): `m=image … udptl t38`. What the attributes say are the terminals' own
 * capabilities, end to end: they are read one by one and written anew for the other leg; everything else stays.
 */
import { isIP } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import type { RtpAddress } from '../call/remote-media.ts';
import type { MediaLine } from './audio-formats.ts';
import { type IpFamily, readMediaAddress } from './media-address.ts';
import type { Stream } from './peer-description.ts';
import type { DescriptionId } from './sdp.ts';

/** Attribute → value as it is written; '' for one that has none. */
export type T38Parameters = ReadonlyMap<string, string>;

/** A peer's fax stream. */
export type FaxDescription = {
  readonly udptl: RtpAddress;
  readonly parameters: T38Parameters;
  /** Every m-line, and which of them is the fax. */
  readonly streams: readonly Stream[];
  readonly image: number;
};

const NUMBER = /^\d{1,9}$/;

/** T.38 table D.1: the attributes, and what may stand behind them. */
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  T38FaxVersion: NUMBER,
  T38MaxBitRate: NUMBER,
  T38FaxFillBitRemoval: /^[01]?$/,
  T38FaxTranscodingMMR: /^[01]?$/,
  T38FaxTranscodingJBIG: /^[01]?$/,
  T38FaxRateManagement: /^(?:localTCF|transferredTCF)$/,
  T38FaxMaxBuffer: NUMBER,
  T38FaxMaxDatagram: NUMBER,
  T38FaxMaxIFP: NUMBER,
  T38FaxUdpEC: /^t38UDP(?:FEC|Redundancy|NoEC)$/,
};

const NAMES = new Map(Object.keys(ATTRIBUTES).map((name) => [name.toLowerCase(), name]));

/**
 * The fax stream of a description that `readPeerDescription` could read but for its audio; null when it has none that is
 * open.
 *
 * @param family of our own address on this leg
 */
export function readFax(sdp: string, family: IpFamily): FaxDescription | null {
  let session: sdpTransform.SessionDescription;
  try {
    session = sdpTransform.parse(sdp);
  } catch {
    return null;
  }
  const lines = session.media ?? [];
  // A stream of sound beside it is the call; the fax is then an offer for later that is not taken.
  if (lines.some(({ type, port }) => type === 'audio' && port !== 0)) return null;
  const image = lines.findIndex(isFax);
  const line = lines[image];
  if (line === undefined || !(line.port > 0 && line.port <= 65_535)) return null;
  const address = readMediaAddress(line.connection?.ip ?? session.connection?.ip, family);
  if (!address.ok) return null;
  return {
    udptl: { address: address.value, port: line.port },
    parameters: parametersOf(sdp, image),
    streams: lines.map(({ type, protocol, payloads }) => ({ type, protocol, payloads: String(payloads ?? '0') })),
    image,
  };
}

/** Our own description of a fax stream: at our address, with the other terminal's capabilities. */
export function writeFax(
  udptl: RtpAddress,
  parameters: T38Parameters,
  id: DescriptionId,
  frame: { readonly streams: readonly Stream[]; readonly image: number },
): string {
  const ipVer = isIP(udptl.address) === 6 ? 6 : 4;
  const closed = ({ type, protocol, payloads }: Stream): MediaLine => {
    return { type, port: 0, protocol, payloads, rtp: [], fmtp: [] };
  };
  const fax: MediaLine = {
    ...closed({ type: 'image', protocol: 'udptl', payloads: 't38' }),
    port: udptl.port,
    invalid: [...parameters].map(([name, value]) => ({ value: value === '' ? name : `${name}:${value}` })),
  };
  return sdpTransform.write({
    version: 0,
    origin: { username: '-', ...id, sessionVersion: id.version, netType: 'IN', ipVer, address: udptl.address },
    name: '-',
    timing: { start: 0, stop: 0 },
    connection: { version: ipVer, ip: udptl.address },
    media: frame.streams.map((stream, index) => (index === frame.image ? fax : closed(stream))),
  });
}

function isFax({ type, protocol, payloads, port }: MediaLine): boolean {
  return (
    type === 'image' && port !== 0 && protocol?.toLowerCase() === 'udptl' && /\bt38\b/i.test(String(payloads ?? ''))
  );
}

function parametersOf(sdp: string, image: number): T38Parameters {
  const section = sdp.split(/^m=/m)[image + 1] ?? '';
  const read = new Map<string, string>();
  for (const line of section.split(/\r?\n/)) {
    const [, said = '', value = ''] = /^a=(T38\w{1,24})(?::(\S{1,32}))?$/i.exec(line.trim()) ?? [];
    const name = NAMES.get(said.toLowerCase());
    if (name !== undefined && ATTRIBUTES[name]?.test(value) === true) read.set(name, value);
  }
  return read;
}
