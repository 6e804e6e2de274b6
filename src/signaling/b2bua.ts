/**
 * One call's two legs, back to back: what the guard asks is done on them, what they see becomes events, and what a
 * B2BUA does by itself (relaying 18x and the 200 with Brusio's own SDP, answering an INFO or a re-INVITE) is done here.
 */
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { HangUp } from '../call/call-effect.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallLegs, CallMediaAddresses, CallSink, Carrier, IncomingInvite } from '../guard/ports.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import { type HeaderNames, passedHeaders, readAgent, readDisposition, readVicidialCallCode } from './brusio-headers.ts';
import { type CarrierLeg, createCarrierLeg, type SendBye } from './carrier-leg.ts';
import { createDialerLeg, type DialerLeg } from './dialer-leg.ts';
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
  /** The control connection is gone: nothing will be heard of what was under way. */
  connectionLost(): void;
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
    contained({
      cancelled: (reason) => sink?.event({ type: 'dialer-cancelled', at: clock.now(), reason }),
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
    contained({
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

  return { attach, dial, refuse, hangUp, connectionLost: () => carrier.connectionLost() };

  function attach(attached: CallSink | null): void {
    sink = attached;
  }

  /**
   * The listeners of a leg, wrapped so that what one throws ends this call: drachtio-srf would let it out of its socket
   * handler, and every other call with it.
   */
  function contained<T extends object>(listeners: T): T {
    const wrap =
      (listener: (...parts: unknown[]) => void) =>
      (...parts: unknown[]) => {
        try {
          listener(...parts);
        } catch (thrown) {
          log.error({ problem: describeError(thrown) }, 'a leg failed: ending its call');
          sink?.event({ type: 'internal-error', at: clock.now(), detail: describeError(thrown) });
        }
      };
    return Object.fromEntries(Object.entries(listeners).map(([name, listener]) => [name, wrap(listener)])) as T;
  }

  function dial(target: Carrier, media: CallMediaAddresses): string {
    addresses = media;
    const callId = context.newCallId();
    const sdp = writeSdp(carrierOffer(dialerOffer, media.carrier), {
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
    carrier.invite(withUser(target.uri, invite.number), headers, sdp);
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
    if (!dialer.end({ Reason: how.reason, ...told })) {
      const { status, phrase, reason } = how.dialerFinal;
      dialer.refuse(status, phrase, { ...(reason === null ? {} : { Reason: reason }), ...told });
    }
    carrier.end(how.reason);
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
    return dialerOffer === null ? writeSdp(local, description) : writeAnswer(request.body ?? '', local, description);
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
    carrier.request('INFO', headers, info.body ?? '', (answer) => reply.send(answer?.status ?? 503, undefined, {}));
  }

  /** A changed address is ours to follow; anything else would have to be agreed with the other side. */
  function onDialerReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    if (isRefresh(reinvite)) {
      reply.send(200, undefined, { headers: answerHeaders() });
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
    const headers = { ...answerHeaders(), 'Content-Type': 'application/sdp' };
    reply.send(200, undefined, { headers, body: writeAnswer(reinvite.body ?? '', local, description) });
  }

  function onCarrierReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    if (isRefresh(reinvite)) {
      reply.send(200, undefined, { headers: answerHeaders() });
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
    calleeMedia = media.value;
    sink?.calleeMedia(media.value);
    const local = dialerAnswer(media.value, media.value, addresses.carrier);
    carrierSdpVersion++;
    const description = { sessionId: sdpSession.carrier, version: carrierSdpVersion };
    const headers = { ...answerHeaders(), 'Content-Type': 'application/sdp' };
    reply.send(200, undefined, { headers, body: writeAnswer(reinvite.body ?? '', local, description) });
  }

  function answerHeaders(): Record<string, string> {
    return { Allow: ALLOW };
  }
}

/** An UPDATE without SDP changes nothing: it only asks whether we are there (RFC 4028 §7.4). */
function isRefresh(request: SipRequest): boolean {
  return request.method === 'UPDATE' && !request.body;
}

/** Whether an offer changes nothing but where the peer listens: the codec in use and the direction stay. */
function isOnlyMoved(before: RemoteMedia, after: RemoteMedia, codecInUse: string | undefined): boolean {
  const number = before.codecs.find((codec) => codec.name === codecInUse)?.payloadType;
  return (
    before.direction === after.direction &&
    after.codecs.some((codec) => codec.name === codecInUse && codec.payloadType === number)
  );
}
