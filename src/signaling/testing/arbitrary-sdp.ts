/** Descriptions that a peer might send, from the usual to the absurd, for property tests. */
import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  integer,
  option,
  record,
  stringMatching,
  tuple,
} from 'fast-check';

/** Marks everything in a description that must never be seen by anybody else. */
export const SECRET = 'zqx';

/** Addresses that only peers have. */
const PEER_ADDRESSES = ['192.0.2.7', '192.0.2.8', '0.0.0.0'] as const;

const FORMATS = [
  [8, null],
  [0, null],
  [9, null],
  [18, null],
  [3, null],
  [13, null],
  [96, 'opus/48000/2'],
  [111, 'opus/48000/2'],
  [97, 'PCMA/8000'],
  [98, 'PCMA/16000'],
  [101, 'telephone-event/8000'],
  [110, 'telephone-event/48000'],
  [99, `${SECRET}/8000`],
  [8, 'iLBC/8000'],
] as const;

/** Attributes of ICE, DTLS, feedback and the like, and what nobody knows. */
const ATTRIBUTES = [
  `ice-ufrag:${SECRET}`,
  `ice-pwd:${SECRET}${SECRET}${SECRET}${SECRET}${SECRET}${SECRET}${SECRET}${SECRET}`,
  `candidate:1 1 UDP 2130706431 198.51.100.9 ${10_000} typ host`,
  `fingerprint:sha-256 ${SECRET}`,
  'setup:actpass',
  `crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${SECRET}${SECRET}${SECRET}${SECRET}AAAAAAAAAAAAAAAAAAAAAAAAAAAA`,
  `mid:${SECRET}`,
  'rtcp-fb:* nack',
  `msid:${SECRET} ${SECRET}`,
  `ssrc:1 cname:${SECRET}`,
  `extmap:1 urn:${SECRET}`,
  'rtcp-mux',
  'rtcp:40001 IN IP4 198.51.100.9',
  'rtcp-rsize',
  'ptime:30',
  'ptime:7',
  'maxptime:40',
  `fmtp:96 stereo=1;${SECRET}=1;useinbandfec=1`,
  `fmtp:18 annexb=yes`,
  `x-${SECRET}:1`,
] as const;

const stream = record({
  type: constantFrom('audio', 'audio', 'audio', 'video', 'image', 'application', 'text', 'message'),
  port: constantFrom(0, 10_000, 10_000, 10_000, 65_535),
  protocol: constantFrom(
    'RTP/AVP',
    'RTP/AVP',
    'RTP/AVP',
    'RTP/AVPF',
    'RTP/SAVP',
    'UDP/TLS/RTP/SAVPF',
    'udptl',
    'TCP/MSRP',
  ),
  formats: array(constantFrom(...FORMATS), { minLength: 1, maxLength: 8 }),
  attributes: array(constantFrom(...ATTRIBUTES), { maxLength: 8 }),
  direction: option(constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive')),
  address: option(constantFrom(...PEER_ADDRESSES)),
});

type StreamParts = typeof stream extends Arbitrary<infer Parts> ? Parts : never;

/** A description with at least one m-line. */
export const peerSdp: Arbitrary<string> = tuple(
  constantFrom(...PEER_ADDRESSES),
  array(stream, { minLength: 1, maxLength: 4 }),
  array(constantFrom(`group:BUNDLE ${SECRET}`, 'ice-lite', 'sendonly', `x-${SECRET}`), { maxLength: 3 }),
  boolean(),
  integer({ min: 1, max: 9 }),
).map(([address, streams, session, hasEnd, version]) =>
  [
    'v=0',
    `o=${SECRET} 77 ${version} IN IP4 ${address}`,
    `s=${SECRET}`,
    `i=${SECRET}`,
    `c=IN IP4 ${address}`,
    `b=AS:4242`,
    't=0 0',
    ...session.map((one) => `a=${one}`),
    ...streams.flatMap(linesOf),
    ...(hasEnd ? [''] : []),
  ].join('\r\n'),
);

/** Not even a description: lines of one, broken. */
export const brokenSdp: Arbitrary<string> = array(
  stringMatching(/^(?:[vosctmba]=)?[ -~]{0,24}$/).filter((line) => line.length < 30),
  { maxLength: 12 },
).map((lines) => lines.join('\r\n'));

function linesOf({ type, port, protocol, formats, attributes, direction, address }: StreamParts): string[] {
  const unique = formats.filter(([number], index) => formats.findIndex(([one]) => one === number) === index);
  return [
    `m=${type} ${port} ${protocol} ${unique.map(([number]) => number).join(' ')}`,
    ...(address === null ? [] : [`c=IN IP4 ${address}`]),
    ...unique.flatMap(([number, rtpmap]) => (rtpmap === null ? [] : [`a=rtpmap:${number} ${rtpmap}`])),
    ...attributes.map((one) => `a=${one}`),
    ...(direction === null ? [] : [`a=${direction}`]),
  ];
}
