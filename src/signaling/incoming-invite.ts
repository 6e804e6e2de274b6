/** Reads a dialer's INVITE once: number, caller, campaign, agent, offer. Never throws; what is missing is null. */
import type { Instant } from '../base/clock.ts';
import type { DialerOffer, IncomingInvite } from '../guard/ports.ts';
import { type HeaderNames, readAgent, readDisposition, readText, readVicidialCallCode } from './brusio-headers.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { readRemoteMedia } from './sdp.ts';
import { userOf } from './sip-uri.ts';

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
    return request.getParsedHeader('from');
  } catch {
    return null;
  }
}
