/**
 * What happens in a call once a leg is up: new offers, requests that pass to the other peer, and whether both peers are
 * still there.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { DialogRecord } from '../guard/journal.ts';
import type { CallSink } from '../guard/signaling-port.ts';
import type { HeaderNames } from './brusio-headers.ts';
import type { CallSessions, Side } from './call-sessions.ts';
import { targetOf } from './dialog-record.ts';
import type { ServerResponse, SipMessage, SipRequest, SipResponse } from './drachtio-srf.ts';
import type { DialogRequest, LegDialog } from './leg-dialog.ts';
import type { QueuedResult } from './offer-queue.ts';
import { createRequestRelay } from './relayed-request.ts';
import { createRenegotiation } from './renegotiation.ts';
import {
  type AgreedInterval,
  answerInterval,
  intervalAnswered,
  intervalRepeated,
  type SessionIntervals,
} from './session-interval.ts';
import { createSessionRefresh, type SessionRefresh } from './session-refresh.ts';

/** What the call around it gives. */
export type ConfirmedCallParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly allow: string;
  /** Our `Supported` towards a peer. */
  readonly supported: (side: Side) => string;
  readonly headerNames: HeaderNames;
  readonly transfersPass: boolean;
  readonly intervals: SessionIntervals;
  readonly sessions: CallSessions;
  readonly dialog: (side: Side) => LegDialog | null;
  readonly sink: () => CallSink | null;
};

/** The part of a call after its answers. */
export type ConfirmedCall = {
  /** A leg's dialog was confirmed. `peer` is the message in which the peer said what it can do. */
  confirmed(side: Side, record: DialogRecord, peer: SipMessage, agreed: AgreedInterval | null): void;
  /** Requests may be sent in the leg's dialog. */
  ready(side: Side): void;
  modified(side: Side, request: SipRequest, reply: ServerResponse): void;
  acknowledged(side: Side, ack: SipRequest): void;
  relayed(side: Side, request: SipRequest, reply: ServerResponse): void;
  /** The peers are on one line from now on. */
  coupled(): void;
  /** An offer in a leg's dialog, of whoever, is without its answer or its ACK. */
  isUnderWay(side: Side): boolean;
  /** The call has ended: nothing is asked or awaited any more. */
  close(): void;
};

type LegState = {
  record: DialogRecord | null;
  agreed: AgreedInterval | null;
  /** UPDATE is in the peer's Allow, and it has not refused one since. */
  takesUpdate: boolean;
  readonly refresh: SessionRefresh;
};

/** A call of which no leg is up yet. */
export function createConfirmedCall(parts: ConfirmedCallParts): ConfirmedCall {
  const { clock, sessions, intervals } = parts;
  let closed = false;

  const renegotiation = createRenegotiation({
    ...parts,
    coupled: () => parts.sink()?.coupled() ?? false,
    media(side, media) {
      if (side === 'dialer') parts.sink()?.dialerMedia(media);
      else parts.sink()?.calleeMedia(media);
    },
    lost,
    refuses,
    accepted,
    answered,
    headers: requestHeaders,
  });
  const relay = createRequestRelay({
    ...parts,
    coupled: () => parts.sink()?.coupled() ?? false,
    lost,
  });
  const legs: Readonly<Record<Side, LegState>> = { dialer: newLeg('dialer'), carrier: newLeg('carrier') };

  return {
    confirmed(side, record, peer, agreed) {
      const leg = legs[side];
      leg.record = record;
      leg.agreed = agreed;
      leg.takesUpdate = /(?:^|,)\s*UPDATE\s*(?:,|$)/i.test(peer.get('allow') ?? '');
      watch(side);
    },
    ready: renegotiation.ready,
    modified: renegotiation.modified,
    acknowledged: renegotiation.acknowledged,
    relayed: relay.relay,
    coupled: renegotiation.coupled,
    isUnderWay: renegotiation.isUnderWay,
    close() {
      closed = true;
      legs.dialer.refresh.stop();
      legs.carrier.refresh.stop();
      renegotiation.close();
    },
  };

  function newLeg(side: Side): LegState {
    const refresh = createSessionRefresh({
      clock,
      queue: renegotiation.queue(side),
      build: () => refreshRequest(side),
      answered: (result) => refreshed(side, result),
      notAllowed: () => {
        legs[side].takesUpdate = false;
      },
      lost: () => lost(side),
    });
    return { record: null, agreed: null, takesUpdate: false, refresh };
  }

  function lost(side: Side): void {
    if (!closed) parts.sink()?.event({ type: 'leg-lost', at: clock.now(), leg: side, reason: null });
  }

  // ── Session timers ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Where an interval is agreed one side refreshes by it, ours being the engine; elsewhere we ask by ourselves. */
  function watch(side: Side): void {
    const { agreed, refresh } = legs[side];
    if (agreed !== null || intervals.checkS === null || closed) refresh.stop();
    else refresh.start(intervals.checkS * 1_000);
  }

  function refreshRequest(side: Side): DialogRequest | null {
    if (legs[side].takesUpdate) return { method: 'UPDATE', headers: requestHeaders(side), body: '' };
    const body = sessions.session(side)?.offerAgain() ?? '';
    if (body === '') return null;
    return { method: 'INVITE', headers: { ...requestHeaders(side), 'Content-Type': 'application/sdp' }, body };
  }

  function refreshed(side: Side, { response, acknowledge }: Extract<QueuedResult, { kind: 'answered' }>): void {
    const sdp = response.body ?? '';
    const session = sessions.session(side);
    const said = sdp === '' ? undefined : session?.readAnswer(sdp);
    if (said?.ok === true && session !== null) {
      const { media } = session.takeRefresh(said.value);
      if (side === 'dialer') parts.sink()?.dialerMedia(media);
      else parts.sink()?.calleeMedia(media);
    }
    acknowledge();
    answered(side, response);
  }

  /** Refuses a re-INVITE or UPDATE whose session interval is too small, before anything of it is taken. */
  function refuses(_side: Side, request: SipRequest, reply: ServerResponse): boolean {
    const interval = answerInterval(request, intervals, false);
    if (interval.kind === 'accepted') return false;
    reply.send(422, undefined, { headers: interval.headers });
    return true;
  }

  /** Headers of our 2xx to a re-INVITE or UPDATE: a real drachtio-server adds no `Session-Expires` of its own. */
  function accepted(side: Side, request: SipRequest): Record<string, string> {
    const interval = answerInterval(request, intervals, false);
    if (interval.kind === 'accepted') {
      legs[side].agreed = interval.agreed;
      watch(side);
    }
    refreshTarget(side, request);
    return { Allow: parts.allow, Supported: parts.supported(side), ...interval.headers };
  }

  /** A 2xx to a re-INVITE or UPDATE of ours. */
  function answered(side: Side, response: SipResponse): void {
    legs[side].agreed = intervalAnswered(response);
    watch(side);
    refreshTarget(side, response);
  }

  function requestHeaders(side: Side): Record<string, string> {
    return { Allow: parts.allow, Supported: parts.supported(side), ...intervalRepeated(legs[side].agreed) };
  }

  /** RFC 3261 §12.2: the journal must know where a BYE goes after a crash. */
  function refreshTarget(side: Side, message: SipMessage): void {
    const leg = legs[side];
    if (leg.record === null || !message.has('contact')) return;
    const remoteTarget = targetOf(message);
    if (remoteTarget === '' || remoteTarget === leg.record.remoteTarget) return;
    leg.record = { ...leg.record, remoteTarget };
    parts.sink()?.dialogConfirmed(side, leg.record);
  }
}
