/**
 * Whether one INVITE may go to the carrier: a list of pure rules, the first refusal wins. The rules of the law join
 * here; today's are those without which a call cannot be guarded at all.
 */
import type { Decision, Refusal } from './decision.ts';

/** What the rules look at: facts of the INVITE and of the guard at that moment. */
export type AdmissionFacts = {
  readonly sourceListed: boolean;
  readonly draining: boolean;
  /** Null when outcomes can be written; else why not. */
  readonly storeProblem: string | null;
  /** Null while audio can be relayed; else why not. */
  readonly mediaProblem: string | null;
  readonly callsLive: number;
  readonly callsMax: number;
  /** Null within the dialer's limits; else which one is reached, and when the next call may come. */
  readonly dialerLimit: { readonly reached: 'rate' | 'calls'; readonly retryAfterMs: number } | null;
  /** False when nobody can tell of this dialer's agents at the moment, and such calls are not to be placed. */
  readonly agentsKnown: boolean;
  /** False for an inbound call to a number that goes nowhere. */
  readonly hasTarget: boolean;
  /** The dialer asks that its number be not shown, where the jurisdiction wants it shown; the citation, or null. */
  readonly anonymityCitation: string | null;
  /** The campaign the call belongs to. */
  readonly campaign: string;
  readonly campaignKnown: boolean;
  /** Null when the offer can be served; else what is wrong with it. */
  readonly offerProblem:
    | { readonly kind: 'no-common-codec'; readonly offered: readonly string[]; readonly served: readonly string[] }
    | { readonly kind: 'malformed'; readonly problem: string }
    /** It asks for what we do not have; `warning` is the code of RFC 3261 §20.43 that says so. */
    | { readonly kind: 'unsupported'; readonly warning: number; readonly problem: string }
    | null;
  /** Host put into the `Warning` header's warn-agent (RFC 3261 §20.43). */
  readonly warnAgent: string;
};

/** No carrier serves the campaign: a setting is wrong, and trying again changes nothing. */
export function noCarrierServes(campaign: string): Refusal {
  return refusal('campaign', 403, 'Forbidden', `no carrier serves campaign ${campaign}: see carriers[].campaigns`);
}

/** Every carrier that serves the call is full or has asked for a pause: our own inability, with when to try again. */
export function carriersFull(retryAfterMs: number): Refusal {
  return {
    ...refusal('carriers', 503, 'Service Unavailable', 'every carrier is at its limit: see /healthz'),
    retryAfterS: retryAfterS(retryAfterMs),
  };
}

/** Whole seconds, never too early and never 0, which would say at once. */
function retryAfterS(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1_000));
}

/** The rules of law cannot be asked: fail closed, as for a store that cannot be written. */
export function rulesUnavailable(problem: string): Refusal {
  return refusal('store', 503, 'Service Unavailable', `the rules cannot be asked: ${problem}`);
}

type Rule = (facts: AdmissionFacts) => Refusal | null;

/** Decides on one INVITE. */
export function admit(facts: AdmissionFacts): Decision {
  for (const rule of RULES) {
    const refusal = rule(facts);
    if (refusal !== null) return { allowed: false, refusal };
  }
  return { allowed: true };
}

const source: Rule = (facts) =>
  facts.sourceListed
    ? null
    : refusal(
        'source',
        403,
        'Forbidden',
        'this address is no listed dialer and no carrier: see dialers in the settings',
      );

const draining: Rule = (facts) =>
  facts.draining ? refusal('draining', 503, 'Service Unavailable', 'stopping: no new calls are taken') : null;

// Fail closed: a call whose outcome could not be kept must not be placed (DESIGN §8).
const store: Rule = (facts) =>
  facts.storeProblem === null
    ? null
    : refusal('store', 503, 'Service Unavailable', 'outcomes cannot be written: see /healthz and the log');

// Fail closed again: a call that is answered into silence is the very thing that must not be.
const media: Rule = ({ mediaProblem }) =>
  mediaProblem === null ? null : refusal('media', 503, 'Service Unavailable', mediaProblem);

const capacity: Rule = (facts) =>
  facts.callsLive < facts.callsMax
    ? null
    : refusal(
        'capacity',
        503,
        'Service Unavailable',
        `${facts.callsLive} calls are live of limits.callsMax ${facts.callsMax}`,
      );

// 503, as for our own limits: the call is good and may come again. A 4xx would be the number's fault in a dialer's eyes.
const dialerLimit: Rule = ({ dialerLimit: limit }) =>
  limit === null
    ? null
    : {
        ...refusal(
          limit.reached === 'rate' ? 'dialer-rate' : 'dialer-calls',
          503,
          'Service Unavailable',
          `this dialer is at its ${limit.reached === 'rate' ? 'callsPerSecondMax' : 'callsMax'}`,
        ),
        retryAfterS: retryAfterS(limit.retryAfterMs),
      };

// Not 5xx: a dialer would try the next trunk, around Brusio. 480 is a passing state of the called party's, and comes again.
const agentSource: Rule = (facts) =>
  facts.agentsKnown
    ? null
    : refusal(
        'agent-source',
        480,
        'Temporarily Unavailable',
        'no agent source of this dialer is up, so an agent could not be seen: see /healthz and agents.whenDown',
      );

const inbound: Rule = (facts) =>
  facts.hasTarget ? null : refusal('inbound', 404, 'Not Found', 'no entry of inbound takes calls to this number');

// RFC 5079: the status that exists for this.
const callerId: Rule = (facts) =>
  facts.anonymityCitation === null
    ? null
    : refusal(
        'caller-id',
        433,
        'Anonymity Disallowed',
        `the calling number must be presented: ${facts.anonymityCitation}`,
      );

const campaign: Rule = (facts) =>
  facts.campaignKnown
    ? null
    : refusal(
        'campaign',
        403,
        'Forbidden',
        `campaign ${facts.campaign} is unknown: list it or set campaigns.autoCreate`,
      );

const mediaOffer: Rule = (facts) => {
  const problem = facts.offerProblem;
  if (problem === null) return null;
  if (problem.kind === 'malformed') {
    return refusal('media-offer', 488, 'Not Acceptable Here', `the offer cannot be read: ${problem.problem}`);
  }
  if (problem.kind === 'unsupported') {
    return {
      ...refusal('media-offer', 488, 'Not Acceptable Here', problem.problem),
      warning: `${problem.warning} ${facts.warnAgent} "${problem.problem}"`,
    };
  }
  const text = `offered ${problem.offered.join(' ') || 'none'}, served ${problem.served.join(' ')}`;
  return {
    ...refusal('media-offer', 488, 'Not Acceptable Here', `no codec in common: ${text}`),
    // 305: incompatible media format.
    warning: `305 ${facts.warnAgent} "Incompatible media format: ${text.replace(/["\\\r\n]/g, '')}"`,
  };
};

/** In this order: who asks, whether we can serve anybody, whether we can serve this one. */
const RULES: readonly Rule[] = [
  source,
  draining,
  store,
  media,
  capacity,
  dialerLimit,
  campaign,
  inbound,
  callerId,
  agentSource,
  mediaOffer,
];

function refusal(rule: Refusal['rule'], sipStatus: number, phrase: string, explanation: string): Refusal {
  return { rule, sipStatus, phrase, explanation, reason: null, retryAfterS: null, warning: null };
}
