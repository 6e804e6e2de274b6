/** What the dialer is told when a carrier refuses: the carrier's own final, but for those that are not meant for it. */
import type { SipFinal } from '../call/call-facts.ts';

/** A final for the dialer. The outcome keeps the carrier's own. */
export function finalForDialer(final: SipFinal): SipFinal {
  const { status, phrase } = final;
  // A redirection would lead the dialer around us: there the call would not be guarded. It was not followed either.
  if (status >= 300 && status < 400)
    return { status: 480, phrase: 'Temporarily Unavailable', reason: reasonWithStatus(final.reason, status, phrase) };
  // The carrier asks us, not the dialer, who we are; that we cannot say is our failure (RFC 3261 §16.7 step 7 is for proxies).
  if (status === 401 || status === 407)
    return { status: 500, phrase: 'Server Internal Error', reason: reasonWithStatus(final.reason, status, phrase) };
  return final;
}

/**
 * A `Reason` that keeps a status which is not the response's own (RFC 3326 §2: one value a protocol, so a `SIP` value
 * that is there already stays).
 */
export function reasonWithStatus(reason: string | null, status: number, phrase: string): string {
  if (reason !== null && /(?:^|,)\s*SIP\s*;/i.test(reason)) return reason;
  const added = `SIP;cause=${status};text="${phrase.replace(/["\\]/g, '')}"`;
  return reason === null || reason.trim() === '' ? added : `${reason}, ${added}`;
}

/**
 * The status in place of one that drachtio-srf cannot send (the npm package sip-status does not list it): the x00 of
 * its class, as RFC 3261 §8.1.3.2 reads an unknown status, but for 6xx, whose 600 would mean busy: a decline, which 607
 * (RFC 8197) and 608 (RFC 8688) are.
 */
export function sendableStatus(status: number): number {
  return status >= 600 ? 603 : Math.floor(status / 100) * 100;
}
