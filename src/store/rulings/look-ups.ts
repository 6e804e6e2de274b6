/** What a group of rulings looks up in the database: once for all of its calls. */
import { assert } from '../../base/assert.ts';
import type { WallMs } from '../../base/clock.ts';
import { addDays } from '../../base/local-time.ts';
import { OPEN_CORRECTION_MS } from '../../policy/rules/standing-on.ts';
import type { Connection } from '../connection.ts';
import { selectOptOutsOf } from '../opt-outs/opt-out-queries.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { DaySpan } from './number-view.ts';
import type { OpenOutcomesAtMost } from './open-outcomes.ts';
import {
  countCalls,
  countCorrected,
  countOpenOutcomes,
  selectAll,
  selectFirstDays,
  selectLocks,
  selectTallies,
} from './ruling-queries.ts';

/** What is asked for. */
export type Wanted = {
  readonly at: WallMs;
  readonly day: string;
  readonly span: DaySpan;
  /** Of the longest window, counted back from `day`. */
  readonly windowDays: number;
  /** Those whose budget is asked for. */
  readonly campaigns: readonly string[];
  /** Calls that have room already: not counted among the others of their campaigns. */
  readonly own: readonly string[];
  readonly scopes: readonly string[];
  readonly digests: readonly string[];
  /** Whether any rule asks how often the numbers were called, and who opted out. */
  readonly calls: boolean;
  readonly optOuts: boolean;
};

/** What was found. */
export type LookedUp = Awaited<ReturnType<typeof lookUpAtOnce>>;

/** A call that ended in the last minutes was answered on one of these days, counted from today: none lasts two days. */
const DAYS_OF_OPEN_OUTCOMES = [-2, -1, 0, 1] as const;

/** Where all processes share a table of what is in flight (PostgreSQL). */
export async function lookUpAtOnce(connection: Connection, wanted: Wanted) {
  const { campaigns, digests, span } = wanted;
  const numbers = JSON.stringify(digests);
  const [all] = await connection.all(selectAll, {
    ...{ campaigns: JSON.stringify(campaigns), own: JSON.stringify(wanted.own), scopes: JSON.stringify(wanted.scopes) },
    ...{ digests: numbers, callsTo: wanted.calls ? numbers : '[]', optedOut: wanted.optOuts ? numbers : '[]' },
    ...{ from: firstDayOf(wanted), ...openLookOf(wanted), dayFrom: span.dayFrom, weekFrom: span.weekFrom },
  });
  assert(all !== undefined, 'a statement without a table gives one row');
  const { numbersInFlight, openOutcomes, corrected, ...found } = all;
  return {
    ...found,
    numbersInFlight: numbersInFlight.map(
      ({ call_id: callId, scope: lockScope, controller, digest, campaign, at_ms }) => ({
        ...{ callId, lockScope, controller, digest, campaign, at: at_ms as WallMs },
      }),
    ),
    open: [...openOutcomes, ...corrected],
    /** More may be at risk than are. */
    isAtMost: false,
  };
}

/**
 * Where this process alone knows what is in flight (SQLite).
 *
 * @param fixed told once what is committed is fixed, and before it is asked what is in flight
 */
export async function lookUpInView(
  connection: Connection,
  wanted: Wanted,
  held: Pick<CallsInFlight, 'counts' | 'toNumbers'>,
  atMost: OpenOutcomesAtMost,
  fixed: () => void,
): Promise<LookedUp> {
  const { campaigns, digests, span } = wanted;
  const [committed, numbers] = await Promise.all([
    campaigns.length === 0 ? NOTHING : readCampaigns(connection, wanted, atMost),
    readNumbers(),
  ]);
  fixed();
  return {
    ...{ ...committed, ...numbers },
    ...{ inFlight: held.counts(campaigns, wanted.own), numbersInFlight: held.toNumbers(digests) },
  };

  async function readNumbers(): Promise<Pick<LookedUp, 'locks' | 'calls' | 'optOuts'>> {
    const names = JSON.stringify(digests);
    // Those in flight are not counted a second time where their outcome is there.
    const heldToThem = () => JSON.stringify(held.toNumbers(digests).map(({ callId }) => callId));
    const { dayFrom, weekFrom } = span;
    const [locks, calls, optOuts] = await Promise.all([
      connection.all(selectLocks, { scopes: JSON.stringify(wanted.scopes), digests: names }),
      wanted.calls ? connection.all(countCalls, { digests: names, held: heldToThem(), dayFrom, weekFrom }) : [],
      wanted.optOuts ? connection.all(selectOptOutsOf, { digests: names }) : [],
    ]);
    return { locks, calls, optOuts };
  }
}

type OfCampaigns = Pick<LookedUp, 'firstDays' | 'tallies' | 'open' | 'isAtMost'>;
const NOTHING: OfCampaigns = { firstDays: [], tallies: [], open: [], isAtMost: false };

/** What need not be read of open outcomes is known of `atMost`. */
async function readCampaigns(connection: Connection, wanted: Wanted, atMost: OpenOutcomesAtMost): Promise<OfCampaigns> {
  const { campaigns: names, day } = wanted;
  const campaigns = JSON.stringify(names);
  const { days, endedAfter } = openLookOf(wanted);
  const look = { day, endedAfter };
  const known = names.flatMap((name) => atMost.of(name, look) ?? []);
  const unknown = names.filter((name) => atMost.of(name, look) === null);
  const [firstDays, tallies, openOutcomes, corrected] = await Promise.all([
    connection.all(selectFirstDays, { campaigns }),
    connection.all(selectTallies, { campaigns, from: firstDayOf(wanted) }),
    unknown.length === 0
      ? []
      : connection.all(countOpenOutcomes, { campaigns: JSON.stringify(unknown), days, endedAfter }),
    connection.all(countCorrected, { campaigns, days, endedAfter }),
  ]);
  atMost.read(unknown, look, openOutcomes);
  const open = [...openOutcomes, ...known, ...corrected];
  return { firstDays, tallies, open, isAtMost: unknown.length < names.length };
}

function firstDayOf({ day, windowDays }: Wanted): string {
  return addDays(day, 1 - windowDays);
}

function openLookOf({ at, day }: Wanted) {
  return {
    days: JSON.stringify(DAYS_OF_OPEN_OUTCOMES.map((offset) => addDays(day, offset))),
    endedAfter: (at - OPEN_CORRECTION_MS) as WallMs,
  };
}
