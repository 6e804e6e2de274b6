/**
 * Our registration at a carrier that wants one (RFC 3261 §10.2): kept alive, tried again when it fails, taken back at the
 * end. Calls to the shown number then come to us, since our Contact is where we listen.
 */
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { RegistrationState } from '../guard/signaling-port.ts';
import { requestWithDigest } from './challenged-request.ts';
import type { DigestClient } from './digest-client.ts';
import type { SipResponse, Srf } from './drachtio-srf.ts';
import { hostPortOf } from './sip-uri.ts';
import { encodedUser } from './telephone-uri.ts';

/** What it works with. */
export type RegistrationParts = {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly carrier: string;
  /** A SIP URI; its host is the domain of our address of record. */
  readonly registrar: string;
  readonly username: string;
  readonly expiresS: number;
  readonly digest: DigestClient | null;
  readonly callId: string;
  readonly fromTag: string;
  readonly userAgent: string;
  readonly isConnected: () => boolean;
  readonly onState: (state: RegistrationState) => void;
};

/** One registration. */
export type Registration = {
  start(): void;
  /** The control connection returned: what was under way is unknown. */
  again(): void;
  /** Takes it back; resolves when the registrar has confirmed it, or after {@link UNREGISTER_WAIT_MS}. */
  stop(): Promise<void>;
};

/** How long a REGISTER may take: much less than the 32 s of its transaction, since another may come through. */
export const REGISTER_WAIT_MS = 8_000;

/** How long the end of the process waits for the registrar. */
export const UNREGISTER_WAIT_MS = 1_000;

/** After a failure: doubled each time from the first to the last, with jitter, so that no password is tried in a hurry. */
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 300_000;

/** Above any lifetime a registrar may ask for (423): a day. */
const EXPIRES_MAX_S = 86_400;

/** Refreshed so long before the end, or at half of a short lifetime: two or three failures do not end it. */
const REFRESH_MARGIN_S = 120;

/** When a lifetime of so many seconds is refreshed, in ms. */
export function refreshAfterMs(lifetimeS: number): number {
  return Math.max(lifetimeS / 2, lifetimeS - REFRESH_MARGIN_S) * 1_000;
}

/** A registration that has not begun. */
export function createRegistration(parts: RegistrationParts): Registration {
  const { clock, log } = parts;
  const user = encodedUser(parts.username);
  const contact = `<sip:${user}@localhost>`;
  let expiresS = parts.expiresS;
  let validUntil: MonotonicMs | null = null;
  let cseq = 0;
  let failures = 0;
  let timer: Timer | null = null;
  let lapse: Timer | null = null;
  let stopped = false;
  /** Answers to an earlier REGISTER than this one are not heard. */
  let round = 0;

  return {
    start() {
      parts.onState('pending');
      register();
    },
    again() {
      if (!stopped) register();
    },
    stop,
  };

  function register(): void {
    const own = ++round;
    if (!parts.isConnected()) {
      failed(own, 'no connection to the SIP engine');
      return;
    }
    wait(REGISTER_WAIT_MS, () => failed(own, `no answer within ${REGISTER_WAIT_MS} ms`));
    send(
      expiresS,
      () => failed(own, 'could not be sent'),
      (response) => onFinal(own, response),
    );
  }

  function onFinal(own: number, response: SipResponse): void {
    if (own !== round || stopped) return;
    const { status } = response;
    if (status >= 200 && status < 300) {
      registered(lifetimeOf(response, contact, expiresS));
      return;
    }
    const minimum = status === 423 ? Number.parseInt(response.get('min-expires') ?? '', 10) : Number.NaN;
    if (minimum > expiresS && minimum <= EXPIRES_MAX_S) {
      log.info({ carrier: parts.carrier, expiresS: minimum }, 'registrar wants a longer lifetime');
      expiresS = minimum;
      register();
      return;
    }
    failed(own, `${status} ${response.reason}`);
  }

  function registered(lifetimeS: number): void {
    failures = 0;
    validUntil = addMs(clock.monotonicMs(), lifetimeS * 1_000);
    lapse?.cancel();
    lapse = clock.setTimer(validUntil, () => parts.onState('failed'));
    parts.onState('registered');
    wait(refreshAfterMs(lifetimeS), register);
  }

  function failed(own: number, problem: string): void {
    if (own !== round || stopped) return;
    round++;
    failures++;
    const backOffMs = Math.min(RETRY_MIN_MS * 2 ** Math.min(failures - 1, 20), RETRY_MAX_MS);
    const retryMs = backOffMs * (0.5 + parts.random() / 2);
    log.warn({ carrier: parts.carrier, problem, retryMs: Math.round(retryMs) }, 'registration failed');
    // What was granted stays granted until its time is over.
    if (validUntil === null || elapsedMs(clock.monotonicMs(), validUntil) <= 0) parts.onState('failed');
    wait(retryMs, register);
  }

  async function stop(): Promise<void> {
    stopped = true;
    timer?.cancel();
    lapse?.cancel();
    if (validUntil === null || !parts.isConnected()) return;
    await new Promise<void>((resolve) => {
      const giveUp = clock.setTimer(addMs(clock.monotonicMs(), UNREGISTER_WAIT_MS), resolve);
      const done = (): void => {
        giveUp.cancel();
        resolve();
      };
      send(0, done, done);
    });
  }

  function wait(delayMs: number, fire: () => void): void {
    timer?.cancel();
    timer = clock.setTimer(addMs(clock.monotonicMs(), delayMs), fire);
  }

  /** §10.2: one Call-ID for all, a rising CSeq, the same Contact. */
  function send(lifetimeS: number, onUnsent: () => void, onResponse: (response: SipResponse) => void): void {
    const domain = hostPortOf(parts.registrar);
    const record = `<sip:${user}@${domain}>`;
    const headers = {
      'Call-ID': parts.callId,
      CSeq: `${++cseq} REGISTER`,
      From: `${record};tag=${parts.fromTag}`,
      To: record,
      Contact: contact,
      Expires: String(lifetimeS),
      'Max-Forwards': '70',
      'User-Agent': parts.userAgent,
    };
    requestWithDigest(parts.srf, parts.registrar, { method: 'REGISTER', headers }, parts.digest, {
      sent(_error, request) {
        if (request === undefined) onUnsent();
        else cseq = Math.max(cseq, Number.parseInt(request.get('cseq') ?? '0', 10));
      },
      response(response) {
        if (response.status >= 200) onResponse(response);
      },
    });
  }
}

/** What the registrar granted (§10.2.4): `expires` at our Contact, else `Expires`, else what was asked. */
function lifetimeOf(response: SipResponse, contact: string, askedS: number): number {
  const user = /<sip:([^@]*)@/.exec(contact)?.[1] ?? '';
  // Other devices may be registered too; ours is told by its user, the host is the engine's to know.
  const ours = (response.get('contact') ?? '')
    .split(/,(?=\s*(?:"[^"]*"\s*)?<)/)
    .find((one) => one.includes(`sip:${user}@`));
  const granted =
    /;\s*expires\s*=\s*(\d{1,9})/i.exec(ours ?? '')?.[1] ?? /^\s*(\d{1,9})/.exec(response.get('expires') ?? '')?.[1];
  const lifetimeS = granted === undefined ? askedS : Number(granted);
  return Math.min(Math.max(lifetimeS, 1), EXPIRES_MAX_S);
}
