/** The INVITE to a carrier: the dialer's, with what is the hop's own made anew. */
import type { Carrier, IncomingInvite } from '../guard/ports.ts';
import type { NumberPlan } from '../policy/telephone-number.ts';
import { type HeaderNames, passedHeaders, readVicidialCallCode } from './brusio-headers.ts';
import type { AttemptPlan } from './carrier-attempts.ts';
import { type CarrierProfile, calledUser, callerUser } from './carrier-profile.ts';
import type { DigestClient } from './digest-client.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { SUPPORTED } from './in-dialog.ts';
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

/** An inbound call has one target, so nothing is tried after it. */
const TARGET_NO_RESPONSE_MS = 60_000;

/** The INVITE for one carrier. */
export function carrierInvite(
  request: SipRequest,
  invite: IncomingInvite,
  target: Carrier,
  callId: string,
  sdp: string,
  context: CarrierInviteContext,
): AttemptPlan {
  const profile = context.carriers.get(target.name) ?? null;
  const plan = context.numberPlan;
  const number = profile === null ? encodedUser(invite.number) : calledUser(invite.number, profile, plan);
  const caller = profile === null ? encodedUser(invite.callerId) : callerUser(invite.callerId, profile, plan);
  return {
    uri: withUser(target.uri, number),
    headers: {
      ...passedHeaders(request.headers, context.headerNames, profile?.passHeaders ?? []),
      'Call-ID': callId,
      From: from(request, caller),
      'Max-Forwards': String(maxForwards(request) - 1),
      Allow: context.allow,
      Supported: SUPPORTED,
      'User-Agent': context.userAgent,
      ...intervalOffered(context.intervals),
    },
    sdp,
    noResponseMs: profile?.noResponseMs ?? TARGET_NO_RESPONSE_MS,
    digest: context.digestFor(target.name),
  };
}

/** The host is our own (the engine writes it for `localhost`), the VICIdial call code is gone. */
function from(request: SipRequest, caller: string): string {
  const name = (request.getParsedHeader('from').name ?? '').replace(/^"|"$/g, '');
  const display = name === '' || readVicidialCallCode(name) !== null ? '' : `"${name.replace(/(["\\])/g, '\\$1')}" `;
  return `${display}<sip:${caller === '' ? 'anonymous' : caller}@localhost>`;
}

function maxForwards(request: SipRequest): number {
  const value = Number.parseInt(request.get('max-forwards') ?? '', 10);
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : 70;
}
