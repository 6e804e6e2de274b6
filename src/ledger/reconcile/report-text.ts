/** A reconciliation as a person reads it on a terminal. Pure. */
import { toIso, type WallMs } from '../../base/clock.ts';
import { textTable } from '../../base/text-table.ts';
import type { PeriodEffect } from './campaign-effects.ts';
import type { CdrFindings } from './cdr-reader.ts';
import { DIFFERENCE_KINDS, type DifferenceKind, isSameOutcome } from './difference.ts';
import { KIND_WORDS } from './difference-lines.ts';
import type { Reconciliation } from './reconciliation.ts';

/** What a report is of. */
export type ReportSubject = {
  readonly fileName: string;
  readonly sha256: string;
  readonly timeZone: string;
  readonly period: { readonly from: number; readonly to: number; readonly isGiven: boolean };
  readonly brusio: { readonly calls: number; readonly notSent: number; readonly elsewhere: number };
};

/** Rows of a table that are shown; the others are in the JSON. */
const ROWS_MAX = 60;
/** Clocks that far apart, ms, are no clocks but time zones. */
const ZONE_LIKE_MS = 15 * 60_000;
/** Of a campaign's numbers a file that was read rightly has more than this share. */
const KNOWN_NUMBERS_MIN = 0.05;

/**
 * @param examples lines of the first differences of each kind
 * @returns whole lines, the last one with its end
 */
export function reportText(
  subject: ReportSubject,
  findings: CdrFindings,
  result: Reconciliation,
  effects: readonly PeriodEffect[],
  examples: ReadonlyMap<DifferenceKind, readonly string[]>,
): string {
  const found = DIFFERENCE_KINDS.filter((kind) => result.kinds[kind] > 0);
  const lines = [
    ...head(subject, findings, result),
    ...warnings(findings, result).map((warning) => `  NOTE      ${warning}`),
    '',
    found.length === 0 ? 'No difference.' : 'Differences',
    ...found.map((kind) => `${count(result.kinds[kind]).padStart(9)}  ${kind.padEnd(20)} ${KIND_WORDS[kind]}`),
    ...codingTable(result),
    ...dayTable(result),
    ...effectTable(effects, result.unattributed),
    ...found.flatMap((kind) => exampleLines(kind, result.kinds[kind], examples.get(kind) ?? [])),
  ];
  return `${lines.join('\n')}\n`;
}

function head(subject: ReportSubject, findings: CdrFindings, result: Reconciliation): readonly string[] {
  const { period, brusio } = subject;
  const { clock, outside } = result;
  const file = [
    `${count(findings.calls)} calls`,
    findings.others > 0 ? `${count(findings.others)} rows left out by the mapping` : null,
    findings.malformed > 0 ? `${count(findings.malformed)} rows MALFORMED` : null,
  ];
  const ahead = `${(Math.abs(result.offsetMs) / 1_000).toFixed(1)} s ${result.offsetMs < 0 ? 'behind' : 'ahead'}`;
  const from = clock?.by === 'call-id' ? 'calls with the same Call-ID' : 'calls of numbers that were called once';
  return [
    `Reconciliation of ${subject.fileName} (SHA-256 ${subject.sha256}) with Brusio's outcomes`,
    `  file      ${file.filter((part) => part !== null).join(', ')}`,
    `  period    ${toIso(period.from as WallMs)} to ${toIso(period.to as WallMs)}${period.isGiven ? '' : `, the local days of the file (${subject.timeZone})`}`,
    `  Brusio    ${count(brusio.calls)} calls read; ${count(brusio.notSent)} never reached a carrier, ${count(brusio.elsewhere)} went to other carriers, ${count(outside.brusio)} beside the period or not to be expected in the file`,
    clock === null
      ? `  clocks    ${result.offsetMs === 0 ? 'taken for equal: too few calls tell' : `the carrier's taken to be ${ahead}`}`
      : `  clocks    the carrier's is ${ahead}: ${count(clock.within)} of ${count(clock.samples)} ${from}, half of them within ${(clock.spreadMs / 1_000).toFixed(1)} s`,
    ...(result.answerLagMs === null
      ? []
      : [
          `  answers   in the middle ${(result.answerLagMs / 1_000).toFixed(1)} s later for the carrier, the clocks being set`,
        ]),
    `  matched   ${count(result.matched)} calls (${count(result.byCallId)} by Call-ID), ${count(result.alike)} of them alike`,
    ...(outside.carrier > 0 ? [`  outside   ${count(outside.carrier)} calls of the file lie beside the period`] : []),
  ];
}

/** What is likelier the mapping's fault than the carrier's. */
export function warnings(findings: CdrFindings, result: Reconciliation): readonly string[] {
  const told: string[] = [];
  if (Math.abs(result.offsetMs) >= ZONE_LIKE_MS && result.clock !== null)
    told.push('clocks so far apart are rather a wrong times.zone than wrong clocks');
  if (result.matched < findings.calls * KNOWN_NUMBERS_MIN && result.matched < result.kinds['only-carrier'])
    told.push(
      'hardly a call has a counterpart: look at number.format, number.strip, times.zone and the period before anything else',
    );
  for (const { code, calls } of findings.unknownCodes)
    told.push(`the code "${code}" (${count(calls)} calls) says nothing to Brusio: give it in outcome.map`);
  if (findings.repeatedHour > 0)
    told.push(
      `${count(findings.repeatedHour)} calls have a local time that the clocks showed twice: both moments were looked at`,
    );
  for (const { line, fault } of findings.told) told.push(`line ${line}: ${fault}`);
  if (findings.malformed > findings.told.length)
    told.push(`and ${count(findings.malformed - findings.told.length)} malformed rows more`);
  if (result.parted > 0)
    told.push(
      `calls to one number that hang together by their times were too many, and were parted ${count(result.parted)} times`,
    );
  return told;
}

function codingTable({ coding }: Reconciliation): readonly string[] {
  if (coding.length === 0) return [];
  const rows = coding.map(({ carrier, brusio, calls }) => [
    carrier,
    brusio,
    count(calls),
    carrier === brusio ? '' : isSameOutcome(carrier, brusio) ? 'not to be told apart' : 'DIFFERS',
  ]);
  return ['', 'Codes of matched calls', ...table(['carrier', 'Brusio', 'calls', ''], rows)];
}

function dayTable({ days }: Reconciliation): readonly string[] {
  if (days.length === 0) return [];
  const columns = DIFFERENCE_KINDS.filter((kind) => days.some(({ kinds }) => kinds[kind] > 0));
  const rows = days.map(({ day, campaign, matched, alike, kinds }) => [
    ...[day, campaign ?? '(no campaign)', count(matched), count(alike)],
    ...columns.map((kind) => count(kinds[kind])),
  ]);
  return ['', 'Campaigns and days', ...table(['day', 'campaign', 'matched', 'alike', ...columns], rows)];
}

function effectTable(effects: readonly PeriodEffect[], unattributed: number): readonly string[] {
  const share = ({ silent, handled, percent, verdict }: PeriodEffect['counted']) =>
    `NA ${count(silent)} NB ${count(handled)} P ${percent ?? '–'} %${verdict === null ? '' : ` ${verdict}`}`;
  const rows = effects.map(({ campaign, period, from, to, counted, ifCarrierRight }) => [
    ...[campaign, period === 'day' ? from : `${from} to ${to}`],
    ...[share(counted), share(ifCarrierRight), counted.verdict === ifCarrierRight.verdict ? '' : 'VERDICT CHANGES'],
  ]);
  const lone =
    unattributed === 0
      ? []
      : [
          `  ${count(unattributed)} answered calls that only the carrier has would each be one more silent call of their campaign.`,
        ];
  if (rows.length === 0 && lone.length === 0) return [];
  const moved =
    rows.length === 0 ? [] : table(['campaign', 'period', 'counted', 'if the carrier were right', ''], rows);
  return ['', 'If the carrier were right', ...moved, ...lone];
}

function exampleLines(kind: DifferenceKind, calls: number, lines: readonly string[]): readonly string[] {
  const more = calls > lines.length ? [`  and ${count(calls - lines.length)} more`] : [];
  return ['', `${kind}: ${KIND_WORDS[kind]}`, ...lines.map((line) => `  ${line}`), ...more];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.slice(0, ROWS_MAX);
  const more = rows.length > shown.length ? [`  and ${count(rows.length - shown.length)} rows more`] : [];
  return [...textTable(heading, shown).map((line) => `  ${line}`), ...more];
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}
