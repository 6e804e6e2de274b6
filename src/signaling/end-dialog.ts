/**
 * Ends a dialog of an earlier process from its journal record (RFC 3261 §15.1.1): first under drachtio's own dialog
 * id, which a real drachtio-server still knows; then with a BYE built by hand, which the embedded engine sends as it is.
 */
import { addMs, type Clock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { DialogRecord } from '../guard/journal.ts';
import { requestWithDigest } from './challenged-request.ts';
import type { DigestClient } from './digest-client.ts';
import { DIALOG_TARGET, isDialogGone, type RequestOptions, type Srf } from './drachtio-srf.ts';
import { hostPortOf } from './sip-uri.ts';

/** How long a BYE of recovery is waited for; its retransmissions go on in the engine. */
const BYE_WAIT_MS = 5_000;

/**
 * Above every CSeq the earlier process can have used: one starts below 2^27 (engine and drachtio-server), and no call
 * has a thousand requests.
 */
const CSEQ_UNKNOWN = 2 ** 27;
const CSEQ_LEAP = 1_000;

/** Resolves with the BYE's final status; rejects with AppError `signaling.bye-failed` when there is none in time. */
export async function endDialog(
  srf: Srf,
  clock: Clock,
  dialog: DialogRecord,
  reason: string,
  digest: DigestClient | null,
): Promise<number> {
  try {
    const inDialog = { method: 'BYE', stackDialogId: dialog.drachtioDialogId, headers: { Reason: reason } };
    return await finalStatus(srf, clock, DIALOG_TARGET, inDialog, digest);
  } catch (thrown) {
    if (!isDialogGone(thrown)) throw thrown;
    return await finalStatus(srf, clock, dialog.remoteTarget, byeByHand(dialog, reason), digest);
  }
}

/** A BYE that needs no dialog in the engine: every identifier is in its headers. */
export function byeByHand(dialog: DialogRecord, reason: string): RequestOptions {
  const cseq = (dialog.localCseq === 0 ? CSEQ_UNKNOWN : dialog.localCseq) + CSEQ_LEAP;
  const nextHop = nextHopOf(dialog);
  return {
    method: 'BYE',
    headers: {
      From: `${dialog.localUri};tag=${dialog.localTag}`,
      To: `${dialog.remoteUri};tag=${dialog.remoteTag}`,
      'Call-ID': dialog.callId,
      CSeq: `${cseq} BYE`,
      Reason: reason,
      ...(dialog.routeSet.length > 0 ? { Route: dialog.routeSet.join(', ') } : {}),
    },
    ...(nextHop === null ? {} : { proxy: nextHop }),
  };
}

/** The first route; without one, where the peer's messages came from when its Contact says otherwise (NAT). */
function nextHopOf(dialog: DialogRecord): string | null {
  const route = dialog.routeSet[0];
  if (route !== undefined) return /<([^<>]+)>/.exec(route)?.[1] ?? route;
  if (dialog.peer === '' || withPort(hostPortOf(dialog.remoteTarget)) === dialog.peer) return null;
  return `sip:${dialog.peer}`;
}

/** `host` with the port that a SIP URI means when it names none (RFC 3261 §19.1.2). */
function withPort(hostPort: string): string {
  return /:\d+$/.test(hostPort.replace(/^\[[^\]]*\]/, '')) ? hostPort : `${hostPort}:5060`;
}

function finalStatus(
  srf: Srf,
  clock: Clock,
  uri: string,
  options: RequestOptions,
  digest: DigestClient | null,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(addMs(clock.monotonicMs(), BYE_WAIT_MS), () =>
      reject(new AppError('signaling.bye-failed', `no final response within ${BYE_WAIT_MS} ms`)),
    );
    requestWithDigest(srf, uri, options, digest, {
      sent(error, request) {
        if (request !== undefined) return;
        timer.cancel();
        reject(
          isDialogGone(error) ? error : new AppError('signaling.bye-failed', describeError(error), { cause: error }),
        );
      },
      response(response) {
        if (response.status < 200) return;
        timer.cancel();
        resolve(response.status);
      },
    });
  });
}
