/** Reads a dialer's INVITE once: number, caller, campaign, agent, offer. Never throws; what is missing is null. */
import type { Instant } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { DialerOffer, IncomingInvite, InviteCaller } from '../guard/signaling-port.ts';
import { readCallCode } from '../policy/call-code.ts';
import { CALLER_ID_HEADERS } from '../policy/caller-id.ts';
import { campaignByRules } from '../policy/campaign-rules.ts';
import { type NumberPlan, toE164, withoutSeparators } from '../policy/telephone-number.ts';
import {
  type HeaderNames,
  passedHeaders,
  readAgent,
  readDisposition,
  readException,
  readText,
} from './brusio-headers.ts';
import { callerIdentityOf } from './caller-identity.ts';
import { type DialerProfile, headerOfPlace } from './dialer-profile.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { ALL_SERVED, isSecure, type PeerDescription, readPeerDescription, type SdpRules } from './peer-description.ts';
import type { SdpProblem } from './sdp-problem.ts';
import { userOf } from './sip-uri.ts';
import { telephoneSubscriberOf } from './telephone-uri.ts';

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

/** Extensions that an engine takes care of by itself, or refuses by itself; and RFC 3891. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(['100rel', 'timer', 'replaces']);

/** What is wrong with an INVITE itself, or null. Whom it calls, and as whom, is never guessed. */
export function unreadable(request: SipRequest, names: HeaderNames): UnreadableInvite | null {
  if (/;\s*tag=/i.test(request.get('to') ?? '')) return refusal(481, 'Call/Transaction Does Not Exist');
  if (!/^(?:sips?|tel):/i.test(request.uri)) return refusal(416, 'Unsupported URI Scheme');
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
    .filter((tag) => tag !== '' && !KNOWN_EXTENSIONS.has(tag));
  if (unsupported.length === 0) return null;
  // RFC 3261 §8.2.2.3: whoever requires what we do not know is told what.
  return refusal(420, 'Bad Extension', { Unsupported: unsupported.join(', ') });
}

/** What is wrong with whom it calls, or null: that stands where the sender's settings say. */
export function unreadableNumber(request: SipRequest, sender: InviteSender): UnreadableInvite | null {
  return USER.test(userOf(calledUri(request, sender))) ? null : refusal(484, 'Address Incomplete');
}

function calledUri(request: SipRequest, sender: InviteSender): string {
  const place = sender?.type === 'dialer' ? sender.profile.numberFrom : 'request-uri';
  if (place === 'request-uri') return request.uri;
  if (place === 'to') return addressIn(request.get('to'));
  const value = (request.get(headerOfPlace(place) ?? '') ?? '').trim();
  return /^(?:"|<|[^<]*<|(?:sips?|tel):)/i.test(value) ? addressIn(value) : `tel:${value}`;
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

/** Who sent an INVITE, as far as it is known; null for nobody the settings know. */
export type InviteSender =
  | { readonly type: 'dialer'; readonly profile: DialerProfile }
  | { readonly type: 'carrier'; readonly name: string }
  | null;

/** The INVITE as the guard sees it. What only a dialer may say is not read from a carrier's. */
export function readInvite(
  request: SipRequest,
  names: HeaderNames,
  at: Instant,
  sender: InviteSender,
  plan: NumberPlan,
  described: DescribedOffer = describedOffer(request),
): IncomingInvite {
  const profile = sender?.type === 'dialer' ? sender.profile : null;
  const said = (name: string): string | undefined => (sender?.type === 'carrier' ? undefined : request.get(name));
  const report = readAgent(said(names.agent), 'invite-header', 'reserved');
  const called = telephoneSubscriberOf(calledUri(request, sender));
  const stripped = withoutPrefix(called.number, profile?.stripPrefix ?? '');
  const caller = callerIdentityOf(request, profile?.callerIdFrom ?? CALLER_ID_HEADERS);
  const number = toE164(stripped, plan, called.context);
  const callCode = readCallCode(fromOf(request)?.name ?? '');
  const header = (name: string) => readText(said(name));
  return {
    at,
    dialerCallId: request.get('call-id') ?? '',
    sourceAddress: request.source_address,
    caller: callerOf(sender),
    number,
    dialledNumber: withoutSeparators(stripped),
    callerId: caller.number,
    isAnonymous: caller.isAnonymous,
    declaredKind: header(names.callType),
    campaign:
      header(names.campaign) ??
      campaignByRules(profile?.campaignRules ?? [], {
        ...{ number, callCode, header },
        callerId: toE164(caller.number, plan),
      }),
    reference: header(names.reference) ?? referenceOf(profile?.referenceFrom ?? ['call-code'], request, callCode),
    agent: report?.state === 'connected' ? report.agent : null,
    agentPromise: report === null || report.state === 'left' ? 'none' : report.state,
    exception: readException(said(names.consent)),
    disposition: readDisposition(said(names.disposition), 'invite-header'),
    offer: offerOf(described),
  };
}

function referenceOf(
  places: DialerProfile['referenceFrom'],
  request: SipRequest,
  callCode: string | null,
): string | null {
  for (const place of places) {
    const header = headerOfPlace(place);
    const text = place === 'call-code' ? callCode : readText(request.get(header ?? 'call-id'));
    if (text !== null) return text;
  }
  return null;
}

function callerOf(sender: InviteSender): InviteCaller | null {
  if (sender === null || sender.type === 'carrier') return sender;
  const { name, kind, mayDeclare } = sender.profile;
  return { type: 'dialer', name, kind, mayDeclare };
}

function withoutPrefix(number: string, prefix: string): string {
  return prefix !== '' && number.startsWith(prefix) && number.length > prefix.length
    ? number.slice(prefix.length)
    : number;
}

/** The URI of a name-addr or addr-spec (RFC 3261 §25.1). */
function addressIn(value = ''): string {
  return /<([^<>]*)>/.exec(value)?.[1] ?? value.split(';', 1)[0] ?? '';
}

/** The INVITE's SDP; null when it has none. */
export type DescribedOffer = Result<PeerDescription, SdpProblem> | null;

/** Reads it. */
export function describedOffer(request: SipRequest, rules: SdpRules = ALL_SERVED): DescribedOffer {
  const sdp = request.body ?? '';
  return sdp.trim() === '' ? null : readPeerDescription(sdp, null, rules);
}

function offerOf(described: DescribedOffer): DialerOffer {
  if (described === null) return { kind: 'none' };
  if (!described.ok) return described.problem;
  const { media, profile } = described.value;
  // Until its keys are agreed nothing may go to it, or it would go in clear.
  return { kind: 'sdp', media: isSecure(profile) ? { ...media, direction: 'inactive' } : media };
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
