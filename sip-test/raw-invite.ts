/** An INVITE as text, each part replaceable: the raw material of wrong ones. */
import { randomUUID } from 'node:crypto';
import { type Endpoint, TARGET } from './engine-under-test.ts';

/** The parts that tests change. */
export type RawInvite = {
  readonly from: Endpoint;
  readonly number: string;
  readonly callId?: string;
  readonly sdp?: string;
};

/** A good INVITE, with CRLF and a right Content-Length. */
export function rawInvite({ from, number, callId = randomUUID(), sdp = goodSdp(from.address) }: RawInvite): string {
  const here = `${from.address}:${from.port}`;
  return [
    `INVITE sip:${number}@${TARGET.address}:${TARGET.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${here};branch=z9hG4bK-${randomUUID()};rport`,
    'Max-Forwards: 70',
    `From: <sip:raw@${here}>;tag=${randomUUID()}`,
    `To: <sip:${number}@${TARGET.address}:${TARGET.port}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:raw@${here}>`,
    'Content-Type: application/sdp',
    `Content-Length: ${Buffer.byteLength(sdp)}`,
    '',
    sdp,
  ].join('\r\n');
}

/** The ACK of a failure (RFC 3261 §17.1.1.3), from the INVITE's text and the To of its response. */
export function rawAck(invite: string, response: string): string {
  const line = (text: string, name: string) => new RegExp(`^${name}:[^\r\n]*`, 'im').exec(text)?.[0] ?? '';
  return [
    (invite.split('\r\n')[0] ?? '').replace('INVITE', 'ACK'),
    line(invite, 'Via'),
    'Max-Forwards: 70',
    line(invite, 'From'),
    line(response, 'To'),
    line(invite, 'Call-ID'),
    'CSeq: 1 ACK',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function goodSdp(address: string): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=audio 49170 RTP/AVP 8',
    '',
  ].join('\r\n');
}
