/** Reads a dialer's INVITE once: number, caller, campaign, agent, offer. Never throws; what is missing is null. */
import type { Instant } from '../base/clock.ts';
import type { DialerOffer, IncomingInvite } from '../guard/ports.ts';
import { type HeaderNames, readAgent, readDisposition, readText, readVicidialCallCode } from './brusio-headers.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { readRemoteMedia } from './sdp.ts';
import { userOf } from './sip-uri.ts';

/** A response that an INVITE gets before anybody looks at what it asks. */
export type UnreadableInvite = { readonly sipStatus: number; readonly phrase: string };

/** What is wrong with an INVITE's own addresses, or null. Whom it calls, and as whom, is never guessed. */
export function unreadable(request: SipRequest): UnreadableInvite | null {
  if (!/^(?:sips?|tel):/i.test(request.uri)) return { sipStatus: 416, phrase: 'Unsupported URI Scheme' };
  if (userOf(request.uri) === '') return { sipStatus: 484, phrase: 'Address Incomplete' };
  const from = fromOf(request);
  if (from === null || !/^(?:sips?|tel):/i.test(from.uri)) return { sipStatus: 400, phrase: 'Bad From Header' };
  if (Number.parseInt(request.get('max-forwards') ?? '70', 10) === 0)
    return { sipStatus: 483, phrase: 'Too Many Hops' };
  return null;
}

/** The INVITE as the guard sees it. */
export function readInvite(request: SipRequest, names: HeaderNames, at: Instant): IncomingInvite {
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
    offer: offerOf(request.body),
  };
}

function offerOf(body: string): DialerOffer {
  if (body.trim() === '') return { kind: 'none' };
  const media = readRemoteMedia(body);
  return media.ok ? { kind: 'sdp', media: media.value } : media.problem;
}

function fromOf(request: SipRequest): NameAddr | null {
  try {
    const from = request.getParsedHeader('from');
    return typeof from?.uri === 'string' ? from : null;
  } catch {
    return null;
  }
}
