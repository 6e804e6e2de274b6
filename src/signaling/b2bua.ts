/**
 * One call's two legs, back to back: what the guard asks is done on them, what they see becomes events, and what a B2BUA
 * does by itself until both are up (relaying 18x and the 200 with Brusio's own SDP) is done here. What comes after is
 * `confirmed-call.ts`.
 */
import type { CodecName } from '../audio/codec.ts';
import { type Clock, elapsedMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { maskUris } from '../base/redact.ts';
import type { HangUp } from '../call/call-effect.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallMediaAddresses } from '../guard/media-port.ts';
import type { CallLegs, CallSink, CarrierRoute, IncomingInvite } from '../guard/signaling-port.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import { readDisposition } from './brusio-headers.ts';
import { type CallSdpRules, createCallSessions, type Side } from './call-sessions.ts';
import { type AttemptEvents, type CarrierAttempts, createCarrierAttempts } from './carrier-attempts.ts';
import { type CarrierInviteContext, carrierInvite } from './carrier-invite.ts';
import { createCarrierLeg, reasonOf, type SendBye } from './carrier-leg.ts';
import { createConfirmedCall } from './confirmed-call.ts';
import { contained } from './contained.ts';
import { createDialerLeg, type DialerLegEvents } from './dialer-leg.ts';
import { type ReplaceableCall, replaceDialog } from './dialer-replacement.ts';
import { createDialerReports } from './dialer-reports.ts';
import { type DisplayUpdates, isDisplayUpdate } from './display-update.ts';
import type { ServerResponse, SipRequest, SipResponse, Srf } from './drachtio-srf.ts';
import { createEarlyOffers } from './early-offers.ts';
import { createExchangeLog } from './exchange-log.ts';
import { finalForDialer } from './final-for-dialer.ts';
import { SUPPORTED, SUPPORTED_OF_DIALERS } from './in-dialog.ts';
import type { PeerDescription } from './peer-description.ts';
import { createReplaceableLeg } from './replaceable-leg.ts';
import type { ReplacedDialog, Replaces } from './replaces.ts';
import type { SrtpMode } from './sdes.ts';
import { answerInterval, intervalAnswered } from './session-interval.ts';
import { tagOf } from './sip-uri.ts';

/** What all calls share. */
export type B2buaContext = CarrierInviteContext & {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly sendBye: SendBye;
  /** Whether a REFER passes to the other peer. */
  readonly transfersPass: boolean;
  /** A unique Call-ID. */
  readonly newCallId: () => string;
  /** A session id for the `o=` line: digits (RFC 8866 §5.2). */
  readonly newSessionId: () => string;
};

/** Response headers of the carrier that mean something to the dialer. */
const RELAYED_RESPONSE_HEADERS = ['reason', 'retry-after', 'warning', 'p-early-media', 'p-asserted-identity'];

/** The two legs of one call, as the signaling edge holds them. */
export type B2bua = CallLegs &
  ReplaceableCall & {
    /** Where the legs' events go from now on; null when the guard refused the call. */
    attach(sink: CallSink | null): void;
    /** The control connection was lost and is back: what was under way is unknown, and the call ends. */
    connectionReturned(): void;
  };

/**
 * The legs of an INVITE that was just received.
 *
 * @param offer the dialer's description; null when it made none, or none that can be served
 * @param sdpRules what may be agreed on each leg
 * @param display of the dialer
 * @param onHungUp the guard has asked for the end of both legs
 */
export function createB2bua(
  request: SipRequest,
  response: ServerResponse,
  invite: IncomingInvite,
  offer: PeerDescription | null,
  sdpRules: CallSdpRules,
  display: DisplayUpdates,
  context: B2buaContext,
  onHungUp: () => void,
): B2bua {
  const { clock, headerNames } = context;
  const log = context.log;
  const exchange = createExchangeLog(() => elapsedMs(invite.at.monotonicMs, clock.monotonicMs()));
  const sessions = createCallSessions(offer, context.newSessionId, sdpRules);
  let sink: CallSink | null = null;
  let attempts = 0;
  let toldDialerMedia: RemoteMedia | null = null;
  /** Where our streams are, once the media plane has said. */
  let addresses: CallMediaAddresses | null = null;
  /** A re-INVITE or UPDATE of the dialer's is read. One that tells of the agent may end a hold as well: it comes first. */
  let isAsked = false;
  let couplesThen = false;

  const confirmed = createConfirmedCall({
    ...context,
    sessions,
    supported,
    dialog: (side) => (side === 'dialer' ? dialer : carrier).dialog(),
    sink: () => sink,
  });

  const reports = createDialerReports({ clock, headerNames, display, callerId: invite.callerId, sink: () => sink });

  const early = createEarlyOffers({ clock, allow: context.allow, sessions, sink: () => sink });

  const dialer = createReplaceableLeg(
    (asked, reply, events) => {
      exchange.invited(asked, reply, 'dialer');
      const [srf, sendBye] = [exchange.leg(context.srf, 'dialer'), exchange.bye(context.sendBye, 'dialer')];
      return createDialerLeg(srf, asked, reply, sendBye, context.allow, supported('dialer'), events, log);
    },
    request,
    response,
    guarded<Omit<DialerLegEvents, 'failed'>>({
      cancelled(cancel) {
        // The engine tells a BYE in the early dialog as a CANCEL: it may say what answered.
        const disposition = readDisposition(cancel?.get(headerNames.disposition), 'bye-header');
        if (disposition !== null) sink?.event({ type: 'disposition-reported', at: clock.now(), disposition });
        sink?.event({ type: 'dialer-cancelled', at: clock.now(), reason: cancel === null ? null : reasonOf(cancel) });
      },
      confirmed(dialog) {
        reports.answered();
        sink?.dialogConfirmed('dialer', dialog);
        const interval = answerInterval(request, context.intervals, true);
        confirmed.confirmed('dialer', dialog, request, interval.kind === 'accepted' ? interval.agreed : null);
      },
      acknowledged(sdp) {
        if (!sessions.dialerOffered && sdp !== '') early.dialerAnswers(sdp);
        confirmed.ready('dialer');
      },
      hungUp(bye, reason) {
        const disposition = readDisposition(bye.get(headerNames.disposition), 'bye-header');
        sink?.event({ type: 'dialer-hung-up', at: clock.now(), reason, disposition });
      },
      lost: (reason) => sink?.event({ type: 'leg-lost', at: clock.now(), leg: 'dialer', reason }),
      modified(asked, reply) {
        // First who is on the line: what is asked then may concern the callee.
        isAsked = true;
        try {
          reports.read(asked);
        } finally {
          isAsked = false;
        }
        confirmed.modified('dialer', asked, reply);
        if (couplesThen) couple();
      },
      modificationAcknowledged: (ack) => confirmed.acknowledged('dialer', ack),
      updated: early.dialerUpdates,
      describedInPrack: early.dialerPracks,
      relayed: onDialerRequest,
    }),
  );

  const carrier: CarrierAttempts = createCarrierAttempts(
    {
      clock,
      log,
      newCallId: context.newCallId,
      newLeg(events, digest) {
        attempts += 1;
        const leg = `carrier/${attempts}`;
        const [srf, sendBye] = [exchange.leg(context.srf, leg), exchange.bye(context.sendBye, leg)];
        return createCarrierLeg(srf, sendBye, context.allow, digest, events, log);
      },
      plan: (target, callId) => carrierInvite(request, invite, target, callId, offerFor, context),
      attempted: (placed, carrying) => sink?.attempted(placed, carrying),
    },
    guarded<Omit<AttemptEvents, 'failed'>>({
      provisional: onProvisional,
      answered(answer, final) {
        // Before the description is read: the callee listens from here on.
        const at = clock.now();
        const media = sessions.calleeAnswered(tagOf(answer.get('to') ?? ''), answer.body ?? '');
        sink?.event({ type: 'callee-answered', at, final, media });
      },
      confirmed(dialog, answer) {
        if (dialog === null) {
          sink?.event({ type: 'callee-hung-up', at: clock.now(), reason: null });
          return;
        }
        sink?.dialogConfirmed('carrier', dialog);
        confirmed.confirmed('carrier', dialog, answer, intervalAnswered(answer));
        confirmed.ready('carrier');
        answerDialer();
      },
      refused: (final, open) => sink?.event({ type: 'carrier-refused', at: clock.now(), final, open }),
      hungUp: (reason) => sink?.event({ type: 'callee-hung-up', at: clock.now(), reason }),
      lost: (reason) => sink?.event({ type: 'leg-lost', at: clock.now(), leg: 'carrier', reason }),
      modified: (asked, reply) => confirmed.modified('carrier', asked, reply),
      modificationAcknowledged: (ack) => confirmed.acknowledged('carrier', ack),
      updated: early.carrierUpdates,
      relayed: (asked, reply) => confirmed.relayed('carrier', asked, reply),
    }),
  );

  return { attach, dial, refuse, couple, hangUp, exchange: exchange.told, connectionReturned, named, replaceDialer };

  function attach(attached: CallSink | null): void {
    sink = attached;
  }

  /** A carrier whose call comes in replaces nothing. */
  function supported(side: Side): string {
    return side === 'dialer' && invite.caller?.type === 'dialer' ? SUPPORTED_OF_DIALERS : SUPPORTED;
  }

  function named(replaces: Replaces, name: string): ReplacedDialog {
    return invite.caller?.type === 'dialer' && invite.caller.name === name ? dialer.named(replaces) : null;
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

  function dial(route: CarrierRoute, media: CallMediaAddresses, codecs: readonly CodecName[]): void {
    addresses = media;
    sessions.serve(codecs);
    carrier.start(route);
  }

  function offerFor(srtp: SrtpMode): string {
    return addresses === null ? '' : sessions.offerToCarrier(addresses, srtp);
  }

  function refuse(refusal: Refusal): void {
    dialer.refuse(refusal.sipStatus, refusal.phrase, {
      'X-Brusio-Decision': `${refusal.rule}; ${refusal.explanation}`,
      ...(refusal.reason === null ? {} : { Reason: refusal.reason }),
      ...(refusal.warning === null ? {} : { Warning: refusal.warning }),
      ...(refusal.retryAfterS === null ? {} : { 'Retry-After': String(refusal.retryAfterS) }),
    });
  }

  function couple(): void {
    couplesThen = isAsked;
    if (!isAsked) confirmed.coupled();
  }

  function hangUp(how: HangUp, outcome: Outcome): void {
    confirmed.close();
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
    const tag = tagOf(provisional.get('to') ?? '');
    if (provisional.status === 199) {
      // RFC 6228: one telephone of several has given up. The dialer sees one dialog, which goes on.
      const next = sessions.calleeGone(tag);
      if (next !== null) sink?.event({ type: 'callee-ringing', at: clock.now(), media: next });
      return;
    }
    const early = provisional.body ? sessions.calleeProgressed(tag, provisional.body) : null;
    sink?.event({ type: 'callee-ringing', at: clock.now(), media: early });
    // Early media once heard stays on: every later 18x repeats the answer (RFC 3261 §13.2.1).
    const isHeard = sessions.forks().heard() !== null;
    const sdp = (sessions.dialerOffered ? isHeard : dialer.isReliable) ? sessions.answerToDialer() : null;
    const status = provisional.status === 183 && sdp !== null ? 183 : provisional.status === 181 ? 181 : 180;
    dialer.provisional(status, dialerHeaders(provisional), sdp);
    tellDialerMedia();
  }

  function replaceDialer(asked: SipRequest, reply: ServerResponse): void {
    const interval = answerInterval(asked, context.intervals, true);
    replaceDialog(asked, reply, {
      ...{ sessions, dialer },
      isUnderWay: () => confirmed.isUnderWay('dialer'),
      headers: { ...dialerHeaders(null), Supported: supported('dialer'), ...interval.headers },
      taken(dialog) {
        const wasCoupled = sink?.coupled() ?? false;
        sink?.dialogConfirmed('dialer', dialog);
        confirmed.confirmed('dialer', dialog, asked, interval.kind === 'accepted' ? interval.agreed : null);
        tellDialerMedia();
        reports.replaced(asked);
        // What the former agent wanted, a hold, the callee was told: the new one wants otherwise.
        if (wasCoupled) couple();
      },
    });
  }

  function answerDialer(): void {
    const interval = answerInterval(request, context.intervals, true);
    const headers = interval.kind === 'accepted' ? interval.headers : {};
    dialer.answer({ ...dialerHeaders(null), Supported: supported('dialer'), ...headers }, sessions.answerToDialer());
    tellDialerMedia();
  }

  /** What the dialer agreed to is not what it offered: fewer codecs, and the keys of SRTP. */
  function tellDialerMedia(): void {
    const agreed = sessions.dialerMedia();
    if (agreed === null || agreed === toldDialerMedia) return;
    toldDialerMedia = agreed;
    sink?.dialerMedia(agreed);
  }

  function dialerHeaders(from: SipResponse | null): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of RELAYED_RESPONSE_HEADERS) {
      const value = from?.get(name);
      if (value !== undefined) headers[name] = value;
    }
    headers.Allow = context.allow;
    Object.assign(headers, display.announcement);
    if (sink !== null) headers['X-Brusio-Call'] = sink.callId;
    return headers;
  }

  function onDialerRequest(asked: SipRequest, reply: ServerResponse): void {
    if (asked.method === 'INFO' && (reports.read(asked) || isDisplayUpdate(asked))) reply.send(200, undefined, {});
    else confirmed.relayed('dialer', asked, reply);
  }
}
