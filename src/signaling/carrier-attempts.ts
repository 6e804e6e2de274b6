/**
 * A call's way over its carriers: one INVITE after the other until a callee was reached, each with a leg of its own,
 * so that the call sees one carrier leg.
 *
 * A carrier that says nothing in time is asked to stop (CANCEL) while the next one is tried already. Whoever of the two
 * answers first has the call: a person who picked up is never told that somebody else will be asked instead. What
 * answers after that is ended at once.
 */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { SipFinal } from '../call/call-facts.ts';
import type { CarrierAttempt } from '../guard/journal.ts';
import type { Carrier, CarrierRoute } from '../guard/signaling-port.ts';
import { q850CauseOf } from '../policy/network-axis.ts';
import type { CarrierLeg, CarrierLegEvents } from './carrier-leg.ts';
import type { DigestClient } from './digest-client.ts';

/** One INVITE, ready to be sent. */
export type AttemptPlan = {
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly sdp: string;
  /** Without any 18x for so long, the next carrier is tried; ms. */
  readonly noResponseMs: number;
  readonly digest: DigestClient | null;
};

/** What the attempts are made with. */
export type AttemptParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly newCallId: () => string;
  readonly newLeg: (events: CarrierLegEvents, digest: DigestClient | null) => CarrierLeg;
  readonly plan: (carrier: Carrier, callId: string) => AttemptPlan;
  readonly attempted: (attempts: readonly CarrierAttempt[], carrying: CarrierAttempt) => void;
};

/** What the call hears: that of one leg, but for a refusal while an abandoned INVITE may still be answered. */
export type AttemptEvents = Omit<CarrierLegEvents, 'refused'> & {
  /** `open`: an INVITE that was cancelled has no final response yet; `refused` comes again when all have. */
  refused(final: SipFinal, open: boolean): void;
};

/** All attempts of one call: as one leg, but for how it begins. */
export type CarrierAttempts = Omit<CarrierLeg, 'invite'> & {
  /** Tries the route's first carrier. */
  start(route: CarrierRoute): void;
};

type Attempt = {
  readonly carrier: Carrier;
  readonly leg: CarrierLeg;
  /** `reached`: an 18x was seen; `abandoned`: another one is tried or has answered. */
  state: 'trying' | 'reached' | 'abandoned' | 'answered' | 'over';
  told: CarrierAttempt;
  timer: Timer | null;
};

/** The dialer's final when no carrier of the route has room any more. */
const NO_CARRIER: SipFinal = { status: 503, phrase: 'Service Unavailable', reason: null };

/** Told to a carrier that said nothing in time, and to one whose INVITE lost the race. */
const NO_RESPONSE_REASON = 'SIP;cause=408;text="no response in time"';
const ELSEWHERE_REASON = 'SIP;cause=200;text="Call completed elsewhere"';

/** No attempt yet. */
export function createCarrierAttempts(parts: AttemptParts, events: AttemptEvents): CarrierAttempts {
  const { clock, log } = parts;
  const attempts: Attempt[] = [];
  let route: CarrierRoute | null = null;
  /** The one the call hears of. */
  let current: Attempt | null = null;
  let answered: Attempt | null = null;
  /** Asked to end: nothing is tried any more. */
  let ending = false;
  let lastFinal = NO_CARRIER;

  return {
    start(given) {
      route = given;
      tryNext(NO_CARRIER, null);
    },
    end(reason) {
      ending = true;
      for (const attempt of attempts) {
        attempt.timer?.cancel();
        attempt.leg.end(reason);
      }
    },
    dialog: () => answered?.leg.dialog() ?? null,
    connectionReturned() {
      for (const { leg } of attempts) leg.connectionReturned();
    },
  };

  /** The next carrier, or the end of the way with what the last one said. */
  function tryNext(failed: SipFinal, by: Attempt | null): void {
    lastFinal = failed;
    const next = ending ? null : (route?.next() ?? null);
    if (next === null) {
      events.refused(failed, hasOpen());
      return;
    }
    if (by !== null) {
      // A Reason's text may be anything, a number too: its cause alone is told.
      const facts = {
        carrier: by.carrier.name,
        next: next.name,
        status: failed.status,
        q850: q850CauseOf(failed.reason),
      };
      log.info(facts, 'carrier failed: trying the next');
    }
    place(next);
  }

  function place(carrier: Carrier): void {
    const callId = parts.newCallId();
    const plan = parts.plan(carrier, callId);
    const attempt: Attempt = {
      carrier,
      leg: parts.newLeg(
        eventsOf(() => attempt),
        plan.digest,
      ),
      state: 'trying',
      told: { carrier: carrier.name, callId, status: null, reason: null },
      timer: clock.setTimer(addMs(clock.monotonicMs(), plan.noResponseMs), () => onSilence(attempt)),
    };
    attempts.push(attempt);
    current = attempt;
    tell(attempt);
    attempt.leg.invite(plan.uri, plan.headers, plan.sdp);
  }

  function onSilence(attempt: Attempt): void {
    if (attempt.state !== 'trying' || attempt !== current || ending) return;
    const next = route?.next() ?? null;
    // Nobody else to ask: it may take its time.
    if (next === null) return;
    log.info({ carrier: attempt.carrier.name, next: next.name }, 'carrier is silent: trying the next');
    attempt.state = 'abandoned';
    attempt.leg.end(NO_RESPONSE_REASON);
    place(next);
  }

  function eventsOf(own: () => Attempt): CarrierLegEvents {
    const ifAnswered =
      <A extends unknown[]>(listener: (...parts: A) => void) =>
      (...parts: A): void => {
        if (own() === answered) listener(...parts);
      };
    /** A request of a carrier that the call hears no more of: there is no such call any more. */
    const ifHeard =
      (listener: AttemptEvents['updated']): AttemptEvents['updated'] =>
      (request, reply) => {
        const attempt = own();
        const isHeard = attempt === (answered ?? current) && attempt.state !== 'abandoned' && attempt.state !== 'over';
        if (isHeard) listener(request, reply);
        else reply.send(481, undefined, {});
      };
    return {
      ...events,
      provisional(response) {
        const attempt = own();
        if (attempt !== current || attempt.state === 'abandoned') return;
        if (response.status >= 180 && response.status <= 189) {
          attempt.timer?.cancel();
          if (attempt.state === 'trying') attempt.state = 'reached';
        }
        events.provisional(response);
      },
      answered(response, final) {
        const attempt = own();
        attempt.timer?.cancel();
        attempt.told = { ...attempt.told, status: final.status, reason: final.reason };
        if (answered !== null) {
          log.warn({ carrier: attempt.carrier.name }, 'a second carrier answered: ending it');
          attempt.leg.end(ELSEWHERE_REASON);
          tell(answered);
          return;
        }
        answered = attempt;
        current = attempt;
        attempt.state = 'answered';
        tell(attempt);
        for (const other of attempts) if (other !== attempt) abandon(other);
        events.answered(response, final);
      },
      refused(final, retryAfter) {
        onRefused(own(), final, retryAfter);
      },
      updated: ifHeard(events.updated),
      modified: ifHeard(events.modified),
      relayed: ifHeard(events.relayed),
      confirmed: ifAnswered(events.confirmed),
      hungUp: ifAnswered(events.hungUp),
      lost: ifAnswered(events.lost),
    };
  }

  function abandon(attempt: Attempt): void {
    if (attempt.state === 'over') return;
    attempt.timer?.cancel();
    attempt.state = 'abandoned';
    attempt.leg.end(ELSEWHERE_REASON);
  }

  function onRefused(attempt: Attempt, final: SipFinal, retryAfter: string | null): void {
    const before = attempt.state;
    attempt.state = 'over';
    attempt.timer?.cancel();
    attempt.told = { ...attempt.told, status: final.status, reason: final.reason };
    const isFailure = before !== 'reached' && failsOver(final.status);
    if (isFailure) route?.failed(attempt.carrier, final.status === 503 ? retryAfterMsOf(retryAfter) : null);
    else route?.released(attempt.carrier);
    tell(answered ?? current ?? attempt);
    if (answered !== null) return;
    if (attempt === current) {
      if (isFailure) tryNext(final, attempt);
      else conclude(final);
    } else if (current?.state === 'over' && !hasOpen()) {
      // The last abandoned one: the call was told of its refusal, and now knows that it is final.
      events.refused(lastFinal, false);
    }
  }

  function conclude(final: SipFinal): void {
    lastFinal = final;
    events.refused(final, hasOpen());
  }

  function hasOpen(): boolean {
    return attempts.some(({ state }) => state !== 'over');
  }

  function tell(carrying: Attempt): void {
    parts.attempted(
      attempts.map(({ told }) => told),
      carrying.told,
    );
  }
}

/**
 * Whether the next carrier may do better: it gave no answer (408), failed (5xx), sent us elsewhere (3xx, never
 * followed: nobody but the settings says who is called), or did not take our credentials (401, 407). Anything else is
 * said by, or of, the callee.
 */
export function failsOver(status: number): boolean {
  return (
    (status >= 300 && status < 400) || status === 401 || status === 407 || status === 408 || isServerFailure(status)
  );
}

function isServerFailure(status: number): boolean {
  return status >= 500 && status < 600;
}

/** RFC 3261 §20.33: seconds, then a comment or parameters; null when there are none. */
export function retryAfterMsOf(value: string | null): number | null {
  const seconds = /^\s*(\d{1,9})\b/.exec(value ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
