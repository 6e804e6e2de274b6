/** Reads a dialer's INVITE once: number, caller, campaign, agent, offer. Never throws; what is missing is null. */
import type { Instant } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { DialerOffer, IncomingInvite } from '../guard/ports.ts';
import {
  type HeaderNames,
  passedHeaders,
  readAgent,
  readDisposition,
  readText,
  readVicidialCallCode,
} from './brusio-headers.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { type PeerDescription, readPeerDescription, type SdpProblem } from './peer-description.ts';
import { userOf } from './sip-uri.ts';

/** A response that an INVITE gets before anybody looks at what it asks. */
export type UnreadableInvite = {
  readonly sipStatus: number;
  readonly phrase: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** RFC 3261 §25.1 `user`, escapes included; never empty. */
const USER = /^[\w.!~*'()&=+$,;?/%#-]+$/;

/**
 * Headers that would pass to the carrier may be this long together: a real drachtio-server 0.9.10 keeps what an
 * application writes in a ring of 12,228 octets and overwrites what does not fit, several calls' worth in a burst.
 */
const PASSED_OCTETS_MAX = 2_048;

/** Extensions that an engine takes care of by itself, or refuses by itself. */
const ENGINE_EXTENSIONS: ReadonlySet<string> = new Set(['100rel', 'timer']);

/** What is wrong with an INVITE itself, or null. Whom it calls, and as whom, is never guessed. */
export function unreadable(request: SipRequest, names: HeaderNames): UnreadableInvite | null {
  if (/;\s*tag=/i.test(request.get('to') ?? '')) return refusal(481, 'Call/Transaction Does Not Exist');
  if (!/^(?:sips?|tel):/i.test(request.uri)) return refusal(416, 'Unsupported URI Scheme');
  if (!USER.test(userOf(request.uri))) return refusal(484, 'Address Incomplete');
  const from = fromOf(request);
  if (from === null || !/^(?:sips?|tel):/i.test(from.uri)) return refusal(400, 'Bad From Header');
  if ((request.get('call-id') ?? '').trim() === '') return refusal(400, 'Bad Call-ID Header');
  if (Number.parseInt(request.get('max-forwards') ?? '70', 10) === 0) return refusal(483, 'Too Many Hops');
  if (!/^sips?:/i.test(contactOf(request) ?? '')) return refusal(400, 'Bad Contact Header');
  if ((request.body ?? '') !== '' && !isSdp(request.get('content-type') ?? 'application/sdp')) {
    return refusal(415, 'Unsupported Media Type', { Accept: 'application/sdp' });
  }
  if (!takesSdp(request.get('accept'))) return refusal(406, 'Not Acceptable');
  const passed = Object.entries(passedHeaders(request.headers, names, []));
  const octets = passed.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (octets > PASSED_OCTETS_MAX) return refusal(513, 'Message Too Large');
  const unsupported = (request.get('require') ?? '')
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '' && !ENGINE_EXTENSIONS.has(tag));
  if (unsupported.length === 0) return null;
  // RFC 3261 §8.2.2.3: whoever requires what we do not know is told what.
  return refusal(420, 'Bad Extension', { Unsupported: unsupported.join(', ') });
}

/** RFC 3261 §8.2.3: the only body that we read. */
function isSdp(contentType: string): boolean {
  return /^\s*application\/sdp\s*(?:;|$)/i.test(contentType);
}

/** Whether the dialer takes the SDP of our answer (RFC 3261 §20.1): without Accept it does. */
function takesSdp(accept: string | undefined): boolean {
  if (accept === undefined) return true;
  return accept.split(',').some((range) => /^\s*(?:\*\/\*|application\/(?:\*|sdp))\s*(?:;|$)/i.test(range));
}

function refusal(sipStatus: number, phrase: string, headers: Readonly<Record<string, string>> = {}): UnreadableInvite {
  return { sipStatus, phrase, headers };
}

/** The INVITE as the guard sees it. */
export function readInvite(
  request: SipRequest,
  names: HeaderNames,
  at: Instant,
  described: DescribedOffer = describedOffer(request),
): IncomingInvite {
  const from = fromOf(request);
  const report = readAgent(request.get(names.agent), 'invite-header', 'reserved');
  return {
    at,
    dialerCallId: request.get('call-id') ?? '',
    sourceAddress: request.source_address,
    number: userOf(request.uri),
    callerId: userOf(from?.uri ?? ''),
    campaign: readText(request.get(names.campaign)),
    reference: readText(request.get(names.reference)) ?? readVicidialCallCode(from?.name),
    agent: report?.state === 'connected' ? report.agent : null,
    disposition: readDisposition(request.get(names.disposition), 'invite-header'),
    offer: offerOf(described),
  };
}

/** The INVITE's SDP; null when it has none. */
export type DescribedOffer = Result<PeerDescription, SdpProblem> | null;

/** Reads it. */
export function describedOffer(request: SipRequest): DescribedOffer {
  const sdp = request.body ?? '';
  return sdp.trim() === '' ? null : readPeerDescription(sdp, null);
}

function offerOf(described: DescribedOffer): DialerOffer {
  if (described === null) return { kind: 'none' };
  return described.ok ? { kind: 'sdp', media: described.value.media } : described.problem;
}

function contactOf(request: SipRequest): string | null {
  try {
    return request.getParsedHeader('contact')[0]?.uri ?? null;
  } catch {
    return null;
  }
}

function fromOf(request: SipRequest): NameAddr | null {
  try {
    const from = request.getParsedHeader('from');
    return typeof from?.uri === 'string' ? from : null;
  } catch {
    return null;
  }
}
