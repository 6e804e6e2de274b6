/**
 * Reads what a report is made of, as it stood at one moment, and has it counted: page by page, so that a window of millions of
 * calls needs no more memory than one of a hundred. Only reads.
 */
import type { WallMs } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { addDays, wallOf } from '../../base/local-time.ts';
import type { LedgerBody } from '../../ledger/ledger-body.ts';
import type { CountMove, LedgerPosition } from '../../ledger/ledger-entry.ts';
import type { CampaignStart } from '../../ledger/projection.ts';
import {
  createReportBuilder,
  type PlacedCall,
  type Report,
  type ReportBuilder,
  type ReportTerms,
  type RootNote,
} from '../../ledger/report/report.ts';
import { periodOf, type WantedPeriod } from '../../ledger/report/report-period.ts';
import { jurisdictionOfStamp } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { countIn, type OutcomeCorrection, withCorrections } from '../../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';
import { windowOf } from '../../policy/ratio-window.ts';
import { ringingOf } from '../../policy/ringing.ts';
import { recordOf } from '../../policy/stored-record.ts';
import { campaignDayOf, selectDays } from '../campaign-queries.ts';
import type { Connection } from '../connection.ts';
import { selectHeads } from '../ledger-queries.ts';
import {
  selectAnswered,
  selectCorrectionsOf,
  selectEntriesOf,
  selectLiveCounts,
  selectRoots,
  selectStart,
  selectTimestamps,
  selectUnanswered,
} from './report-queries.ts';

/** Calls that are read at once: some 5 MB with their entries. */
const PAGE_CALLS = 1_000;

/** What a report is asked for by. Plain data: it goes to a thread. */
export type ReportOrder = Pick<ReportTerms, 'id' | 'endsOn' | 'madeAt' | 'madeBy' | 'law' | 'machineFalsePositive'> & {
  readonly campaign: string;
  readonly wanted: WantedPeriod;
  /** The local day on which it is made, in the law's time zone. */
  readonly today: string;
};

/** Calls counted so far. */
export type OnCounted = (calls: number) => void;

/**
 * The report. Rejects with AppError `report.no-campaign`, `report.no-period`, and the database's errors.
 */
export async function collectReport(
  connection: Connection,
  order: ReportOrder,
  onCounted: OnCounted = () => {},
): Promise<Report> {
  await connection.execute(connection.kind === 'sqlite' ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const [start] = (await connection.all(selectStart, { campaign: order.campaign })) as unknown as CampaignStart[];
    if (start === undefined)
      throw new AppError('report.no-campaign', `no call of a campaign "${order.campaign}" was ever let through`);
    const period = periodOf(order.wanted, start, order.today, order.endsOn, order.law);
    if ('problem' in period) throw new AppError('report.no-period', period.problem);
    const builder = createReportBuilder({ ...order, start, period, lawOf: jurisdictionOfStamp });
    const from = wallOf(order.law.timeZone, period.from, 0);
    const to = wallOf(order.law.timeZone, addDays(period.to, 1), 0);
    let counted = 0;
    for (const select of [selectAnswered, selectUnanswered]) {
      let [afterAt, afterCall] = [from as number, ''];
      for (;;) {
        const bounds = { campaign: order.campaign, from, to, afterAt, afterCall, most: PAGE_CALLS };
        const rows = (await connection.all(select, bounds)) as unknown as readonly CallRow[];
        await addPage(connection, builder, rows);
        counted += rows.length;
        onCounted(counted);
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE_CALLS) break;
        [afterAt, afterCall] = [last.at_ms, last.call_id];
      }
    }
    await addLive(connection, builder, order.campaign, { from, to });
    return builder.finish({
      days: await keptDays(connection, start, period, order.law),
      heads: await headsOf(connection),
      roots: await rootsOf(connection, from, to),
    });
  } finally {
    await connection.execute('COMMIT');
  }
}

type CallRow = {
  readonly call_id: string;
  readonly at_ms: number;
  readonly chain: string | null;
  readonly seq: number | null;
  readonly record: string;
};

type EntryRow = {
  readonly chain: string;
  readonly seq: number;
  readonly kind: string;
  readonly call_id: string;
  readonly hash: string;
  readonly count: string | null;
  readonly decision: string | null;
};

async function addPage(connection: Connection, builder: ReportBuilder, rows: readonly CallRow[]): Promise<void> {
  const callIds = JSON.stringify(rows.map((row) => row.call_id));
  const [corrections, entries] = (await Promise.all([
    connection.all(selectCorrectionsOf, { callIds }),
    connection.all(selectEntriesOf, { callIds }),
  ])) as [{ call_id: string; correction: string }[], EntryRow[]];
  const correctionsOf = Map.groupBy(corrections, (row) => row.call_id);
  const entriesOf = Map.groupBy(entries, (row) => row.call_id);
  for (const row of rows) {
    const own = entriesOf.get(row.call_id) ?? [];
    const corrected = (correctionsOf.get(row.call_id) ?? []).map(
      ({ correction }) => JSON.parse(correction) as OutcomeCorrection,
    );
    const record = recordOf(row.record);
    builder.add(callOf(row, record, corrected, own));
    for (const { chain, seq, hash, count } of own)
      builder.entry({ chain, seq, hash, count: JSON.parse(count ?? 'null') as CountMove | null });
    const found = own.find(({ chain, seq }) => chain === row.chain && seq === row.seq)?.hash ?? null;
    builder.row(row.call_id, positionIn(row, record), found);
  }
}

/** As the row says it: the columns where, the record with which hash. */
function positionIn({ chain, seq }: CallRow, { ledger }: OutcomeRecord): LedgerPosition | null {
  return chain === null || seq === null ? null : { chain, seq, hash: ledger?.hash ?? '' };
}

function callOf(
  { call_id: callId, at_ms: at }: CallRow,
  record: OutcomeRecord,
  corrections: readonly OutcomeCorrection[],
  entries: readonly EntryRow[],
): PlacedCall {
  const outcome = withCorrections(record, corrections);
  const {
    kind = 'guarded',
    network,
    answeredBy,
    handling,
    policy,
    times,
    waitMs,
    comfortNoise,
    announcement,
  } = outcome;
  const decision = entries.find((entry) => entry.decision !== null)?.decision ?? null;
  const ruling = decision === null ? null : (JSON.parse(decision) as LedgerBody<'decision'>);
  const law = jurisdictionOfStamp(policy);
  return {
    ...{ callId, at: at as WallMs, kind, network, answeredBy, handling, policy },
    counted: kind === 'guarded' ? countIn(outcome, law) : null,
    corrections: corrections.length,
    withoutAgentAtAnswer: times.bridged === null || waitMs > 0,
    firstNoiseAfterMs: comfortNoise === null || comfortNoise.packets === 0 ? null : comfortNoise.startedAfterMs,
    announcement,
    ringing: ringingOf(outcome, law),
    ruling: ruling === null ? null : { allowed: ruling.allowed, breaches: ruling.breaches },
  };
}

/** A call that goes on has no outcome yet, and may be counted: its class stands in the ledger. */
async function addLive(
  connection: Connection,
  builder: ReportBuilder,
  campaign: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const rows = await connection.all(selectLiveCounts, {});
  for (const [, ofCall] of Map.groupBy(rows, (row) => row.call_id)) {
    const moves = ofCall.map((row) => ({ ...row, move: JSON.parse(row.count ?? 'null') as CountMove | null }));
    const last = moves.findLast(({ move }) => move !== null);
    if (last?.move?.to == null || last.move.campaign !== campaign) continue;
    const { facts } = JSON.parse(last.state) as { facts: { answeredAt: { wallMs: number } | null } };
    const at = facts.answeredAt?.wallMs ?? Number.NaN;
    if (!(at >= from && at < to)) continue;
    const { policy } = JSON.parse(last.dossier) as { policy: string };
    builder.addLive(at as WallMs, policy, last.move.to);
    for (const { chain, seq, hash, move } of moves) builder.entry({ chain, seq, hash, count: move });
  }
}

async function keptDays(
  connection: Connection,
  { campaign, firstDay }: CampaignStart,
  period: { readonly from: string; readonly to: string },
  { ratio }: Jurisdiction,
) {
  const span = ratio.window?.span.value ?? null;
  const windowAt = (day: string) => (span === null ? period : windowOf(firstDay, day, span));
  const first = windowAt(period.from < firstDay ? firstDay : period.from).from;
  const last = windowAt(period.to).to;
  const rows = await connection.all(selectDays, {
    campaigns: JSON.stringify([campaign]),
    from: first < period.from ? first : period.from,
    to: last > period.to ? last : period.to,
  });
  return rows.map(campaignDayOf);
}

async function headsOf(connection: Connection): Promise<readonly LedgerPosition[]> {
  const heads = await connection.all(selectHeads, {});
  return heads.map(({ chain, seq, hash }) => ({ chain, seq, hash: Buffer.from(hash).toString('hex') }));
}

/** From the first of the period's days to the first root after it, which fixes the last day's last entries. */
async function rootsOf(connection: Connection, from: number, to: number): Promise<readonly RootNote[]> {
  const rows = await connection.all(selectRoots, { from, to: Number.MAX_SAFE_INTEGER });
  const after = rows.findIndex((row) => row.at_ms >= to);
  const signed = (await connection.all(selectTimestamps, { from })).map(
    ({ body }) => JSON.parse(body) as LedgerBody<'timestamp'>,
  );
  return rows.slice(0, after === -1 ? undefined : after + 1).map(({ chain, seq, at_ms: at, body, hash }) => {
    const { day, root } = JSON.parse(body) as LedgerBody<'root'>;
    const timestamps = signed
      .filter((one) => one.root.chain === chain && one.root.seq === seq)
      .map(({ authority, time, serial }) => ({ authority, time, serial }));
    return { chain, seq, hash, at: new Date(at).toISOString(), day, root, timestamps };
  });
}
