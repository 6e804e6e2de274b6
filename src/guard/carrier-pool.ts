/**
 * The carriers, and which of them a call takes: by priority and weight, who is up first, as far as each has room
 * (calls per second, calls at once). Time and chance are arguments.
 */
import { addMs, type Clock, elapsedMs, type MonotonicMs } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { type CarrierHealth, type HealthRules, healthAfter, NEW_HEALTH } from './carrier-health.ts';
import type { Carrier, CarrierReports, CarrierRoute, CarrierStatus, RegistrationState } from './signaling-port.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** What the settings say of one carrier. */
export type CarrierTerms = Carrier & {
  /** Lower is tried first; among equals `weight` is the share (RFC 2782). */
  readonly priority: number;
  readonly weight: number;
  /** Campaigns it serves; none: all. */
  readonly campaigns: readonly string[];
  /** Null: no limit. */
  readonly callsPerSecondMax: number | null;
  readonly callsMax: number | null;
  readonly health: HealthRules;
};

/** What a campaign's call gets: a way, or why there is none. */
export type RouteDecision =
  | { readonly found: 'route'; readonly route: OpenRoute }
  /** No carrier serves the campaign. */
  | { readonly found: 'none-serves' }
  /** Every carrier that serves it is full, or has asked for a pause; when it is worth asking again. */
  | { readonly found: 'none-free'; readonly retryAfterMs: number };

/** A route as its owner holds it. */
export type OpenRoute = CarrierRoute & {
  /** The call is over: whatever room it still takes is free. Safe to repeat. */
  close(): void;
};

/** The pool. */
export type CarrierPool = CarrierReports & {
  /** Takes room at the first carrier of the way at once, so that an admitted call has one. */
  route(campaign: string): RouteDecision;
  status(): readonly CarrierStatus[];
};

/** A `Retry-After` longer than this is not believed (RFC 3261 §21.5.4 sets no limit). */
export const PAUSE_MAX_MS = 3_600_000;

/** When every carrier has its calls, nobody knows when the first one ends. */
const CALLS_FULL_RETRY_MS = 1_000;

type Member = {
  readonly terms: CarrierTerms;
  readonly bucket: TokenBucket;
  health: CarrierHealth;
  registration: RegistrationState;
  /** It asked for a pause until then; null: it did not. */
  pausedUntil: MonotonicMs | null;
  callsLive: number;
  attempts: number;
  failures: number;
  limited: number;
};

/** A pool in which every carrier is taken to be up. */
export function createCarrierPool(
  carriers: readonly CarrierTerms[],
  clock: Clock,
  random: Random,
  log: Logger,
): CarrierPool {
  const members = new Map<string, Member>(
    carriers.map((terms) => [
      terms.name,
      {
        terms,
        bucket: createTokenBucket(terms.callsPerSecondMax, clock.monotonicMs()),
        health: NEW_HEALTH,
        registration: 'none',
        pausedUntil: null,
        callsLive: 0,
        attempts: 0,
        failures: 0,
        limited: 0,
      },
    ]),
  );

  return {
    route(campaign) {
      const serving = [...members.values()].filter(
        ({ terms }) => terms.campaigns.length === 0 || terms.campaigns.includes(campaign),
      );
      if (serving.length === 0) return { found: 'none-serves' };
      const route = openRoute(inOrder(serving, random));
      if (route !== null) return { found: 'route', route };
      const now = clock.monotonicMs();
      return { found: 'none-free', retryAfterMs: Math.min(...serving.map((member) => freeInMs(member, now))) };
    },
    probed(name, alive) {
      const member = members.get(name);
      if (member === undefined) return;
      const before = member.health.up;
      member.health = healthAfter(member.health, alive, member.terms.health);
      if (before !== member.health.up) log.warn({ carrier: name, up: member.health.up }, 'carrier health changed');
    },
    registration(name, state) {
      const member = members.get(name);
      if (member === undefined || member.registration === state) return;
      member.registration = state;
      log.info({ carrier: name, registration: state }, 'carrier registration changed');
    },
    status: () => [...members.values()].map((member) => statusOf(member, clock.monotonicMs())),
  };

  /** A route on which the first carrier is taken; null when none has room. */
  function openRoute(order: readonly Member[]): OpenRoute | null {
    const waiting = [...order];
    const taken = new Set<Member>();
    let first = nextFree();
    if (first === null) return null;
    return {
      next() {
        const ready = first ?? nextFree();
        first = null;
        if (ready !== null) ready.attempts++;
        return ready?.terms ?? null;
      },
      failed(carrier, retryAfterMs) {
        const member = members.get(carrier.name);
        if (member === undefined || !taken.delete(member)) return;
        member.callsLive--;
        member.failures++;
        if (retryAfterMs === null) return;
        const pauseMs = Math.min(retryAfterMs, PAUSE_MAX_MS);
        member.pausedUntil = addMs(clock.monotonicMs(), pauseMs);
        log.warn({ carrier: carrier.name, pauseMs }, 'carrier asked for a pause');
      },
      released(carrier) {
        const member = members.get(carrier.name);
        if (member !== undefined && taken.delete(member)) member.callsLive--;
      },
      close() {
        for (const member of taken) member.callsLive--;
        taken.clear();
        waiting.length = 0;
        first = null;
      },
    };

    function nextFree(): Member | null {
      const now = clock.monotonicMs();
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        if (member.pausedUntil !== null && elapsedMs(now, member.pausedUntil) > 0) continue;
        member.pausedUntil = null;
        const { callsMax } = member.terms;
        if ((callsMax !== null && member.callsLive >= callsMax) || !member.bucket.take(now)) {
          member.limited++;
          continue;
        }
        member.callsLive++;
        taken.add(member);
        return member;
      }
      return null;
    }
  }
}

/** A route of one destination that has no limits: an inbound call's target. */
export function fixedRoute(target: Carrier): OpenRoute {
  let left: Carrier | null = target;
  return {
    next() {
      const only = left;
      left = null;
      return only;
    },
    failed: () => undefined,
    released: () => undefined,
    close: () => undefined,
  };
}

/**
 * Who is up, then who is down, each by rising priority, and within one priority drawn by weight (RFC 2782, "Usage
 * rules"): a carrier that is down is still tried when no other is left, since a probe can be wrong.
 */
function inOrder(members: readonly Member[], random: Random): Member[] {
  const ranks = new Map<string, Member[]>();
  for (const member of members) {
    const rank = `${isUp(member) ? 0 : 1} ${String(member.terms.priority).padStart(6, '0')}`;
    ranks.set(rank, [...(ranks.get(rank) ?? []), member]);
  }
  return [...ranks.keys()].sort().flatMap((rank) => drawn(ranks.get(rank) ?? [], random));
}

/** All of one priority, in an order drawn by weight; those of weight 0 come after the others. */
function drawn(members: readonly Member[], random: Random): Member[] {
  const left = [...members].sort((a, b) => b.terms.weight - a.terms.weight);
  const order: Member[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { terms }) => total + terms.weight, 0);
    // RFC 2782 draws whole numbers from 0 to the sum inclusive, which gives the first of two equals two thirds.
    const mark = random() * sum;
    let running = 0;
    const index = left.findIndex(({ terms }) => {
      running += terms.weight;
      return running > mark;
    });
    order.push(...left.splice(index < 0 ? Math.floor(random() * left.length) : index, 1));
  }
  return order;
}

function isUp(member: Member): boolean {
  return member.health.up && (member.registration === 'none' || member.registration === 'registered');
}

function freeInMs(member: Member, now: MonotonicMs): number {
  const pauseMs = member.pausedUntil === null ? 0 : Math.max(0, elapsedMs(now, member.pausedUntil));
  const { callsMax } = member.terms;
  const callsMs = callsMax !== null && member.callsLive >= callsMax ? CALLS_FULL_RETRY_MS : 0;
  return Math.max(pauseMs, callsMs, member.bucket.waitMs(now));
}

function statusOf(member: Member, now: MonotonicMs): CarrierStatus {
  const pausedMs = member.pausedUntil === null ? 0 : Math.max(0, Math.round(elapsedMs(now, member.pausedUntil)));
  return {
    name: member.terms.name,
    up: isUp(member),
    reachable: member.health.up,
    registration: member.registration,
    pausedMs,
    callsLive: member.callsLive,
    attempts: member.attempts,
    failures: member.failures,
    limited: member.limited,
  };
}
