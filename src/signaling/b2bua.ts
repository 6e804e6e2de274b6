/**
 * One call's two legs, back to back: what the guard asks is done on them, what they see becomes events, and what a
 * B2BUA does by itself (relaying 18x and the 200 with Brusio's own SDP, answering an INFO or a re-INVITE) is done here.
 */
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { maskUris } from '../base/redact.ts';
import type { HangUp } from '../call/call-effect.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallLegs, CallMediaAddresses, CallSink, Carrier, IncomingInvite } from '../guard/ports.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import { type HeaderNames, passedHeaders, readAgent, readDisposition, readVicidialCallCode } from './brusio-headers.ts';
import { type CarrierLeg, type CarrierLegEvents, createCarrierLeg, reasonOf, type SendBye } from './carrier-leg.ts';
import { contained } from './contained.ts';
import { createDialerLeg, type DialerLeg, type DialerLegEvents, sendFinal } from './dialer-leg.ts';
import type { ServerResponse, SipRequest, SipResponse, Srf } from './drachtio-srf.ts';
import { carrierOffer, dialerAnswer, readRemoteMedia, writeAnswer, writeSdp } from './sdp.ts';
import { withUser } from './sip-uri.ts';

/** What all calls share. */
export type B2buaContext = {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly log: Logger;
  readonly headerNames: HeaderNames;
  /** X- headers that may pass, per carrier name. */
  readonly passLists: ReadonlyMap<string, readonly string[]>;
  readonly userAgent: string;
  readonly sendBye: SendBye;
  /** A unique Call-ID. */
  readonly newCallId: () => string;
  /** A session id for the `o=` line: digits (RFC 8866 §5.2). */
  readonly newSessionId: () => string;
};

/** Methods a peer may use towards us (RFC 3261 §20.5). */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, UPDATE';

/** Response headers of the carrier that mean something to the dialer. */
const RELAYED_RESPONSE_HEADERS = ['reason', 'retry-after', 'warning', 'p-early-media', 'p-asserted-identity'];

/** The two legs of one call, as the signaling edge holds them. */
export type B2bua = CallLegs & {
  /** Where the legs' events go from now on; null when the guard refused the call. */
  attach(sink: CallSink | null): void;
  /** The control connection was lost and is back: what was under way is unknown, and the call ends. */
  connectionReturned(): void;
};

/**
 * The legs of an INVITE that was just received.
 *
 * @param onHungUp the guard has asked for the end of both legs
 */
export function createB2bua(
  request: SipRequest,
  response: ServerResponse,
  invite: IncomingInvite,
  context: B2buaContext,
  onHungUp: () => void,
): B2bua {
  const { clock, headerNames } = context;
  const log = context.log;
  const dialerOffer: RemoteMedia | null = invite.offer.kind === 'sdp' ? invite.offer.media : null;
  const sdpSession = { dialer: context.newSessionId(), carrier: context.newSessionId() };
  /** Our latest description towards each side. */
  const currentSdp = { dialer: '', carrier: '' };
  let dialerSdpVersion = 1;
  let carrierSdpVersion = 1;
  let sink: CallSink | null = null;
  let addresses: CallMediaAddresses | null = null;
  /** The latest description of each side: what a re-INVITE is compared with. */
  let dialerMedia = dialerOffer;
  let calleeMedia: RemoteMedia | null = null;

  const dialer: DialerLeg = createDialerLeg(
    context.srf,
    request,
    response,
    context.sendBye,
    guarded<Omit<DialerLegEvents, 'failed'>>({
      cancelled(cancel) {
        // The engine tells a BYE in the early dialog as a CANCEL: it may say what answered.
        const disposition = readDisposition(cancel?.get(headerNames.disposition), 'bye-header');
        if (disposition !== null) sink?.event({ type: 'disposition-reported', at: clock.now(), disposition });
        sink?.event({ type: 'dialer-cancelled', at: clock.now(), reason: cancel === null ? null : reasonOf(cancel) });
      },
      confirmed: (dialog) => sink?.dialogConfirmed('dialer', dialog),
      acknowledged: onDialerAck,
      hungUp(bye, reason) {
        const disposition = readDisposition(bye.get(headerNames.disposition), 'bye-header');
        sink?.event({ type: 'dialer-hung-up', at: clock.now(), reason, disposition });
      },
      info: onDialerInfo,
      reinvited: onDialerReinvite,
    }),
    log,
  );

  const carrier: CarrierLeg = createCarrierLeg(
    context.srf,
    context.sendBye,
    guarded<Omit<CarrierLegEvents, 'failed'>>({
      provisional: onProvisional,
      answered(answer, final) {
        const media = readRemoteMedia(answer.body ?? '');
        calleeMedia = media.ok ? media.value : null;
        sink?.event({ type: 'callee-answered', at: clock.now(), final, media: calleeMedia });
      },
      confirmed(dialog) {
        if (dialog === null) {
          sink?.event({ type: 'callee-hung-up', at: clock.now(), reason: null });
          return;
        }
        sink?.dialogConfirmed('carrier', dialog);
        answerDialer();
      },
      refused: (final) => sink?.event({ type: 'carrier-refused', at: clock.now(), final }),
      hungUp: (reason) => sink?.event({ type: 'callee-hung-up', at: clock.now(), reason }),
      // What the callee's side says in an INFO is for the dialer, which hears DTMF as RTP; nothing else is expected.
      info: (_request, reply) => reply.send(200, undefined, {}),
      reinvited: onCarrierReinvite,
    }),
    log,
  );

  return { attach, dial, refuse, hangUp, connectionReturned };

  function attach(attached: CallSink | null): void {
    sink = attached;
  }

  function failed(thrown: unknown): void {
    const detail = maskUris(describeError(thrown));
    log.error({ problem: detail }, 'a leg failed: ending its call');
    sink?.event({ type: 'internal-error', at: clock.now(), detail });
  }

  function connectionReturned(): void {
    dialer.connectionReturned();
    carrier.connectionReturned();
    sink?.event({ type: 'internal-error', at: clock.now(), detail: 'control connection lost' });
  }

  /** The listeners of a leg, each contained in its call. */
  function guarded<T extends object>(listeners: T): T & { failed: typeof failed } {
    const entries = Object.entries(listeners).map(([name, listener]) => [name, contained(failed, listener)]);
    return { ...(Object.fromEntries(entries) as T), failed };
  }

  function dial(target: Carrier, media: CallMediaAddresses): string {
    addresses = media;
    const callId = context.newCallId();
    currentSdp.carrier = writeSdp(carrierOffer(dialerOffer, media.carrier), {
      sessionId: sdpSession.carrier,
      version: carrierSdpVersion,
    });
    const headers = {
      ...passedHeaders(request.headers, headerNames, context.passLists.get(target.name) ?? []),
      'Call-ID': callId,
      From: carrierFrom(),
      'Max-Forwards': String(maxForwards() - 1),
      Allow: ALLOW,
      'User-Agent': context.userAgent,
    };
    carrier.invite(withUser(target.uri, invite.number), headers, currentSdp.carrier);
    return callId;
  }

  /** Caller id unchanged; the host is our own (the engine writes it for `localhost`), the VICIdial call code is gone. */
  function carrierFrom(): string {
    const from = request.getParsedHeader('from');
    const name = (from.name ?? '').replace(/^"|"$/g, '');
    const display = name === '' || readVicidialCallCode(name) !== null ? '' : `"${name.replace(/(["\\])/g, '\\$1')}" `;
    return `${display}<sip:${invite.callerId === '' ? 'anonymous' : invite.callerId}@localhost>`;
  }

  function maxForwards(): number {
    const value = Number.parseInt(request.get('max-forwards') ?? '', 10);
    return Number.isInteger(value) && value >= 0 && value <= 255 ? value : 70;
  }

  function refuse(refusal: Refusal): void {
    dialer.refuse(refusal.sipStatus, refusal.phrase, {
      'X-Brusio-Decision': `${refusal.rule}; ${refusal.explanation}`,
      ...(refusal.warning === null ? {} : { Warning: refusal.warning }),
    });
  }

  function hangUp(how: HangUp, outcome: Outcome): void {
    const told = outcome.class === null ? {} : { 'X-Brusio-Outcome': `${outcome.handling}; class=${outcome.class}` };
    // Each leg by itself: one that cannot be told keeps nobody on the other's line.
    const endDialer = contained(failed, () => {
      if (dialer.end({ Reason: how.reason, ...told })) return;
      const { status, phrase, reason } = how.dialerFinal;
      dialer.refuse(status, phrase, { ...(reason === null ? {} : { Reason: reason }), ...told });
    });
    endDialer();
    contained(failed, () => carrier.end(how.reason))();
    onHungUp();
  }

  function onProvisional(provisional: SipResponse): void {
    const media = provisional.body ? readRemoteMedia(provisional.body) : null;
    const early = media?.ok === true ? media.value : null;
    sink?.event({ type: 'callee-ringing', at: clock.now(), media: early });
    // Without the dialer's offer there is nothing to answer yet, and an offer in a 18x would have to be reliable.
    const sdp = early === null || dialerOffer === null ? null : dialerSdp(early);
    const status = provisional.status === 183 && sdp !== null ? 183 : provisional.status === 181 ? 181 : 180;
    dialer.provisional(status, dialerHeaders(provisional), sdp);
  }

  function answerDialer(): void {
    if (calleeMedia !== null) dialer.answer(dialerHeaders(null), dialerSdp(calleeMedia));
  }

  function dialerHeaders(from: SipResponse | null): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of RELAYED_RESPONSE_HEADERS) {
      const value = from?.get(name);
      if (value !== undefined) headers[name] = value;
    }
    headers.Allow = ALLOW;
    if (sink !== null) headers['X-Brusio-Call'] = sink.callId;
    return headers;
  }

  function dialerSdp(callee: RemoteMedia): string {
    if (addresses === null) return '';
    const local = dialerAnswer(dialerOffer, callee, addresses.dialer);
    const description = { sessionId: sdpSession.dialer, version: dialerSdpVersion };
    currentSdp.dialer =
      dialerOffer === null ? writeSdp(local, description) : writeAnswer(request.body ?? '', local, description);
    return currentSdp.dialer;
  }

  function onDialerAck(sdp: string): void {
    if (dialerOffer !== null || sdp === '') return;
    const media = readRemoteMedia(sdp);
    if (!media.ok) {
      sink?.event({ type: 'media-failed', at: clock.now(), detail: 'the ACK answers our offer with nothing usable' });
      return;
    }
    dialerMedia = media.value;
    sink?.dialerMedia(media.value);
  }

  function onDialerInfo(info: SipRequest, reply: ServerResponse): void {
    const report = readAgent(info.get(headerNames.agent), 'sip-info', 'connected');
    const disposition = readDisposition(info.get(headerNames.disposition), 'sip-info');
    if (disposition !== null) sink?.event({ type: 'disposition-reported', at: clock.now(), disposition });
    if (report?.state === 'connected') sink?.event({ type: 'agent-bridged', at: clock.now(), agent: report.agent });
    if (report?.state === 'left') sink?.event({ type: 'agent-left', at: clock.now() });
    if (report !== null || disposition !== null) {
      reply.send(200, undefined, {});
      return;
    }
    const headers = passedHeaders(info.headers, headerNames, []);
    const contentType = info.get('content-type');
    if (contentType !== undefined) headers['Content-Type'] = contentType;
    carrier.request('INFO', headers, info.body ?? '', (answer) =>
      sendFinal(reply, answer?.status ?? 503, answer?.reason ?? 'Service Unavailable', {}),
    );
  }

  /** A changed address is ours to follow; anything else would have to be agreed with the other side. */
  function onDialerReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    if (isRefresh(reinvite)) {
      sendRefreshed(reinvite, reply, currentSdp.dialer);
      return;
    }
    const media = readRemoteMedia(reinvite.body ?? '');
    const inUse = calleeMedia?.codecs[0]?.name;
    if (
      !media.ok ||
      dialerMedia === null ||
      calleeMedia === null ||
      addresses === null ||
      !isOnlyMoved(dialerMedia, media.value, inUse)
    ) {
      reply.send(488, undefined, {});
      return;
    }
    dialerMedia = media.value;
    sink?.dialerMedia(media.value);
    dialerSdpVersion++;
    const local = dialerAnswer(media.value, calleeMedia, addresses.dialer);
    const description = { sessionId: sdpSession.dialer, version: dialerSdpVersion };
    currentSdp.dialer = writeAnswer(reinvite.body ?? '', local, description);
    sendRefreshed(reinvite, reply, currentSdp.dialer);
  }

  function onCarrierReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    if (isRefresh(reinvite)) {
      sendRefreshed(reinvite, reply, currentSdp.carrier);
      return;
    }
    const media = readRemoteMedia(reinvite.body ?? '');
    if (
      !media.ok ||
      calleeMedia === null ||
      addresses === null ||
      !isOnlyMoved(calleeMedia, media.value, calleeMedia.codecs[0]?.name)
    ) {
      reply.send(488, undefined, {});
      return;
    }
    const local = dialerAnswer(media.value, calleeMedia, addresses.carrier);
    // What the dialer never agreed to cannot be relayed to it: only the codecs of the first answer stay.
    calleeMedia = { ...media.value, codecs: local.codecs };
    sink?.calleeMedia(calleeMedia);
    carrierSdpVersion++;
    const description = { sessionId: sdpSession.carrier, version: carrierSdpVersion };
    currentSdp.carrier = writeAnswer(reinvite.body ?? '', local, description);
    sendRefreshed(reinvite, reply, currentSdp.carrier);
  }

  /** The 200 of a re-INVITE or UPDATE; a real drachtio-server adds no `Session-Expires` of its own (RFC 4028 §9). */
  function sendRefreshed(asked: SipRequest, reply: ServerResponse, sdp: string): void {
    const headers: Record<string, string> = { Allow: ALLOW };
    const sessionExpires = asked.get('session-expires');
    if (sessionExpires !== undefined) headers['Session-Expires'] = sessionExpires;
    if (asked.method === 'UPDATE' && !asked.body) {
      reply.send(200, undefined, { headers });
      return;
    }
    headers['Content-Type'] = 'application/sdp';
    reply.send(200, undefined, { headers, body: sdp });
  }
}

/** Without SDP nothing changes: an UPDATE asks whether we are there, a re-INVITE for our description (RFC 4028 §7.4). */
function isRefresh(request: SipRequest): boolean {
  return !request.body;
}

/** Whether an offer changes nothing but where the peer listens: the codec in use and the direction stay. */
function isOnlyMoved(before: RemoteMedia, after: RemoteMedia, codecInUse: string | undefined): boolean {
  const number = before.codecs.find((codec) => codec.name === codecInUse)?.payloadType;
  return (
    before.direction === after.direction &&
    after.codecs.some((codec) => codec.name === codecInUse && codec.payloadType === number)
  );
}
