/**
 * HEP version 3, the Homer Encapsulation Protocol: one captured SIP message in one datagram (the HEP3 specification,
 * revision 12, of the SIPCAPTURE project, <https://github.com/sipcapture/HEP>). All integers are in network order.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-------------------------------+-------------------------------+
 *    |                     "H" "E" "P" "3"                           |
 *    +-------------------------------+-------------------------------+
 *    |  length of all, header too    |  chunks …                     |
 *    +-------------------------------+-------------------------------+
 *
 *    Each chunk:
 *    +-------------------------------+-------------------------------+
 *    |  vendor, 0 for the generic    |  type                         |
 *    +-------------------------------+-------------------------------+
 *    |  length, these six octets too |  value …                      |
 *    +-------------------------------+-------------------------------+
 */
import { isIPv4 } from 'node:net';
import type { WallMs } from '../../base/clock.ts';
import type { TransportProtocol } from '../transaction/hop.ts';

/** One end of a captured message. */
export type CapturePlace = { readonly address: string; readonly port: number };

/** A message as it went over the wire. */
export type Capture = {
  readonly protocol: TransportProtocol;
  readonly source: CapturePlace;
  readonly destination: CapturePlace;
  readonly atMs: WallMs;
  /** Whole, as it was received or sent. */
  readonly payload: Buffer;
};

/** Who captured it. */
export type CaptureAgent = {
  /** 0–2^32-1. */
  readonly id: number;
  /** In clear in every datagram, as the protocol has it; null for none. */
  readonly password: string | null;
};

/** The generic chunks that we write. */
const CHUNK = {
  ipFamily: 1,
  ipProtocol: 2,
  ipv4Source: 3,
  ipv4Destination: 4,
  ipv6Source: 5,
  ipv6Destination: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  microseconds: 10,
  protocolType: 11,
  captureId: 12,
  password: 14,
  payload: 15,
  correlationId: 17,
} as const;

/** AF_INET and AF_INET6 as Linux numbers them. */
const FAMILY = { ipv4: 2, ipv6: 10 } as const;

/** IANA's protocol numbers; what TLS carries is told as TCP. */
const IP_PROTOCOL: Readonly<Record<TransportProtocol, number>> = { udp: 17, tcp: 6, tls: 6 };

const PROTOCOL_TYPE_SIP = 1;

const HEADER_OCTETS = 6;
const CHUNK_HEADER_OCTETS = 6;

/** A datagram of IPv4 holds no more; a longer capture cannot be sent. */
export const HEP_OCTETS_MAX = 65_507;

/** The datagram; null when it would be longer than `HEP_OCTETS_MAX`. */
export function encodeHep3(capture: Capture, agent: CaptureAgent): Buffer | null {
  const { source, destination, payload } = capture;
  const isV4 = isIPv4(source.address);
  const seconds = Math.floor(capture.atMs / 1000);
  const callId = callIdOf(payload);
  const chunks = [
    uint8(CHUNK.ipFamily, isV4 ? FAMILY.ipv4 : FAMILY.ipv6),
    uint8(CHUNK.ipProtocol, IP_PROTOCOL[capture.protocol]),
    octets(isV4 ? CHUNK.ipv4Source : CHUNK.ipv6Source, addressOctets(source.address)),
    octets(isV4 ? CHUNK.ipv4Destination : CHUNK.ipv6Destination, addressOctets(destination.address)),
    uint16(CHUNK.sourcePort, source.port),
    uint16(CHUNK.destinationPort, destination.port),
    uint32(CHUNK.seconds, seconds),
    uint32(CHUNK.microseconds, Math.floor((capture.atMs - seconds * 1000) * 1000)),
    uint8(CHUNK.protocolType, PROTOCOL_TYPE_SIP),
    uint32(CHUNK.captureId, agent.id),
    ...(agent.password === null ? [] : [octets(CHUNK.password, Buffer.from(agent.password))]),
    ...(callId === null ? [] : [octets(CHUNK.correlationId, Buffer.from(callId, 'latin1'))]),
    octets(CHUNK.payload, payload),
  ];
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, HEADER_OCTETS);
  if (length > HEP_OCTETS_MAX) return null;
  const header = Buffer.from('HEP3\0\0', 'latin1');
  header.writeUInt16BE(length, 4);
  return Buffer.concat([header, ...chunks], length);
}

/** Octets of a message in which its Call-ID is looked for. */
const HEAD_OCTETS_MAX = 8_192;

/** The Call-ID of a message, long or short form (RFC 3261 §7.3.3), without parsing it; null when there is none. */
function callIdOf(payload: Buffer): string | null {
  const head = payload.subarray(0, HEAD_OCTETS_MAX).toString('latin1');
  return /\r\n(?:call-id|i)[ \t]{0,8}:[ \t]{0,8}(\S+)/i.exec(head)?.[1] ?? null;
}

function chunk(type: number, valueOctets: number): Buffer {
  const buffer = Buffer.alloc(CHUNK_HEADER_OCTETS + valueOctets);
  buffer.writeUInt16BE(type, 2);
  buffer.writeUInt16BE(buffer.length, 4);
  return buffer;
}

function uint8(type: number, value: number): Buffer {
  const buffer = chunk(type, 1);
  buffer.writeUInt8(value, CHUNK_HEADER_OCTETS);
  return buffer;
}

function uint16(type: number, value: number): Buffer {
  const buffer = chunk(type, 2);
  buffer.writeUInt16BE(value, CHUNK_HEADER_OCTETS);
  return buffer;
}

function uint32(type: number, value: number): Buffer {
  const buffer = chunk(type, 4);
  buffer.writeUInt32BE(value, CHUNK_HEADER_OCTETS);
  return buffer;
}

function octets(type: number, value: Buffer): Buffer {
  // The length is checked over all; a chunk's own has sixteen bits as well.
  const header = Buffer.alloc(CHUNK_HEADER_OCTETS);
  header.writeUInt16BE(type, 2);
  header.writeUInt16BE(Math.min(CHUNK_HEADER_OCTETS + value.length, 0xffff), 4);
  return Buffer.concat([header, value]);
}

/** An IPv4 address in four octets, an IPv6 address in sixteen (RFC 4291 §2.2, its forms with `::` and with dots too). */
function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [plain = ''] = address.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const text =
    dotted === null
      ? plain
      : `${dotted[1]}${hextet(Number(dotted[2]), Number(dotted[3]))}:${hextet(Number(dotted[4]), Number(dotted[5]))}`;
  const [before = '', after] = text.split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const [first, last] = [groups(before), groups(after)];
  const all = [...first, ...new Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
  const buffer = Buffer.alloc(16);
  for (const [index, group] of all.slice(0, 8).entries())
    buffer.writeUInt16BE(Number.parseInt(group, 16) & 0xffff, index * 2);
  return buffer;
}

function hextet(high: number, low: number): string {
  return ((high << 8) | low).toString(16);
}
