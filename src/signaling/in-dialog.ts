/** Requests inside a dialog, by method: what Brusio answers by itself, and what concerns the call. */
import type { RequestListener, ServerResponse, SipRequest } from './drachtio-srf.ts';

/** What a leg does with the requests that concern its call; each answers the request, but for ACK and BYE. */
export type InDialogListeners = {
  acknowledged(ack: SipRequest): void;
  /** Answered with 200 already. */
  hungUp(bye: SipRequest): void;
  /** A re-INVITE, or an UPDATE (RFC 3311), which asks the same without an ACK. */
  modified(request: SipRequest, response: ServerResponse): void;
  /** PRACK (RFC 3262). */
  provisionalAcknowledged(request: SipRequest, response: ServerResponse): void;
  /** INFO, REFER or NOTIFY: what may be for the other peer. */
  relayed(request: SipRequest, response: ServerResponse): void;
};

/** Methods a peer may use towards us (RFC 3261 §20.5). REFER and NOTIFY too where transfers pass. */
const METHODS = 'INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, UPDATE, PRACK';

/** What our `Allow` says. */
export function allowed(transfersPass: boolean): string {
  return transfersPass ? `${METHODS}, REFER, NOTIFY` : METHODS;
}

/** Bodies we read (RFC 3261 §20.1): descriptions, and the two DTMF bodies that are only passed on. */
export const ACCEPT = 'application/sdp, application/dtmf-relay, application/dtmf';

/** Extensions of which a peer may make use (RFC 3261 §20.37): RFC 3262, RFC 4028. */
export const SUPPORTED = '100rel, timer';

/** Those of which a dialer may: RFC 3891 too. */
export const SUPPORTED_OF_DIALERS = `${SUPPORTED}, replaces`;

/** Methods we know and do not serve: 405. Any other is 501 (RFC 3261 §21.4.6, §21.5.2). */
const KNOWN_METHODS: ReadonlySet<string> = new Set(['MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'REGISTER']);

/** RFC 3891 §3: in others the header is wrong. An ACK takes no answer, and no BYE is refused. */
const MAY_REPLACE: ReadonlySet<string> = new Set(['INVITE', 'ACK', 'BYE']);

/** The listener of a dialog. */
export function inDialogListener(
  listeners: InDialogListeners,
  allow: string,
  supported: string = SUPPORTED,
): RequestListener {
  return (request, response) => {
    if (request.get('replaces') !== undefined && !MAY_REPLACE.has(request.method)) {
      response.send(400, 'Replaces Outside INVITE', {});
      return;
    }
    switch (request.method) {
      case 'ACK':
        listeners.acknowledged(request);
        return;
      case 'BYE':
        response.send(200, undefined, {});
        listeners.hungUp(request);
        return;
      case 'INVITE':
      case 'UPDATE':
        listeners.modified(request, response);
        return;
      case 'PRACK':
        listeners.provisionalAcknowledged(request, response);
        return;
      case 'INFO':
      case 'REFER':
      case 'NOTIFY':
        listeners.relayed(request, response);
        return;
      case 'OPTIONS':
        response.send(200, undefined, { headers: { Allow: allow, Accept: ACCEPT, Supported: supported } });
        return;
      default:
        response.send(KNOWN_METHODS.has(request.method) ? 405 : 501, undefined, { headers: { Allow: allow } });
    }
  };
}
