/**
 * What the calls of one period add up to, whether that is an hour or a window: counted call by call from the rows of outcomes
 * with their corrections, never from counts that somebody kept. Pure; what it holds does not grow with the number of calls.
 */

import type { NetworkAxis } from '../../policy/network-axis.ts';
import type { AnsweredByAxis, HandlingAxis } from '../../policy/outcome.ts';
import type { RingingVerdict } from '../../policy/ringing.ts';
import type { LegalRule } from '../../policy/rules/ruling.ts';
import type { CountedAs } from '../ledger-entry.ts';
import {
  type AnnouncementFigures,
  createAnnouncementCounts,
  type ReportedAnnouncement,
} from './announcement-counts.ts';
import { createDelayCounts, type DelayFigures } from './delay-counts.ts';

/** One call as it counts in a report. */
export type ReportedCall = {
  readonly callId: string;
  /** `guarded`, or why it is not. */
  readonly kind: string;
  readonly network: NetworkAxis;
  readonly answeredBy: AnsweredByAxis;
  readonly handling: HandlingAxis;
  /** As its last correction has it; null: not counted. */
  readonly counted: CountedAs | null;
  /** The rules it is judged by. */
  readonly policy: string;
  /** Corrections of its outcome. */
  readonly corrections: number;
  /** Whether nobody was on the line in the moment of its answer: then comfort noise, or a message, is owed at once. */
  readonly withoutAgentAtAnswer: boolean;
  /** Answer to first packet of comfort noise, ms; null: none was sent. */
  readonly firstNoiseAfterMs: number | null;
  /** The message that was begun; null: none was. */
  readonly announcement: ReportedAnnouncement | null;
  /** Of one that was given up, where its rules have a shortest ringing. */
  readonly ringing: RingingVerdict | null;
  /** What the rules of law said of its INVITE; null: they were not asked. */
  readonly ruling: {
    readonly allowed: boolean;
    readonly breaches: readonly { readonly rule: LegalRule; readonly mode: 'observe' | 'enforce' }[];
  } | null;
};

/** Of both classes, and of calls that no percentage counts. */
export type ByClass = { readonly A: number; readonly B: number; readonly uncounted: number };

/** Calls by a word. */
export type Tallies = Readonly<Record<string, number>>;

/** What the calls of one period add up to. */
export type CallFigures = {
  /** Predictive calls, answered or not; all that follows but `notGuarded` is of them. */
  readonly calls: number;
  readonly answered: number;
  /** NA, class A. */
  readonly silent: number;
  /** NB, class B. */
  readonly handled: number;
  /** Reported as machine or fax, by the class they were given. */
  readonly machines: ByClass;
  /** Of these, those in no class that an agent was connected to. */
  readonly machinesHeard: number;
  /** Ended by the callee before the end of the wait, by the class they were given. */
  readonly calleeHangUps: ByClass;
  /** Calls whose outcome was corrected. */
  readonly corrected: number;
  /** Counted already though they still went on when the report was made: in `silent` and `handled`. */
  readonly live: { readonly silent: number; readonly handled: number };
  readonly network: Tallies;
  readonly answeredBy: Tallies;
  readonly handling: Tallies;
  readonly refusals: {
    /** Not placed, since an enforced rule of law was breached. */
    readonly byLaw: number;
    /** Not placed for another reason: no room, no such campaign, codecs. */
    readonly otherwise: number;
    /** Breaches of each rule; a call may breach several. */
    readonly byRule: readonly { readonly rule: LegalRule; readonly enforced: number; readonly observed: number }[];
  };
  readonly comfortNoise: {
    /** Answered calls with nobody on the line in the moment of the answer. */
    readonly due: number;
    /** Of these: got comfort noise. */
    readonly played: number;
    /** Of these: got none. */
    readonly missing: number;
    /** Answer to first packet, of all that got it, ms. */
    readonly firstPacketMs: DelayFigures | null;
  };
  /** Messages that told callees who called. */
  readonly announcements: AnnouncementFigures;
  /** Calls that were given up, by how long they rang, where their rules have a shortest ringing. */
  readonly rang: Readonly<Record<RingingVerdict, number>>;
  /** Calls that are not guarded, by kind. */
  readonly notGuarded: Tallies;
};

/** Adds calls up. */
export type FigureCounter = {
  add(call: ReportedCall): void;
  /** A call that goes on and is counted already. */
  addLive(counted: CountedAs): void;
  figures(): CallFigures;
};

/** A counter at nought. */
export function createFigureCounter(): FigureCounter {
  let [calls, answered, silent, handled, machinesHeard] = [0, 0, 0, 0, 0];
  let [corrected, byLaw, otherwise, due, played] = [0, 0, 0, 0, 0];
  const live = { silent: 0, handled: 0 };
  const machines = { A: 0, B: 0, uncounted: 0 };
  const calleeHangUps = { A: 0, B: 0, uncounted: 0 };
  const network: Record<string, number> = {};
  const answeredBy: Record<string, number> = {};
  const handling: Record<string, number> = {};
  const notGuarded: Record<string, number> = {};
  const rules = new Map<LegalRule, { enforced: number; observed: number }>();
  const delays = createDelayCounts();
  const rang = { short: 0, long: 0, 'not-rung': 0 };
  const announcements = createAnnouncementCounts();

  function count(counted: CountedAs): void {
    if (counted.class === 'A') silent++;
    else if (counted.class === 'B') handled++;
    if (counted.as === 'machine' || counted.as === 'machine-heard') machines[counted.class ?? 'uncounted']++;
    if (counted.as === 'machine-heard') machinesHeard++;
    if (counted.as === 'callee-hung-up') calleeHangUps[counted.class ?? 'uncounted']++;
  }

  function addRuling(ruling: ReportedCall['ruling'], isBlocked: boolean): void {
    if (ruling?.allowed === false) byLaw++;
    else if (isBlocked) otherwise++;
    for (const { rule, mode } of ruling?.breaches ?? []) {
      const known = rules.get(rule) ?? { enforced: 0, observed: 0 };
      known[mode === 'enforce' ? 'enforced' : 'observed']++;
      rules.set(rule, known);
    }
  }

  function addAnswered(call: ReportedCall): void {
    answered++;
    addTo(answeredBy, call.answeredBy);
    addTo(handling, call.handling);
    if (call.counted !== null) count(call.counted);
    else if (call.answeredBy === 'machine' || call.answeredBy === 'fax') machines.uncounted++;
    if (call.firstNoiseAfterMs !== null) delays.add(call.firstNoiseAfterMs);
    if (call.announcement !== null) announcements.add(call.announcement);
    if (!call.withoutAgentAtAnswer) return;
    due++;
    if (call.firstNoiseAfterMs !== null) played++;
  }

  return {
    add(call) {
      if (call.kind !== 'guarded') {
        addTo(notGuarded, call.kind);
        return;
      }
      calls++;
      addTo(network, call.network);
      if (call.corrections > 0) corrected++;
      addRuling(call.ruling, call.network === 'blocked');
      if (call.ringing !== null) rang[call.ringing]++;
      if (call.network === 'answered') addAnswered(call);
    },
    addLive(counted) {
      calls++;
      answered++;
      count(counted);
      if (counted.class === 'A') live.silent++;
      else if (counted.class === 'B') live.handled++;
    },
    figures: () => ({
      ...{
        calls,
        answered,
        silent,
        handled,
        machines: { ...machines },
        machinesHeard,
        calleeHangUps: { ...calleeHangUps },
        corrected,
      },
      live: { ...live },
      network: sorted(network),
      answeredBy: sorted(answeredBy),
      handling: sorted(handling),
      refusals: {
        ...{ byLaw, otherwise },
        byRule: [...rules]
          .map(([rule, { enforced, observed }]) => ({ rule, enforced, observed }))
          .sort((one, other) => (one.rule < other.rule ? -1 : 1)),
      },
      comfortNoise: { due, played, missing: due - played, firstPacketMs: delays.figures() },
      announcements: announcements.figures(),
      rang: { ...rang },
      notGuarded: sorted(notGuarded),
    }),
  };
}

function addTo(tallies: Record<string, number>, word: string): void {
  tallies[word] = (tallies[word] ?? 0) + 1;
}

function sorted(tallies: Readonly<Record<string, number>>): Tallies {
  return Object.fromEntries(Object.entries(tallies).sort(([one], [other]) => (one < other ? -1 : 1)));
}
