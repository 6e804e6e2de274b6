/**
 * Some hundreds of datagrams that are no SIP request a server may act upon: made by hand, cut short, flipped, and noise.
 * None is a valid INVITE, so that whatever reaches the carrier is a fault.
 */
import type { Endpoint } from './engine-under-test.ts';
import { rawInvite } from './raw-invite.ts';

const NUMBER = '+393335550000';
const CUT_STEP = 3;
const FLIPPED = 150;
const NOISE = 100;

/** UDP over IPv4: 65,535 less the two headers. */
const DATAGRAM_OCTETS_MAX = 65_507;

/** All of them, the same for the same seed but for branches, tags and Call-IDs. */
export function malformedDatagrams(from: Endpoint, seed: number): readonly Buffer[] {
  const random = mulberry32(seed);
  return [
    ...handMade(from).map((text) => Buffer.from(text, 'latin1')),
    ...cutShort(from),
    ...flipped(from, random),
    ...noise(random),
  ];
}

function handMade(from: Endpoint): readonly string[] {
  const good = () => rawInvite({ from, number: NUMBER });
  const without = (name: string) => good().replace(new RegExp(`^${name}:.*\r\n`, 'm'), '');
  const having = (name: string, value: string) => good().replace(new RegExp(`^${name}:.*`, 'm'), `${name}: ${value}`);
  const [head = '', body = ''] = good().split('\r\n\r\n');
  return [
    '',
    '\r\n',
    '\r\n\r\n',
    '\0',
    '\0\0\0\0\0\0\0\0',
    'hello\r\n\r\n',
    'INVITE\r\n\r\n',
    'INVITE sip:x SIP/2.0\r\n\r\n',
    'SIP/2.0\r\n\r\n',
    'SIP/2.0 200 OK\r\n\r\n',
    'SIP/2.0 999999999999 Big\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    good().replace('SIP/2.0\r\n', 'SIP/7.0\r\n'),
    good().replace('INVITE sip:', 'INVITE  sip:'),
    good().replace('INVITE sip:', 'INVITE http:'),
    good().replace(/^INVITE \S+/, 'INVITE'),
    ...['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact'].map(without),
    having('CSeq', 'INVITE'),
    having('CSeq', '1 BYE'),
    having('CSeq', '-1 INVITE'),
    having('CSeq', '99999999999999999999 INVITE'),
    having('Content-Length', '-5'),
    having('Content-Length', '99999'),
    having('Content-Length', 'many'),
    having('Via', ''),
    having('Via', 'SIP/2.0/UDP'),
    having('Via', 'SIP/2.0/UDP [::::]:99999;branch='),
    having('From', '<<<<>>>>'),
    having('From', '"unterminated <sip:x@y>;tag=1'),
    having('To', ''),
    having('Call-ID', ''),
    // A response to nothing, to be routed by nobody.
    good().replace(/^INVITE .*\r\n/, 'SIP/2.0 200 OK\r\n'),
    good().replace(/^INVITE .*\r\n/, 'SIP/2.0 180 Ringing\r\n'),
    // In-dialog requests of no dialog.
    ...['ACK', 'BYE', 'CANCEL', 'INFO', 'UPDATE', 'PRACK', 'REFER', 'NOTIFY', 'FOO'].map((method) =>
      good()
        .replace(/^INVITE/, method)
        .replace('CSeq: 1 INVITE', `CSeq: 1 ${method}`)
        .replace(/^(To: .*)\r$/m, '$1;tag=none\r'),
    ),
    good().replace(/^(To: .*)\r$/m, '$1;tag=none\r'),
    // Two of what may be there once.
    having('CSeq', '1 INVITE\r\nCSeq: 2 BYE'),
    // Lines that never end, headers without number.
    `INVITE ${'x'.repeat(60_000)}`,
    `${head}\r\nX-Long: ${'y'.repeat(DATAGRAM_OCTETS_MAX - head.length - 40)}`,
    `BYE sip:x@y SIP/2.0\r\n${'X-A: b\r\n'.repeat(8_000)}\r\n`,
    `BYE sip:x@y SIP/2.0\r\n${'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKa\r\n'.repeat(1_000)}\r\n`,
    `BYE sip:x@y SIP/2.0\r\nVia: ${','.repeat(50_000)}\r\n\r\n`,
    `BYE sip:x@y SIP/2.0\r\n${' folded\r\n'.repeat(5_000)}\r\n`,
    // The body alone, and the head with line ends of another system and a length that is too long.
    body,
    `${head.replaceAll('\r\n', '\n')}\n\n`,
    head.replaceAll('\r\n', '\r'),
  ];
}

/** A good INVITE that ends too soon: without its empty line, or with less body than its Content-Length says. */
function cutShort(from: Endpoint): readonly Buffer[] {
  const whole = Buffer.from(rawInvite({ from, number: NUMBER }));
  return Array.from({ length: Math.floor((whole.length - 1) / CUT_STEP) }, (_, index) =>
    whole.subarray(0, (index + 1) * CUT_STEP),
  );
}

/** An OPTIONS in which a few bits are wrong. */
function flipped(from: Endpoint, random: () => number): readonly Buffer[] {
  return Array.from({ length: FLIPPED }, () => {
    const datagram = Buffer.from(rawInvite({ from, number: NUMBER }).replaceAll('INVITE', 'OPTIONS'));
    for (let flip = 0; flip < 4; flip++) {
      const at = Math.floor(random() * datagram.length);
      datagram[at] = (datagram[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return datagram;
  });
}

function noise(random: () => number): readonly Buffer[] {
  return Array.from({ length: NOISE }, () =>
    Buffer.from(Array.from({ length: 1 + Math.floor(random() * 1_400) }, () => Math.floor(random() * 256))),
  );
}

/** mulberry32: 32 bits of state, even enough for this. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
