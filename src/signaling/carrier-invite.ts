/** The INVITE to a carrier: the dialer's, with what is the hop's own made anew. */
import type { Carrier, IncomingInvite } from '../guard/signaling-port.ts';
import { readCallCode } from '../policy/call-code.ts';
import type { NumberPlan } from '../policy/telephone-number.ts';
import { type HeaderNames, passedHeaders } from './brusio-headers.ts';
import { formattedCaller, formattedIdentities } from './caller-identity.ts';
import type { AttemptPlan } from './carrier-attempts.ts';
import { type CarrierProfile, calledUser } from './carrier-profile.ts';
import type { DigestClient } from './digest-client.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { SUPPORTED } from './in-dialog.ts';
import type { SrtpMode } from './sdes.ts';
import { intervalOffered, type SessionIntervals } from './session-interval.ts';
import { withUser } from './sip-uri.ts';
import { encodedUser } from './telephone-uri.ts';

/** What every INVITE is made with. */
export type CarrierInviteContext = {
  readonly headerNames: HeaderNames;
  /** By name; an inbound call's target has none. */
  readonly carriers: ReadonlyMap<string, CarrierProfile>;
  readonly numberPlan: NumberPlan;
  /** Our credentials at a carrier; null where there are none. */
  readonly digestFor: (carrier: string) => DigestClient | null;
  readonly userAgent: string;
  /** Our `Allow`. */
  readonly allow: string;
  readonly intervals: SessionIntervals;
};

/** Headers that repeat the caller's number. */
const IDENTITY_HEADERS: ReadonlySet<string> = new Set(['p-asserted-identity', 'remote-party-id']);

/** An inbound call has one target, so nothing is tried after it. */
const TARGET_NO_RESPONSE_MS = 60_000;

/**
 * The INVITE for one carrier.
 *
 * @param offer our offer to a peer of this kind
 */
export function carrierInvite(
  request: SipRequest,
  invite: IncomingInvite,
  target: Carrier,
  callId: string,
  offer: (srtp: SrtpMode) => string,
  context: CarrierInviteContext,
): AttemptPlan {
  // An inbound call's target is no carrier: it gets numbers as they came, and none of our credentials.
  const isInbound = invite.caller?.type === 'carrier';
  const profile = isInbound ? null : (context.carriers.get(target.name) ?? null);
  const plan = context.numberPlan;
  const { number, dialledNumber, callerId } = invite;
  const format = profile?.callerFormat ?? 'unchanged';
  const called = profile === null ? encodedUser(dialledNumber) : calledUser(number, dialledNumber, profile, plan);
  const passed = passedHeaders(request.headers, context.headerNames, profile?.passHeaders ?? []);
  for (const [name, value] of Object.entries(passed)) {
    if (IDENTITY_HEADERS.has(name.toLowerCase())) passed[name] = formattedIdentities(value, format, plan);
  }
  const digest = isInbound ? null : context.digestFor(target.name);
  return {
    uri: withUser(target.uri, called),
    headers: {
      ...passed,
      'Call-ID': callId,
      From: from(request, encodedUser(formattedCaller(callerId, format, plan))),
      'Max-Forwards': String(maxForwards(request) - 1),
      Allow: context.allow,
      Supported: SUPPORTED,
      'User-Agent': context.userAgent,
      ...intervalOffered(context.intervals, digest !== null),
    },
    sdp: offer(profile?.srtp ?? 'accept'),
    noResponseMs: profile?.noResponseMs ?? TARGET_NO_RESPONSE_MS,
    digest,
  };
}

/** The host is our own (the engine writes it for `localhost`), the VICIdial call code is gone. */
function from(request: SipRequest, caller: string): string {
  const name = (request.getParsedHeader('from').name ?? '').replace(/^"|"$/g, '');
  const display = name === '' || readCallCode(name) !== null ? '' : `"${name.replace(/(["\\])/g, '\\$1')}" `;
  return `${display}<sip:${caller === '' ? 'anonymous' : caller}@localhost>`;
}

function maxForwards(request: SipRequest): number {
  const value = Number.parseInt(request.get('max-forwards') ?? '', 10);
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : 70;
}
