/**
 * What becomes of an INVITE: whose it is, whether it may be placed (`policy/admission.ts` has the rules, this file their
 * facts), over which carriers, and what of audio goes with it.
 */
import { CODEC_NAMES, type CodecName } from '../audio/codec.ts';
import type { Clock } from '../base/clock.ts';
import { type Random, randomOctets } from '../base/random.ts';
import type { CallKind, TeardownMode } from '../call/call-facts.ts';
import { INBOUND, OUTBOUND } from '../call/media-network.ts';
import { type AdmissionFacts, admit, carriersFull, noCarrierServes } from '../policy/admission.ts';
import { callKindOf, type KindFacts, type KnownKind, longest } from '../policy/call-kind.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { type NumberPlan, toE164 } from '../policy/telephone-number.ts';
import { createAmbienceStarts } from './ambience-starts.ts';
import type { CallRegistry } from './call-registry.ts';
import type { BehindNat, CallAudio, ConnectRulesOf } from './call-runner.ts';
import { type CarrierPool, fixedRoute, type OpenRoute } from './carrier-pool.ts';
import type { Ambience, Announcement, CallAmbience, MediaPlane } from './media-port.ts';
import type { DialerOffer, IncomingInvite } from './signaling-port.ts';
import type { Store } from './store-port.ts';
import { createTokenBucket } from './token-bucket.ts';

/** The settings that calls are judged by. */
export type GuardRules = {
  readonly connectOf: ConnectRulesOf;
  readonly carriers: CarrierPool;
  readonly callsMax: number;
  readonly defaultCampaign: string;
  readonly isCampaignKnown: (campaign: string) => boolean;
  readonly dialers: readonly DialerTerms[];
  /** A peer that sends no RTP ends the call. */
  readonly silenceEnds: boolean;
  /** Names of the carriers that stand behind a NAT. */
  readonly natCarriers: ReadonlySet<string>;
  /** Where calls from a carrier go, by the called number's prefix. */
  readonly inbound: readonly InboundTarget[];
  readonly callerRanges: KindFacts['callerRanges'];
  readonly numberPlan: NumberPlan;
  /** What calls of a campaign hear while they wait. */
  readonly ambienceOf: (campaign: string) => Ambience;
  /** What they are told when nobody comes; null: nothing. */
  readonly announcementOf: (campaign: string) => Announcement | null;
  readonly warnAgent: string;
  /** How long a count of free agents holds that came over HTTP, ms. */
  readonly freeAgentsMaxAgeMs: number;
  /** Calls without an agent are not placed while nobody can tell of their dialer's agents. */
  readonly refuseUninformed: boolean;
};

/** What one dialer may do; null: no limit. */
export type DialerTerms = {
  readonly name: string;
  readonly callsPerSecondMax: number | null;
  readonly callsMax: number | null;
  /** Its RTP may come from another address than its SDP names. */
  readonly nat: boolean;
  readonly teardown: TeardownMode;
};

/** Where calls to some numbers go. */
export type InboundTarget = {
  /** Begins the called number, E.164 where it could be placed; '' is every number. */
  readonly prefix: string;
  readonly uri: string;
  /** Its RTP may come from another address than its SDP names. */
  readonly nat: boolean;
};

/** What the gate looks at. */
export type AdmissionGateParts = {
  readonly clock: Clock;
  readonly media: Pick<MediaPlane, 'problem'>;
  readonly store: Pick<Store, 'health'>;
  readonly jurisdictionOf: (campaign: string) => Jurisdiction;
  readonly rules: GuardRules;
  /** Chance, for where each call enters its clip. */
  readonly random: Random;
  readonly registry: Pick<CallRegistry, 'liveCount'>;
  /** Whether somebody could tell of this dialer's agents at the moment. */
  readonly isInformed: (dialer: string) => boolean;
};

/** What an INVITE is, and what becomes of it. */
export type Judgement = {
  readonly campaign: string;
  readonly kind: CallKind;
  readonly kindSource: KnownKind['source'];
  readonly teardown: TeardownMode;
  /** What its callee is told when nobody comes; null: nothing. */
  readonly announcement: Announcement | null;
  /** A route takes room at a carrier, and at a dialer with a limit, from now on. */
  readonly way: { readonly route: OpenRoute; readonly audio: CallAudio } | { readonly refusal: Refusal };
};

/** Judges INVITEs. */
export type AdmissionGate = {
  /** @param draining no more calls are taken */
  judge(invite: IncomingInvite, draining: boolean): Judgement;
};

/** Nobody knows when the first call of a dialer that has all of its own ends. */
const DIALER_FULL_RETRY_MS = 1_000;

const NO_CARRIERS: ReadonlySet<string> = new Set();

/** The gate of one guard. */
export function createAdmissionGate(parts: AdmissionGateParts): AdmissionGate {
  const { clock, media, store, jurisdictionOf, rules, registry } = parts;
  const dialers = new Map(
    rules.dialers.map((terms) => [
      terms.name,
      { ...terms, bucket: createTokenBucket(terms.callsPerSecondMax, clock.monotonicMs()) },
    ]),
  );
  const starts = createAmbienceStarts(parts.random, randomOctets(16));

  return {
    judge(invite, draining) {
      const campaign = invite.campaign ?? rules.defaultCampaign;
      const { kind, source } = kindOf(invite);
      const announcement = kind === 'guarded' ? rules.announcementOf(campaign) : null;
      const codecs = codecsOf(kind, campaign, announcement);
      const decision = admit(admissionFacts(invite, kind, campaign, codecs, draining));
      // The rules first: a call that they refuse takes no room at a carrier.
      const found = decision.allowed ? routeOf(invite, campaign) : decision;
      const way =
        'refusal' in found
          ? { refusal: found.refusal }
          : {
              route: found.route,
              audio: {
                codecs,
                ambience: ambienceFor(invite.number, campaign, announcement),
                networks: invite.caller?.type === 'carrier' ? INBOUND : OUTBOUND,
                nat: natOf(invite),
              },
            };
      const teardown = dialerOf(invite)?.teardown ?? 'enforce';
      return { campaign, kind, kindSource: source, teardown, announcement, way };
    },
  };

  function routeOf(invite: IncomingInvite, campaign: string): { route: OpenRoute } | { refusal: Refusal } {
    // Never to a carrier: whoever can call through one carrier would call through us to anywhere.
    if (invite.caller?.type === 'carrier') {
      const uri = targetOf(invite)?.uri ?? '';
      return { route: fixedRoute({ name: invite.caller.name, uri }) };
    }
    const found = rules.carriers.route(campaign);
    switch (found.found) {
      case 'route':
        return { route: found.route };
      case 'none-serves':
        return { refusal: noCarrierServes(campaign) };
      case 'none-free':
        return { refusal: carriersFull(found.retryAfterMs) };
    }
  }

  function kindOf(invite: IncomingInvite): KnownKind {
    if (invite.caller === null) return { kind: 'guarded', source: 'default' };
    const callerId = toE164(invite.callerId, rules.numberPlan);
    const { caller, declaredKind: declared } = invite;
    return callKindOf({ caller, declared, callerId, callerRanges: rules.callerRanges });
  }

  function natOf(invite: IncomingInvite): BehindNat {
    const { caller } = invite;
    if (caller?.type === 'carrier') {
      // The route to its target is under the carrier's own name.
      const carriers = targetOf(invite)?.nat === true ? new Set([caller.name]) : NO_CARRIERS;
      return { dialer: rules.natCarriers.has(caller.name), carriers };
    }
    return { dialer: dialerOf(invite)?.nat ?? false, carriers: rules.natCarriers };
  }

  function dialerOf({ caller }: IncomingInvite) {
    return caller?.type === 'dialer' ? dialers.get(caller.name) : undefined;
  }

  function targetOf(invite: IncomingInvite): InboundTarget | null {
    return longest(rules.inbound.filter(({ prefix }) => invite.number.startsWith(prefix)));
  }

  /** A call that is not guarded may use what no clip has: nothing of ours is played to it. */
  function codecsOf(kind: CallKind, campaign: string, announcement: Announcement | null): readonly CodecName[] {
    if (kind !== 'guarded') return CODEC_NAMES;
    const { codecs } = rules.ambienceOf(campaign);
    return announcement === null ? codecs : codecs.filter((name) => announcement.codecs.includes(name));
  }

  function ambienceFor(number: string, campaign: string, announcement: Announcement | null): CallAmbience {
    const { id, clip, durationMs } = rules.ambienceOf(campaign);
    return {
      ...{ id, startMs: starts.next(number, clip, durationMs) },
      ...(announcement === null ? {} : { announcement: announcement.id }),
      listensForGreeting: rules.connectOf(jurisdictionOf(campaign), campaign).waitFrom !== 'answer',
    };
  }

  function isInformed({ caller }: IncomingInvite): boolean {
    return caller?.type !== 'dialer' || parts.isInformed(caller.name);
  }

  /** Takes the dialer's token, if there is one. */
  function dialerLimitOf(invite: IncomingInvite): AdmissionFacts['dialerLimit'] {
    const dialer = dialerOf(invite);
    if (dialer === undefined) return null;
    if (dialer.callsMax !== null && registry.liveCount(dialer.name) >= dialer.callsMax)
      return { reached: 'calls', retryAfterMs: DIALER_FULL_RETRY_MS };
    const now = clock.monotonicMs();
    return dialer.bucket.take(now) ? null : { reached: 'rate', retryAfterMs: dialer.bucket.waitMs(now) };
  }

  function admissionFacts(
    invite: IncomingInvite,
    kind: CallKind,
    campaign: string,
    codecs: readonly CodecName[],
    draining: boolean,
  ): AdmissionFacts {
    const isInbound = invite.caller?.type === 'carrier';
    const presentation = jurisdictionOf(campaign).callerIdPresentation;
    const state = store.health();
    return {
      sourceListed: invite.caller !== null,
      draining,
      storeProblem: state.writable ? null : (state.problem ?? 'the store cannot be written'),
      mediaProblem: media.problem(),
      callsLive: registry.liveCount(),
      callsMax: rules.callsMax,
      dialerLimit: dialerLimitOf(invite),
      agentsKnown:
        kind !== 'guarded' || invite.agentPromise !== 'none' || !rules.refuseUninformed || isInformed(invite),
      hasTarget: !isInbound || targetOf(invite) !== null,
      anonymityCitation: !isInbound && presentation.required && invite.isAnonymous ? presentation.citation : null,
      campaign,
      campaignKnown: isInbound || rules.isCampaignKnown(campaign),
      offerProblem: offerProblemOf(invite.offer, codecs),
      warnAgent: rules.warnAgent,
    };
  }
}

/** What of an offer keeps its call from being placed, where `served` may be used; null when nothing does. */
function offerProblemOf(offer: DialerOffer, served: readonly CodecName[]): AdmissionFacts['offerProblem'] {
  switch (offer.kind) {
    case 'none':
      return null;
    case 'sdp': {
      const offered = offer.media.codecs.map(({ name }) => name);
      return offered.some((name) => served.includes(name)) ? null : { kind: 'no-common-codec', offered, served };
    }
    case 'no-common-codec':
      return { ...offer, served };
    default:
      return offer;
  }
}
