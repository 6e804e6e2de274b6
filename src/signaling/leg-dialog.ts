/**
 * A dialog of one leg, in place of drachtio-srf's own `Dialog`, which guesses what a re-INVITE means, waits for ever after
 * one that failed, and throws on a description that is not there. Every request of the dialog comes here in the turn in
 * which it arrived, and every request of ours goes out from here.
 */
import { requestWithDigest } from './challenged-request.ts';
import { contained } from './contained.ts';
import type { DigestClient } from './digest-client.ts';
import {
  type Acknowledge,
  DIALOG_TARGET,
  type RegisteredDialog,
  type RequestListener,
  type ServerResponse,
  type SipRequest,
  type SipResponse,
  type Srf,
} from './drachtio-srf.ts';

/** A request of ours, to be sent inside the dialog. */
export type DialogRequest = {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** '' for none. */
  readonly body: string;
};

/** Its final response; null when it could not be sent. A 2xx of an INVITE wants `acknowledge`. */
export type FinalListener = (response: SipResponse | null, acknowledge: Acknowledge) => void;

/** A dialog. */
export type LegDialog = {
  readonly id: string;
  /** Our credentials at the peer; null when it asks for none. */
  readonly digest: DigestClient | null;
  /** Sends a request; returns how to CANCEL it, which does nothing for any but an INVITE under way. */
  request(request: DialogRequest, onFinal: FinalListener): () => void;
  /** Our BYE is on its way: what crosses it is answered here (RFC 3261 §15.1.2), and nobody is told any more. */
  leave(): void;
  /** The dialog is over: no request can belong to it. */
  close(): void;
};

/** Requests of ours without final response in one dialog; one more fails at once. DTMF by INFO is ten a second at most. */
export const REQUESTS_PENDING_MAX = 32;

/**
 * The dialog of this id.
 *
 * @param onRequest every request of the peer's in it, ACK and BYE included; may throw
 * @param failed what a listener threw
 */
export function createLegDialog(
  srf: Srf,
  id: string,
  digest: DigestClient | null,
  onRequest: RequestListener,
  failed: (thrown: unknown) => void,
): LegDialog {
  let leaving = false;
  let pending = 0;

  const listener = contained(failed, (request: SipRequest, response: ServerResponse) => {
    if (!leaving) onRequest(request, response);
    else if (request.method === 'BYE') response.send(200, undefined, {});
    else if (request.method !== 'ACK') response.send(481, undefined, {});
  });
  const registered: RegisteredDialog = { id, dialogType: 'INVITE', handle: listener };
  srf.addDialog(registered);

  return {
    id,
    digest,
    request,
    leave: () => {
      leaving = true;
    },
    close: () => srf.removeDialog(registered),
  };

  function request({ method, headers, body }: DialogRequest, onFinal: FinalListener): () => void {
    let sent: SipRequest | null = null;
    let cancelled = false;
    let ended = false;
    const finish = contained(failed, (response: SipResponse | null, acknowledge: Acknowledge) => {
      if (ended) return;
      ended = true;
      pending -= 1;
      onFinal(response, acknowledge);
    });
    const cancel = contained(failed, () => {
      if (ended || method !== 'INVITE') return;
      cancelled = true;
      sent?.cancel({}, () => undefined);
    });
    pending += 1;
    if (pending > REQUESTS_PENDING_MAX) {
      finish(null, () => undefined);
      return cancel;
    }
    const options = { method, stackDialogId: id, headers, ...(body === '' ? {} : { body }) };
    requestWithDigest(srf, DIALOG_TARGET, options, digest, {
      sent(_error, outgoing) {
        if (outgoing === undefined) {
          finish(null, () => undefined);
          return;
        }
        sent = outgoing;
        outgoing.on('update', listener);
        if (cancelled) cancel();
      },
      response(response, acknowledge) {
        if (response.status >= 200) finish(response, acknowledge);
      },
      mayRepeat: () => !cancelled,
    });
    return cancel;
  }
}
