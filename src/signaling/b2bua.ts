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
import type { CallLegs, CallMediaAddresses, CallSink, Carrier, CarrierRoute, IncomingInvite } from '../guard/ports.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import type { NumberPlan } from '../policy/telephone-number.ts';
import { type HeaderNames, passedHeaders, readAgent, readDisposition, readVicidialCallCode } from './brusio-headers.ts';
import {
  type AttemptEvents,
  type AttemptPlan,
  type CarrierAttempts,
  createCarrierAttempts,
} from './carrier-attempts.ts';
import { createCarrierLeg, reasonOf, type SendBye } from './carrier-leg.ts';
import { type CarrierProfile, calledUser, callerUser } from './carrier-profile.ts';
import { contained } from './contained.ts';
import { createDescriptions, type TakenOffer } from './descriptions.ts';
import { createDialerLeg, type DialerLeg, type DialerLegEvents } from './dialer-leg.ts';
import type { DigestClient } from './digest-client.ts';
import type { ServerResponse, SipRequest, SipResponse, Srf } from './drachtio-srf.ts';
import { finalForDialer } from './final-for-dialer.ts';
import type { LegDialog } from './leg-dialog.ts';
import { relayRequest } from './relayed-request.ts';
import { withUser } from './sip-uri.ts';
import { encodedUser } from './telephone-uri.ts';

/** What all calls share. */
export type B2buaContext = {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly log: Logger;
  readonly headerNames: HeaderNames;
  /** By name; an inbound call's target has none. */
  readonly carriers: ReadonlyMap<string, CarrierProfile>;
  readonly numberPlan: NumberPlan;
  /** Our credentials at a carrier; null where there are none. */
  readonly digestFor: (carrier: string) => DigestClient | null;
  readonly userAgent: string;
  readonly sendBye: SendBye;
  /** Our `Allow`. */
  readonly allow: string;
  /** A unique Call-ID. */
  readonly newCallId: () => string;
  /** A session id for the `o=` line: digits (RFC 8866 §5.2). */
  readonly newSessionId: () => string;
};

/** Response headers of the carrier that mean something to the dialer. */
const RELAYED_RESPONSE_HEADERS = ['reason', 'retry-after', 'warning', 'p-early-media', 'p-asserted-identity'];

/** An inbound call has one target, so nothing is tried after it. */
const TARGET_NO_RESPONSE_MS = 60_000;

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
  const descriptions = createDescriptions(invite.offer, request.body ?? '', context.newSessionId);
  let sink: CallSink | null = null;
  /** The callee's media as it answered. */
  let callee: RemoteMedia | null = null;
  /** Our offer, the same for every carrier that is tried. */
  let offer = '';

  const dialer: DialerLeg = createDialerLeg(
    context.srf,
    request,
    response,
    context.sendBye,
    context.allow,
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
      lost: (reason) => sink?.event({ type: 'leg-lost', at: clock.now(), leg: 'dialer', reason }),
      modified: onDialerReinvite,
      modificationAcknowledged: () => undefined,
      relayed: onDialerInfo,
    }),
    log,
  );

  const carrier: CarrierAttempts = createCarrierAttempts(
    {
      clock,
      log,
      newCallId: context.newCallId,
      newLeg: (events, digest) => createCarrierLeg(context.srf, context.sendBye, context.allow, digest, events, log),
      plan: planFor,
      attempted: (attempts, carrying) => sink?.attempted(attempts, carrying),
    },
    guarded<Omit<AttemptEvents, 'failed'>>({
      provisional: onProvisional,
      answered(answer, final) {
        callee = descriptions.readCallee(answer.body ?? '');
        descriptions.calleeAnswered(callee);
        sink?.event({ type: 'callee-answered', at: clock.now(), final, media: callee });
      },
      confirmed(dialog) {
        if (dialog === null) {
          sink?.event({ type: 'callee-hung-up', at: clock.now(), reason: null });
          return;
        }
        sink?.dialogConfirmed('carrier', dialog);
        answerDialer();
      },
      refused: (final, open) => sink?.event({ type: 'carrier-refused', at: clock.now(), final, open }),
      hungUp: (reason) => sink?.event({ type: 'callee-hung-up', at: clock.now(), reason }),
      lost: (reason) => sink?.event({ type: 'leg-lost', at: clock.now(), leg: 'carrier', reason }),
      modified: onCarrierReinvite,
      modificationAcknowledged: () => undefined,
      relayed: (asked, reply) => relay(asked, reply, dialer.dialog()),
    }),
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

  function dial(route: CarrierRoute, media: CallMediaAddresses): void {
    offer = descriptions.offerToCarrier(media);
    carrier.start(route);
  }

  function planFor(target: Carrier, callId: string): AttemptPlan {
    const profile = context.carriers.get(target.name) ?? null;
    const plan = context.numberPlan;
    const number = profile === null ? encodedUser(invite.number) : calledUser(invite.number, profile, plan);
    const caller = profile === null ? encodedUser(invite.callerId) : callerUser(invite.callerId, profile, plan);
    return {
      uri: withUser(target.uri, number),
      headers: {
        ...passedHeaders(request.headers, headerNames, profile?.passHeaders ?? []),
        'Call-ID': callId,
        From: carrierFrom(caller),
        'Max-Forwards': String(maxForwards() - 1),
        Allow: context.allow,
        'User-Agent': context.userAgent,
      },
      sdp: offer,
      noResponseMs: profile?.noResponseMs ?? TARGET_NO_RESPONSE_MS,
      digest: context.digestFor(target.name),
    };
  }

  /** The host is our own (the engine writes it for `localhost`), the VICIdial call code is gone. */
  function carrierFrom(caller: string): string {
    const from = request.getParsedHeader('from');
    const name = (from.name ?? '').replace(/^"|"$/g, '');
    const display = name === '' || readVicidialCallCode(name) !== null ? '' : `"${name.replace(/(["\\])/g, '\\$1')}" `;
    return `${display}<sip:${caller === '' ? 'anonymous' : caller}@localhost>`;
  }

  function maxForwards(): number {
    const value = Number.parseInt(request.get('max-forwards') ?? '', 10);
    return Number.isInteger(value) && value >= 0 && value <= 255 ? value : 70;
  }

  function refuse(refusal: Refusal): void {
    dialer.refuse(refusal.sipStatus, refusal.phrase, {
      'X-Brusio-Decision': `${refusal.rule}; ${refusal.explanation}`,
      ...(refusal.warning === null ? {} : { Warning: refusal.warning }),
      ...(refusal.retryAfterS === null ? {} : { 'Retry-After': String(refusal.retryAfterS) }),
    });
  }

  function hangUp(how: HangUp, outcome: Outcome): void {
    const told = outcome.class === null ? {} : { 'X-Brusio-Outcome': `${outcome.handling}; class=${outcome.class}` };
    // Each leg by itself: one that cannot be told keeps nobody on the other's line.
    const endDialer = contained(failed, () => {
      if (dialer.end({ Reason: how.reason, ...told })) return;
      const { status, phrase, reason } = finalForDialer(how.dialerFinal);
      dialer.refuse(status, phrase, { ...(reason === null ? {} : { Reason: reason }), ...told });
    });
    endDialer();
    contained(failed, () => carrier.end(how.reason))();
    onHungUp();
  }

  function onProvisional(provisional: SipResponse): void {
    const early = provisional.body ? descriptions.readCallee(provisional.body) : null;
    sink?.event({ type: 'callee-ringing', at: clock.now(), media: early });
    // Without the dialer's offer there is nothing to answer yet, and an offer in a 18x would have to be reliable.
    const sdp = early === null || !descriptions.dialerOffered ? null : descriptions.answerToDialer(early);
    const status = provisional.status === 183 && sdp !== null ? 183 : provisional.status === 181 ? 181 : 180;
    dialer.provisional(status, dialerHeaders(provisional), sdp);
  }

  function answerDialer(): void {
    if (callee !== null) dialer.answer(dialerHeaders(null), descriptions.answerToDialer(callee));
  }

  function dialerHeaders(from: SipResponse | null): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of RELAYED_RESPONSE_HEADERS) {
      const value = from?.get(name);
      if (value !== undefined) headers[name] = value;
    }
    headers.Allow = context.allow;
    if (sink !== null) headers['X-Brusio-Call'] = sink.callId;
    return headers;
  }

  function onDialerAck(sdp: string): void {
    if (descriptions.dialerOffered || sdp === '') return;
    const media = descriptions.dialerAcknowledged(sdp);
    if (media !== null) sink?.dialerMedia(media);
    else
      sink?.event({ type: 'media-failed', at: clock.now(), detail: 'the ACK answers our offer with nothing usable' });
  }

  function onDialerInfo(info: SipRequest, reply: ServerResponse): void {
    if (info.method !== 'INFO') {
      relay(info, reply, null);
      return;
    }
    const report = readAgent(info.get(headerNames.agent), 'sip-info', 'connected');
    const disposition = readDisposition(info.get(headerNames.disposition), 'sip-info');
    if (disposition !== null) sink?.event({ type: 'disposition-reported', at: clock.now(), disposition });
    if (report?.state === 'connected') sink?.event({ type: 'agent-bridged', at: clock.now(), agent: report.agent });
    if (report?.state === 'left') sink?.event({ type: 'agent-left', at: clock.now() });
    if (report !== null || disposition !== null) reply.send(200, undefined, {});
    else relay(info, reply, carrier.dialog());
  }

  function onDialerReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    const { current, dialerReoffers } = descriptions;
    answerReinvite(reinvite, reply, current().dialer, dialerReoffers, (media) => sink?.dialerMedia(media));
  }

  function onCarrierReinvite(reinvite: SipRequest, reply: ServerResponse): void {
    const { current, carrierReoffers } = descriptions;
    answerReinvite(reinvite, reply, current().carrier, carrierReoffers, (media) => sink?.calleeMedia(media));
  }

  function relay(asked: SipRequest, reply: ServerResponse, to: LegDialog | null): void {
    relayRequest(asked, reply, to, headerNames);
  }

  function answerReinvite(
    reinvite: SipRequest,
    reply: ServerResponse,
    currentSdp: string,
    reoffers: (sdp: string) => TakenOffer | null,
    moved: (media: RemoteMedia) => void,
  ): void {
    const taken = reinvite.body ? reoffers(reinvite.body) : null;
    if (taken !== null) moved(taken.media);
    if (reinvite.body && taken === null) reply.send(488, undefined, {});
    else sendRefreshed(reinvite, reply, taken?.answer ?? currentSdp);
  }

  /**
   * The 200 of a re-INVITE or UPDATE. Without SDP nothing changes: an UPDATE asks whether we are there, a re-INVITE for our
   * description (RFC 4028 §7.4). A real drachtio-server adds no `Session-Expires` of its own (§9).
   */
  function sendRefreshed(asked: SipRequest, reply: ServerResponse, sdp: string): void {
    const headers: Record<string, string> = { Allow: context.allow };
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
