/** An INVITE of a dialer with `Replaces` (RFC 3891 §3): which call it means, and how that call takes it. */
import type { DialogRecord } from '../guard/journal.ts';
import type { CallSessions } from './call-sessions.ts';
import type { ServerResponse, SipRequest } from './drachtio-srf.ts';
import { sendFinal } from './final-response.ts';
import { describedOffer } from './incoming-invite.ts';
import { NOTHING_PASSES } from './renegotiation.ts';
import type { ReplaceableLeg } from './replaceable-leg.ts';
import { type ReplacedDialog, type Replaces, readReplaces, refusalOfReplacing } from './replaces.ts';
import { warningOf } from './sdp-problem.ts';

/** A call whose dialer's dialog may be named. */
export type ReplaceableCall = {
  /** Whether a dialog with this dialer is named. */
  named(replaces: Replaces, dialer: string): ReplacedDialog;
  /** Answers a dialer's INVITE whose dialog takes the place of the one that is up. */
  replaceDialer(request: SipRequest, response: ServerResponse): void;
};

/**
 * Answers the INVITE, by the call that it means or by itself.
 *
 * @param dialer its sender; null when it is none, and names no dialog of ours
 */
export function takeReplaces(
  request: SipRequest,
  response: ServerResponse,
  dialer: string | null,
  calls: Iterable<ReplaceableCall>,
): void {
  const replaces = readReplaces(request.get('replaces') ?? '');
  if (replaces === null || request.has('join')) {
    sendFinal(response, 400, 'Bad Replaces Header', {});
    return;
  }
  const call = dialer === null ? undefined : [...calls].find((one) => one.named(replaces, dialer) !== null);
  const status = refusalOfReplacing(call?.named(replaces, dialer ?? '') ?? null, replaces);
  if (status !== null) sendFinal(response, status, undefined, {});
  else call?.replaceDialer(request, response);
}

/** What the call around it gives. */
export type ReplacementParts = {
  readonly sessions: CallSessions;
  readonly dialer: ReplaceableLeg;
  /** An offer in the dialer's dialog is open. */
  readonly isUnderWay: () => boolean;
  /** Of our 200. */
  readonly headers: Record<string, string>;
  /** The new dialog is up, its session in force, and the old one not ended yet. */
  readonly taken: (dialog: DialogRecord) => void;
};

/** Answers it with 200 and a session of its own, or refuses it and leaves all as it was. */
export function replaceDialog(asked: SipRequest, reply: ServerResponse, parts: ReplacementParts): void {
  const { sessions, dialer } = parts;
  if (dialer.dialog() === null || parts.isUnderWay()) {
    // One thing at a time (RFC 3261 §14.1); it may try again.
    reply.send(491, undefined, {});
    return;
  }
  const described = describedOffer(asked, sessions.rules.dialer);
  const session = described?.ok === false ? null : sessions.dialerReplaced(described?.value ?? null);
  if (session === null) {
    const problem = described?.ok === false ? described.problem : NOTHING_PASSES;
    reply.send(488, undefined, { headers: { Warning: warningOf(problem) } });
    return;
  }
  dialer.replace(asked, reply, { headers: parts.headers, sdp: session.sdp }, (dialog) => {
    session.take();
    parts.taken(dialog);
  });
}
