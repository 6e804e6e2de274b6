import { addMs, type MonotonicMs, type Timer } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import { type HeaderField, header, headerValue, listValues, type SipMessage } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import type { AnswerAcknowledgement } from './answer-acknowledgement.ts';
import type { ClientCalls, ClientCallUser } from './client-calls.ts';
import { type ClientCall, type Dialog, refreshTarget } from './dialog.ts';
import type { InviteCancellation } from './invite-cancellation.ts';
import type { RequestsWithin } from './requests-within.ts';
import {
  expiresAfterMs,
  readSessionExpires,
  refreshAfterMs,
  SESSION_INTERVAL_MIN_S,
  type SessionTerms,
  sessionAnswer,
  termsOfOurAnswer,
  termsOfTheirAnswer,
} from './session-interval.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The session timer of one dialog (RFC 4028). */
export type Session = {
  readonly terms: SessionTerms;
  /** When the session is over if nobody refreshes it. */
  readonly endsAtMs: MonotonicMs;
  /** The next refresh of ours, or our BYE. */
  timer: Timer | null;
};

/** Session timers: what we ask for and grant, our refreshes, and the end of sessions that nobody refreshes. */
export type SessionTimers = {
  /** Adds Session-Expires to our 2xx where the application gave none. */
  grant(dialog: Dialog | null, request: SipRequest, headers: HeaderField[]): void;
  /** Our 2xx to an INVITE or UPDATE of the peer is out. */
  onOurAnswer(dialog: Dialog, request: SipRequest, response: SipResponse): void;
  /** The peer's 2xx to an INVITE or UPDATE of ours is in. */
  onTheirAnswer(dialog: Dialog, response: SipResponse): void;
};

/** How long a refresh waits that met another request (RFC 3261 §14.1); the owner of the Call-ID waits longer. */
const GLARE_WAIT_MS = { uac: { min: 2_100, max: 4_000 }, uas: { min: 0, max: 2_000 } } as const;

/** Makes the keeper of session timers. */
export function createSessionTimers(
  context: UserAgentContext,
  calls: ClientCalls,
  acks: AnswerAcknowledgement,
  cancellation: InviteCancellation,
  within: RequestsWithin,
): SessionTimers {
  const { clock, newToken } = context;

  const chance = () => Number.parseInt(newToken().slice(-4), 16) / 0x10000;

  const set = (dialog: Dialog, terms: SessionTerms | null) => {
    dialog.session?.timer?.cancel();
    dialog.session = null;
    if (terms === null || dialog.state !== 'confirmed') return;
    const nowMs = clock.monotonicMs();
    const session: Session = { terms, endsAtMs: addMs(nowMs, terms.intervalS * 1_000), timer: null };
    dialog.session = session;
    if (terms.refresher === 'us') refreshIn(dialog, session, refreshAfterMs(terms.intervalS, chance()));
    else session.timer = clock.setTimer(addMs(nowMs, expiresAfterMs(terms.intervalS)), () => expire(dialog, session));
  };

  const refreshIn = (dialog: Dialog, session: Session, afterMs: number) => {
    session.timer?.cancel();
    session.timer = clock.setTimer(addMs(clock.monotonicMs(), afterMs), () => refresh(dialog, session));
  };

  const expire = (dialog: Dialog, session: Session) => {
    session.timer = null;
    if (dialog.session !== session || dialog.isEnding) return;
    within.bye(dialog, 'Session timer expired', true);
  };

  // ---- our refreshes

  const waitForGlare = (dialog: Dialog, session: Session) => {
    const { min, max } = GLARE_WAIT_MS[dialog.role];
    const afterMs = min + chance() * (max - min);
    if (addMs(clock.monotonicMs(), afterMs) >= session.endsAtMs) expire(dialog, session);
    else refreshIn(dialog, session, afterMs);
  };

  const refresh = (dialog: Dialog, session: Session) => {
    session.timer = null;
    if (dialog.session !== session || dialog.isEnding) return;
    // An UPDATE without offer disturbs nothing (RFC 4028 §7.4); without it the last description is offered again.
    const method = dialog.peerAllowsUpdate || dialog.localDescription === '' ? 'UPDATE' : 'INVITE';
    const isBusy =
      dialog.answer !== null ||
      dialog.unacked !== null ||
      dialog.clientUpdate !== null ||
      within.isGlare(dialog, 'INVITE');
    const headers = [
      header('Contact', dialog.localContact),
      header('Supported', 'timer'),
      header('Session-Expires', `${session.terms.intervalS};refresher=uac`),
      header('Min-SE', String(SESSION_INTERVAL_MIN_S)),
    ];
    const body = method === 'INVITE' ? dialog.localDescription : '';
    if (body !== '') headers.push(header('Content-Type', 'application/sdp'));
    // A refresh for which there is no transaction left is tried again like one that met another request.
    if (isBusy || !within.sendOwn(dialog, method, headers, body, refreshUser)) waitForGlare(dialog, session);
  };

  const onRefreshed = (call: ClientCall, dialog: Dialog, response: SipResponse, source: Hop) => {
    refreshTarget(dialog, response, source);
    if (call.method === 'INVITE') acks.acknowledge(dialog, call, [], '');
    if (dialog.state === 'confirmed') onTheirAnswer(dialog, response);
  };

  const onRefreshFailed = (dialog: Dialog, method: string, status: number, response: SipResponse | null) => {
    const { session } = dialog;
    if (session === null || dialog.state !== 'confirmed') return;
    if (status === 491 || (status === 500 && response !== null && headerValue(response, 'retry-after') !== undefined)) {
      waitForGlare(dialog, session);
    } else if (status === 422 && response !== null && raise(dialog, response)) {
      refreshIn(dialog, dialog.session ?? session, 0);
    } else if (method === 'UPDATE' && (status === 405 || status === 501) && dialog.localDescription !== '') {
      dialog.peerAllowsUpdate = false;
      refreshIn(dialog, session, 0);
    } else if (status === 401 || status === 407) {
      // The peer is there, and wants credentials that only the application has: it may end the session when it likes.
      set(dialog, null);
    } else {
      expire(dialog, session);
    }
  };

  /** A longer interval, as a 422 demands (RFC 4028 §7.4); false when it demands none. */
  const raise = (dialog: Dialog, response: SipResponse): boolean => {
    const least = readSessionExpires(headerValue(response, 'min-se') ?? '');
    const { session } = dialog;
    if (session === null || least === null || least.intervalS <= session.terms.intervalS) return false;
    dialog.session = { ...session, terms: { ...session.terms, intervalS: least.intervalS } };
    return true;
  };

  const refreshUser: ClientCallUser = {
    onResponse(call, response, essentials: Essentials, source) {
      const { status } = response;
      const { dialog } = call;
      if (dialog === null) return;
      if (call.isEnded) {
        if (status >= 200 && status < 300 && call.sentAck !== null && essentials.cseq.method === 'INVITE') {
          acks.repeat(call.sentAck);
        }
        return;
      }
      if (status < 200) {
        if (call.method === 'INVITE') cancellation.onProvisional(call);
        return;
      }
      calls.end(call);
      if (status < 300) onRefreshed(call, dialog, response, source);
      else onRefreshFailed(dialog, call.method, status, response);
      call.transaction.release();
    },
    /** A time-out or a transport error. */
    onFinal(call, status) {
      if (call.dialog !== null) onRefreshFailed(call.dialog, call.method, status, null);
    },
  };

  // ---- what is agreed

  const onTheirAnswer = (dialog: Dialog, response: SipResponse) => {
    learnMethods(dialog, response);
    set(dialog, termsOfTheirAnswer(response));
  };

  return {
    grant(dialog, request, headers) {
      if (headers.some((field) => field.key === 'session-expires')) return;
      const granted = sessionAnswer(request, dialog?.session?.terms ?? null);
      if (granted === null) return;
      headers.push(header('Session-Expires', `${granted.intervalS};refresher=${granted.refresher}`));
      // The peer must know that it is its turn (RFC 4028 §9).
      const isRequired = headers.some((field) => field.key === 'require' && /\btimer\b/i.test(field.value));
      if (granted.refresher === 'uac' && !isRequired) headers.push(header('Require', 'timer'));
    },

    onOurAnswer(dialog, request, response) {
      learnMethods(dialog, request);
      const granted = readSessionExpires(headerValue(response, 'session-expires') ?? '');
      set(dialog, granted === null ? null : termsOfOurAnswer(granted));
    },

    onTheirAnswer,
  };
}

/** Whether the peer does UPDATE, as its last message that says so (RFC 3261 §20.5) has it. */
function learnMethods(dialog: Dialog, message: SipMessage): void {
  if (headerValue(message, 'allow') === undefined) return;
  dialog.peerAllowsUpdate = listValues(message, 'allow').some((method) => method.trim().toUpperCase() === 'UPDATE');
}
