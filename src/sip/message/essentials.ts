import { ok, type Result, refused } from '../../base/result.ts';
import { isNameAddr, tagOf } from './name-addr.ts';
import { headerValue, type SipMessage } from './sip-message.ts';
import { isUri, parseSipUri } from './uri.ts';
import { topVia, type Via } from './via.ts';

/** Sequence number and method of a CSeq header (RFC 3261 §20.16). */
export type CSeq = { readonly number: number; readonly method: string };

/** What every message must have and every layer looks at, read once (RFC 3261 §8.1.1). Tags are null when absent. */
export type Essentials = {
  readonly via: Via;
  readonly callId: string;
  readonly cseq: CSeq;
  readonly fromTag: string | null;
  readonly toTag: string | null;
};

/** CSeq numbers are below 2^31 (RFC 3261 §8.1.1.5). */
const CSEQ_LIMIT = 2 ** 31;

/** Max-Forwards is one octet (RFC 3261 §20.22). */
const MAX_FORWARDS_LIMIT = 255;

/** Reads `4711 INVITE`; null when it is none. */
export function parseCSeq(value: string): CSeq | null {
  const match = /^(\d{1,10})\s+(\S+)$/.exec(value);
  if (match === null) return null;
  const number = Number(match[1]);
  return number < CSEQ_LIMIT ? { number, method: match[2] as string } : null;
}

/** Reads the essentials, or says in a sentence which is missing or malformed. */
export function readEssentials(message: SipMessage): Result<Essentials, string> {
  const repeated = repeatedHeader(message);
  if (repeated !== null) return refused(`more than one ${repeated}`);
  const via = topVia(message);
  if (via === null) return refused('Via missing or malformed');
  const callId = headerValue(message, 'call-id');
  // A vertical bar is no `word` character (§25.1), and it separates fields of the control protocol.
  if (callId === undefined || callId === '' || /[\s|]/.test(callId)) return refused('Call-ID missing or malformed');
  const cseqValue = headerValue(message, 'cseq');
  const cseq = cseqValue === undefined ? null : parseCSeq(cseqValue);
  if (cseq === null) return refused('CSeq missing or malformed');
  if (message.kind === 'request' && cseq.method !== message.method) return refused('CSeq and request line disagree');
  if (message.kind === 'request' && !isRequestUri(message.uri)) return refused('request URI malformed');
  const from = headerValue(message, 'from');
  if (from === undefined || !isNameAddr(from)) return refused('From missing or malformed');
  const to = headerValue(message, 'to');
  if (to === undefined || !isNameAddr(to)) return refused('To missing or malformed');
  const maxForwards = headerValue(message, 'max-forwards');
  if (maxForwards !== undefined && !(/^\d{1,9}$/.test(maxForwards) && Number(maxForwards) <= MAX_FORWARDS_LIMIT)) {
    return refused('Max-Forwards malformed');
  }
  const fromTag = tagOf(from);
  const toTag = tagOf(to);
  if (fromTag !== null && /[\s|]/.test(fromTag)) return refused('From tag malformed');
  if (toTag !== null && /[\s|]/.test(toTag)) return refused('To tag malformed');
  return ok({ via, callId, cseq, fromTag, toTag });
}

/** Headers that a message has once (RFC 3261 §7.3.1, RFC 4475 §3.3.8): two of them are two messages in one. */
const SINGLE: ReadonlySet<string> = new Set(['call-id', 'cseq', 'from', 'to', 'max-forwards', 'content-length']);

/**
 * Whether that can stand in a request line: a URI, and if it is a SIP one, one that can be read and that carries no
 * headers (RFC 3261 §19.1.5, RFC 4475 §3.1.2.11, RFC 5118 §4.2). Other schemes are their users' matter.
 */
function isRequestUri(text: string): boolean {
  if (!/^sips?:/i.test(text)) return isUri(text);
  const uri = parseSipUri(text);
  return uri !== null && uri.headers === '';
}

function repeatedHeader(message: SipMessage): string | null {
  let seen = '';
  for (const { key } of message.headers) {
    if (!SINGLE.has(key)) continue;
    if (seen.includes(`|${key}|`)) return key;
    seen += `|${key}|`;
  }
  return null;
}
