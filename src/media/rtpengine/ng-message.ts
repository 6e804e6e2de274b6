/**
 * The ng protocol's messages: a cookie, a blank, and a bencoded dictionary
 * (https://rtpengine.readthedocs.io/en/latest/ng_control_protocol.html). An answer has the cookie of its request.
 */
import { type Bencoded, type BencodedDictionary, type BencodeRead, encodeBencode, readBencode } from './bencode.ts';

/** A request: its command and what goes with it. */
export type NgRequest = { readonly command: string } & BencodedDictionary;

/** An answer whose `result` has yet to be looked at. */
export type NgAnswer = { readonly cookie: string; readonly body: BencodedDictionary };

/** Octets of an answer over a connection; the largest there is, statistics of a call, has some ten thousand. */
export const NG_MESSAGE_OCTETS_MAX = 256 * 1024;

/** Octets of a cookie; ours have some thirty. */
const COOKIE_OCTETS_MAX = 64;

const BLANK = 0x20;

/** A request as it is sent. */
export function writeNgMessage(cookie: string, request: NgRequest): Buffer {
  return Buffer.concat([Buffer.from(`${cookie} `), encodeBencode(request)]);
}

/** The answer that one datagram or WebSocket message holds, exactly; null when it holds anything else. */
export function readNgMessage(octets: Buffer): NgAnswer | null {
  const read = readNgMessageAt(octets, 0);
  return read.type === 'value' && read.endsAt === octets.length ? read.answer : null;
}

/** What stands at the start of some octets. */
export type NgRead =
  | { readonly type: 'value'; readonly answer: NgAnswer; readonly endsAt: number }
  | Exclude<BencodeRead, { readonly type: 'value' }>;

/** The answer that begins at `start`, as a connection brings them: one after the other, in pieces. */
export function readNgMessageAt(octets: Buffer, start: number): NgRead {
  const blankAt = octets.subarray(start, start + COOKIE_OCTETS_MAX + 1).indexOf(BLANK);
  if (blankAt === -1) return { type: octets.length - start > COOKIE_OCTETS_MAX ? 'malformed' : 'incomplete' };
  const read = readBencode(octets, start + blankAt + 1);
  if (read.type !== 'value') return read;
  if (blankAt === 0 || !isDictionary(read.value)) return { type: 'malformed' };
  const cookie = octets.toString('latin1', start, start + blankAt);
  return { type: 'value', answer: { cookie, body: read.value }, endsAt: read.endsAt };
}

/** Whether a value is a dictionary. */
export function isDictionary(value: Bencoded | undefined): value is BencodedDictionary {
  return typeof value === 'object' && !Array.isArray(value);
}
