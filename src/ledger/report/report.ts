/**
 * A campaign's statistical report (decision 83/2014 point 5), built call by call: the whole period, each window that lies in it or
 * that it lies in, each day, each hour, and each version of the rules that calls were judged by. Pure.
 */
import { toIso, type WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf, wallOf } from '../../base/local-time.ts';
import { CORRECTION_PERIOD_MS } from '../../policy/correction-period.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import type { MachineEstimate, MachineFalsePositive } from '../../policy/machine-estimate.ts';
import type { RatioLimit } from '../../policy/tally.ts';
import type { CountedAs, LedgerPosition } from '../ledger-entry.ts';
import type { CampaignDay, CampaignStart } from '../projection.ts';
import { type CitedFigure, citedFigures } from './cited-law.ts';
import { keptFigures } from './kept-figures.ts';
import { type AlternativeShares, alternativesOf, measuredShares, type Shares } from './readings.ts';
import { type Agreement, createEvidence, type EvidenceEntry, type LedgerRange } from './report-evidence.ts';
import { type CallFigures, createFigureCounter, type FigureCounter, type ReportedCall } from './report-figures.ts';
import { campaignWindows, cutAt, type ReportPeriod } from './report-period.ts';
import { type RingingReport, ringingReport } from './ringing-report.ts';

/** What a report is of, and by what it is counted. Plain data but for `lawOf`. */
export type ReportTerms = {
  readonly id: string;
  readonly start: CampaignStart;
  /** Last local day of the campaign, or null. */
  readonly endsOn: string | null;
  readonly period: ReportPeriod;
  readonly madeAt: WallMs;
  readonly madeBy: { readonly version: string; readonly process: string };
  /** The rules of the campaign as they are now: its limits, windows and time zone. */
  readonly law: Jurisdiction;
  /** Those that a stamp names. */
  readonly lawOf: (stamp: string) => Jurisdiction;
  readonly machineFalsePositive: MachineFalsePositive | null;
};

/** The limit of a period, with its source. */
export type CitedLimit = RatioLimit & { readonly citation: string };

/** Everything that is counted of one period. */
export type PeriodReport = Shares &
  Omit<CallFigures, 'silent' | 'handled' | 'machinesHeard' | 'rang'> & {
    readonly limit: CitedLimit | null;
    /** What of `ratio` is estimated; absent: the rules have no estimate in it. */
    readonly estimate?: MachineEstimate;
    /** Unanswered calls that were given up; absent: the rules have no shortest ringing. */
    readonly ringing?: RingingReport;
    readonly alternatives: readonly AlternativeShares[];
  };

/** One window. */
export type WindowReport = Shares & {
  readonly number: number | null;
  readonly from: string;
  readonly to: string;
  /** Whether its last day is over. */
  readonly complete: boolean;
  readonly limit: CitedLimit | null;
  /**
   * `rows`: it lies within the report's period, and was counted from the calls. `kept-counts`: it reaches beyond; its counts are those that
   * the ledger's entries have added up to.
   */
  readonly countedFrom: 'rows' | 'kept-counts';
  /** Of both classes. */
  readonly machines: number;
  /** Of both classes. */
  readonly calleeHangUps: number;
  /** What of `ratio` is estimated; absent: the rules have no estimate in it. */
  readonly estimate?: MachineEstimate;
  readonly alternatives: readonly AlternativeShares[];
};

/** A root over the ledger's chains that fixes what a report rests on, and what was signed of it. */
export type RootNote = LedgerPosition & {
  readonly at: string;
  readonly day: string;
  readonly root: string;
  readonly timestamps: readonly { readonly authority: string; readonly time: string; readonly serial: string }[];
};

/** What the database says beside the calls themselves. */
export type ReportSurroundings = {
  /** Kept counts of the campaign's days, from the first day of the first window that the period touches on. */
  readonly days: readonly CampaignDay[];
  /** The last entry of every chain when the report was made. */
  readonly heads: readonly LedgerPosition[];
  readonly roots: readonly RootNote[];
};

/** A report as `report.json` has it. */
export type Report = {
  readonly format: 'brusio-report@1';
  readonly id: string;
  readonly campaign: {
    readonly name: string;
    readonly controller: string;
    readonly firstDay: string;
    readonly firstAt: string;
    readonly endsOn: string | null;
  };
  readonly period: ReportPeriod & {
    readonly timeZone: string;
    /** Beginning of the first day, and end of the last, UTC. */
    readonly beginsAt: string;
    readonly endsAt: string;
    /** Whether it was over, and corrections could come no more, when the report was made. */
    readonly complete: boolean;
  };
  readonly madeAt: string;
  readonly madeBy: ReportTerms['madeBy'];
  readonly total: PeriodReport;
  readonly windows: readonly WindowReport[];
  readonly days: readonly (PeriodReport & { readonly day: string })[];
  /** Local hours in which there were calls; the day of a change of the clock may show one twice, with two offsets. */
  readonly hours: readonly (PeriodReport & {
    readonly day: string;
    readonly hour: string;
    readonly beginsAt: string;
  })[];
  /** By the rules that calls were judged by; the first is the campaign's present one. */
  readonly policies: readonly (PeriodReport & {
    readonly policy: string;
    readonly citations: readonly CitedFigure[];
  })[];
  readonly machineFalsePositive: MachineFalsePositive | null;
  readonly ledger: {
    readonly ranges: readonly LedgerRange[];
    readonly heads: readonly LedgerPosition[];
    readonly roots: readonly RootNote[];
    readonly agreement: Agreement;
  };
};

/** A call with the moment that it belongs to: its 2xx, or its INVITE when nobody answered. */
export type PlacedCall = ReportedCall & { readonly at: WallMs };

/** Builds one report. */
export type ReportBuilder = {
  add(call: PlacedCall): void;
  /** A call that goes on and is counted already. */
  addLive(at: WallMs, policy: string, counted: CountedAs): void;
  entry(entry: EvidenceEntry): void;
  row(callId: string, position: LedgerPosition | null, found: string | null): void;
  finish(surroundings: ReportSurroundings): Report;
};

/** No report can be of more than what fits here: those that have no call are left out. */
export function createReportBuilder(terms: ReportTerms): ReportBuilder {
  const { law, period, start, endsOn } = terms;
  const total = createFigureCounter();
  const days = new Map<string, FigureCounter>();
  const hours = new Map<number, FigureCounter>();
  const policies = new Map<string, FigureCounter>([[law.policy, createFigureCounter()]]);
  const windows = new Map<number, FigureCounter>();
  const evidence = createEvidence(start.campaign);
  const shown = campaignWindows(start, period.to, law)
    .map((window) => cutAt(window, endsOn))
    .filter(({ to }) => to >= period.from);

  function countersOf(at: WallMs, policy: string): readonly FigureCounter[] {
    const { day, minute } = localTimeOf(law.timeZone, at);
    const hour = at - (minute % 60) * 60_000 - (at % 60_000);
    const window = shown.find(({ from, to }) => from <= day && day <= to)?.number ?? 0;
    return [
      total,
      counterAt(days, day),
      counterAt(hours, hour),
      counterAt(policies, policy),
      counterAt(windows, window),
    ];
  }

  function periodReport(figures: CallFigures, cited: CitedLimit | null, by: Jurisdiction = law): PeriodReport {
    const { silent: _silent, handled: _handled, machinesHeard: _heard, rang, ...rest } = figures;
    return {
      ...measuredShares(figures, cited, by, terms.machineFalsePositive),
      ...rest,
      ...(by.minRingMs === null ? {} : { ringing: ringingReport(rang, by.minRingMs) }),
      limit: cited,
      alternatives: alternativesOf(figures, cited, by, terms.machineFalsePositive),
    };
  }

  function windowReport(window: ReportPeriod, kept: readonly CampaignDay[], today: string): WindowReport {
    const { number, from, to } = window;
    const isWithin = period.from <= from && to <= period.to;
    const figures = isWithin
      ? (windows.get(number ?? 0) ?? createFigureCounter()).figures()
      : keptFigures(
          kept.filter(({ day }) => from <= day && day <= to),
          law,
        );
    const limit = limitOf(law, 'window');
    return {
      ...{ number, from, to, complete: to < today, limit, countedFrom: isWithin ? 'rows' : 'kept-counts' },
      ...measuredShares(figures, limit, law, terms.machineFalsePositive),
      machines: sumOfClasses(figures.machines),
      calleeHangUps: sumOfClasses(figures.calleeHangUps),
      alternatives: alternativesOf(figures, limit, law, terms.machineFalsePositive),
    };
  }

  return {
    add(call) {
      for (const counter of countersOf(call.at, call.policy)) counter.add(call);
    },
    addLive(at, policy, counted) {
      for (const counter of countersOf(at, policy)) counter.addLive(counted);
    },
    entry: evidence.entry,
    row: evidence.row,
    finish(surroundings) {
      const { timeZone } = law;
      const today = localTimeOf(timeZone, terms.madeAt).day;
      const endsAt = wallOf(timeZone, addDays(period.to, 1), 0);
      const limit = totalLimit(period, law);
      const dayFigures = [...days].sort(([one], [other]) => (one < other ? -1 : 1));
      return {
        format: 'brusio-report@1',
        id: terms.id,
        campaign: {
          ...{ name: start.campaign, controller: start.controller, firstDay: start.firstDay },
          ...{ firstAt: toIso(start.firstAt), endsOn },
        },
        period: {
          ...period,
          timeZone,
          beginsAt: toIso(wallOf(timeZone, period.from, 0)),
          endsAt: toIso(endsAt),
          complete: terms.madeAt >= endsAt + CORRECTION_PERIOD_MS,
        },
        madeAt: toIso(terms.madeAt),
        madeBy: terms.madeBy,
        total: periodReport(total.figures(), limit),
        windows: shown.map((window) => windowReport(window, surroundings.days, today)),
        days: dayFigures.map(([day, counter]) => ({ day, ...periodReport(counter.figures(), limitOf(law, 'day')) })),
        hours: [...hours]
          .sort(([one], [other]) => one - other)
          .map(([hour, counter]) => ({
            ...hourNames(timeZone, hour as WallMs),
            ...periodReport(counter.figures(), null),
          })),
        policies: [...policies].map(([policy, counter]) => {
          const by = policy === law.policy ? law : terms.lawOf(policy);
          return { policy, ...periodReport(counter.figures(), null, by), citations: citedFigures(by) };
        }),
        machineFalsePositive: terms.machineFalsePositive,
        ledger: {
          ranges: evidence.ranges(),
          heads: surroundings.heads,
          roots: surroundings.roots,
          agreement: evidence.agreement(
            dayFigures.map(([day, counter]) => ({ day, ...dayCounts(counter.figures()) })),
            surroundings.days.filter(({ day }) => period.from <= day && day <= period.to),
          ),
        },
      };
    },
  };
}

function counterAt<K>(counters: Map<K, FigureCounter>, key: K): FigureCounter {
  const known = counters.get(key);
  if (known !== undefined) return known;
  const counter = createFigureCounter();
  counters.set(key, counter);
  return counter;
}

/** Of a whole window the window's, of one day the day's: the law has no limit over anything else. */
function totalLimit({ kind }: ReportPeriod, law: Jurisdiction): CitedLimit | null {
  return kind === 'range' ? null : limitOf(law, kind);
}

function limitOf({ ratio }: Jurisdiction, period: 'day' | 'window'): CitedLimit | null {
  const limit = ratio[period];
  return limit === null ? null : { silent: limit.value.silent, of: limit.value.of, citation: limit.citation };
}

function sumOfClasses({ A, B, uncounted }: CallFigures['machines']): number {
  return A + B + uncounted;
}

function dayCounts({ silent, handled, machines, calleeHangUps }: CallFigures) {
  return { silent, handled, machines: sumOfClasses(machines), hungUp: sumOfClasses(calleeHangUps) };
}

function hourNames(timeZone: string, hour: WallMs) {
  const { day, minute } = localTimeOf(timeZone, hour);
  const offsetMinutes = Math.round((Date.parse(`${day}T00:00:00Z`) + minute * 60_000 - hour) / 60_000);
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.abs(offsetMinutes) / 60)}:${twoDigits(Math.abs(offsetMinutes) % 60)}`;
  return { day, hour: `${twoDigits(minute / 60)}:00${offset}`, beginsAt: toIso(hour) };
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
