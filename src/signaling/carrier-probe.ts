/** Asks carriers by OPTIONS (RFC 3261 §11) whether they are there; what it means is the pool's to say. */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { CarrierReports } from '../guard/signaling-port.ts';
import type { CarrierProfile } from './carrier-profile.ts';
import { requestWithDigest } from './challenged-request.ts';
import type { DigestClient } from './digest-client.ts';
import type { Srf } from './drachtio-srf.ts';

/** What it works with. */
export type CarrierProbeParts = {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly random: Random;
  readonly carriers: readonly CarrierProfile[];
  readonly digestFor: (carrier: string) => DigestClient | null;
  readonly reports: CarrierReports;
  /** Without the SIP engine nobody can be asked, which says nothing of the carrier. */
  readonly isConnected: () => boolean;
  readonly userAgent: string;
};

/** The probe of every carrier that wants one. */
export type CarrierProbe = { start(): void; stop(): void };

/** The first OPTIONS go out within so much of the start, so that many carriers, or many of us, are no burst. */
const FIRST_WITHIN_MS = 500;

export function createCarrierProbe(parts: CarrierProbeParts): CarrierProbe {
  const { clock, reports } = parts;
  const timers = new Map<string, Timer>();
  let stopped = false;

  return {
    start() {
      for (const carrier of parts.carriers) {
        if (carrier.optionsIntervalMs !== null) after(parts.random() * FIRST_WITHIN_MS, carrier);
      }
    },
    stop() {
      stopped = true;
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };

  function after(delayMs: number, carrier: CarrierProfile): void {
    if (stopped) return;
    const ask = (): void => {
      if (parts.isConnected()) probe(carrier);
      else next(carrier);
    };
    timers.set(carrier.name, clock.setTimer(addMs(clock.monotonicMs(), delayMs), ask));
  }

  function next(carrier: CarrierProfile): void {
    after(carrier.optionsIntervalMs ?? 0, carrier);
  }

  function probe(carrier: CarrierProfile): void {
    let done = false;
    const finish = (alive: boolean): void => {
      if (done || stopped) return;
      done = true;
      timers.get(carrier.name)?.cancel();
      reports.probed(carrier.name, alive);
      next(carrier);
    };
    timers.set(
      carrier.name,
      clock.setTimer(addMs(clock.monotonicMs(), carrier.optionsTimeoutMs), () => finish(false)),
    );
    const headers = {
      From: '<sip:brusio@localhost>',
      To: `<${carrier.uri}>`,
      'Max-Forwards': '70',
      Accept: 'application/sdp',
      'User-Agent': parts.userAgent,
    };
    requestWithDigest(parts.srf, carrier.uri, { method: 'OPTIONS', headers }, parts.digestFor(carrier.name), {
      sent(_error, request) {
        if (request === undefined) finish(false);
      },
      response({ status }) {
        if (status >= 200) finish(showsLife(status));
      },
    });
  }
}

/**
 * Whether a final status to OPTIONS shows a server that takes calls: any does (§11.2: it is what an INVITE would get, and
 * many answer 404 or 405 to OPTIONS), but for none at all (408), and for a server or gateway that says it cannot serve.
 */
export function showsLife(status: number): boolean {
  return ![408, 500, 502, 503, 504].includes(status);
}
