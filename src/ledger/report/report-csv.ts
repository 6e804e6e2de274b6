/** A report as one flat table: a row for every period and for every version of the rules, a column for every figure. Pure. */
import { LEGAL_RULES } from '../../policy/rules/ruling.ts';
import { type CsvCell, type CsvStyle, csv } from './csv.ts';
import type { PeriodReport, Report, WindowReport } from './report.ts';
import type { ReportLanguage } from './report-language.ts';
import { CSV_WORDS } from './words/csv-words.ts';

/** Semicolons where the comma is the decimal mark, as spreadsheets of that language expect. */
const STYLES: Readonly<Record<ReportLanguage, CsvStyle>> = {
  it: { separator: ';', decimal: ',' },
  en: { separator: ',', decimal: '.' },
};

/** Network outcomes that have a column, in its order. */
export const NETWORK_COLUMNS = [
  ...['answered', 'busy', 'no-answer', 'rejected', 'invalid-number', 'unreachable', 'congestion', 'network-failure'],
  ...['cancelled', 'blocked', 'unknown'],
] as const;

/** What a row is of. */
type Place = {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly hour?: string;
  readonly policy?: string;
};

/** The octets of `report.csv`. */
export function reportCsv(report: Report, language: ReportLanguage): Buffer {
  const { period, total, windows, days, hours, policies } = report;
  const words = CSV_WORDS[language];
  // Other laws have no such columns.
  const hasEstimates = [total, ...policies].some(({ estimate }) => estimate !== undefined);
  const hasRinging = [total, ...policies].some(({ ringing }) => ringing !== undefined);
  const row = (place: Place, figures: PeriodReport): readonly CsvCell[] => [
    ...placeCells(report, place),
    ...shareCells(figures, language),
    ...(hasEstimates ? estimateCells(figures) : []),
    ...figureCells(figures),
    ...announcementCells(figures, total),
    ...(hasRinging ? ringingCells(figures) : []),
  ];
  const header = [
    ...words.place,
    ...words.shares,
    ...(hasEstimates ? words.estimates : []),
    ...words.figures,
    ...NETWORK_COLUMNS.map((axis) => `${words.network}: ${axis}`),
    ...LEGAL_RULES.flatMap((rule) => [`${words.enforced}: ${rule}`, `${words.observed}: ${rule}`]),
    ...announcementHeading(total, language),
    ...(hasRinging ? words.ringing : []),
  ];
  const all = { from: period.from, to: period.to };
  return csv(
    [
      header,
      row({ scope: words.scopes.total, ...all }, total),
      ...windows.map((window) => windowRow(report, window, language, hasEstimates)),
      ...days.map((day) => row({ scope: words.scopes.day, from: day.day, to: day.day }, day)),
      ...hours.map((hour) => row({ scope: words.scopes.hour, from: hour.day, to: hour.day, hour: hour.hour }, hour)),
      ...policies.map((one) => row({ scope: words.scopes.policy, ...all, policy: one.policy }, one)),
    ],
    STYLES[language],
  );
}

function windowRow(
  report: Report,
  window: WindowReport,
  language: ReportLanguage,
  hasEstimates: boolean,
): readonly CsvCell[] {
  const { from, to, number, machines, calleeHangUps } = window;
  const scope = `${CSV_WORDS[language].scopes.window} ${number ?? ''}`.trim();
  const estimates = hasEstimates ? estimateCells(window) : [];
  const own = [...placeCells(report, { scope, from, to }), ...shareCells(window, language), ...estimates];
  // The rest is known of a window only where it was counted from its calls, and then stands in the days.
  return [...own, null, window.silent + window.handled, machines, null, calleeHangUps];
}

function placeCells({ campaign }: Report, { scope, from, to, hour = '', policy = '' }: Place): readonly CsvCell[] {
  return [campaign.name, scope, from, to, hour, policy];
}

function shareCells(
  { silent, handled, percent, limit, verdict, alternatives }: PeriodReport | WindowReport,
  language: ReportLanguage,
): readonly CsvCell[] {
  const alternative = (reading: string): readonly CsvCell[] => {
    const found = alternatives.find((one) => one.reading.startsWith(reading));
    return [found?.silent ?? null, found?.percent == null ? null : { decimal: found.percent }];
  };
  return [
    ...[silent, handled, percent === null ? null : { decimal: percent }],
    ...[limit === null ? null : { decimal: String((limit.silent * 100) / limit.of) }],
    verdict === null ? null : CSV_WORDS[language].verdicts[verdict],
    ...READINGS.flatMap(alternative),
  ];
}

/** What of P is estimated; empty in the rows of a law that has no estimate in it. */
function estimateCells({ estimate, ratio, alternatives }: PeriodReport | WindowReport): readonly CsvCell[] {
  if (estimate === undefined) return Array.from({ length: 10 }, () => null);
  const { machinesFound, machinesHeard, percent, evidence, added, deducted, missing } = estimate;
  const alone = alternatives.find(({ reading }) => reading === 'machine-estimate=none');
  return [
    ...[ratio.silent, ratio.answered, machinesFound, machinesHeard],
    ...[percent === null ? null : { decimal: String(percent) }, evidence, added],
    ...[deducted === null ? null : { decimal: deducted }, missing ? 1 : 0],
    alone?.percent == null ? null : { decimal: alone.percent },
  ];
}

function ringingCells({ ringing }: PeriodReport): readonly CsvCell[] {
  if (ringing === undefined) return [null, null, null, null];
  return [ringing.givenUp, { decimal: String(ringing.minMs / 1000) }, ringing.short, ringing.notRung];
}

/** Alternatives that have columns. */
const READINGS = [
  'machine=A',
  'machine=B',
  'machine=none',
  'callee-hang-up=A',
  'callee-hang-up=B',
  'callee-hang-up=none',
  'machine-false-positive=',
] as const;

function figureCells(figures: PeriodReport): readonly CsvCell[] {
  const { calls, answered, machines, calleeHangUps, corrected, live, refusals, comfortNoise, network, notGuarded } =
    figures;
  const { due, played, missing, firstPacketMs } = comfortNoise;
  const rules = new Map(refusals.byRule.map((one) => [one.rule, one]));
  return [
    ...[calls, answered, machines.A + machines.B + machines.uncounted, machines.A],
    ...[calleeHangUps.A + calleeHangUps.B + calleeHangUps.uncounted, calleeHangUps.A],
    ...[corrected, live.silent + live.handled, refusals.byLaw, refusals.otherwise, due, played, missing],
    ...[firstPacketMs?.p50 ?? null, firstPacketMs?.p99 ?? null, firstPacketMs?.max ?? null],
    Object.values(notGuarded).reduce((sum, one) => sum + one, 0),
    ...NETWORK_COLUMNS.map((axis) => network[axis] ?? 0),
    ...LEGAL_RULES.flatMap((rule) => [rules.get(rule)?.enforced ?? 0, rules.get(rule)?.observed ?? 0]),
  ];
}

/** Keys and messages have a column each where there were any in the period: the same in every row. */
function announcementHeading({ announcements }: PeriodReport, language: ReportLanguage): readonly string[] {
  const { messages, whole, partly, optOuts, key } = CSV_WORDS[language].announcements;
  return [
    ...[messages, whole, partly, optOuts],
    ...Object.keys(announcements.optOuts).map((digit) => `${optOuts}: ${key} ${digit}`),
    ...announcements.messages.flatMap(({ name, sha256 }) =>
      [messages, whole, partly, optOuts].map((what) => `${what}: ${name} ${sha256}`),
    ),
  ];
}

function announcementCells({ announcements }: PeriodReport, { announcements: all }: PeriodReport): readonly CsvCell[] {
  const { calls, whole, partly, optOuts, messages } = announcements;
  return [
    ...[calls, whole, partly, Object.values(optOuts).reduce((sum, one) => sum + one, 0)],
    ...Object.keys(all.optOuts).map((digit) => optOuts[digit] ?? 0),
    ...all.messages.flatMap(({ sha256, name, text }) => {
      const own = messages.find((one) => one.sha256 === sha256 && one.name === name && one.text === text);
      return [own?.calls ?? 0, own?.whole ?? 0, own?.partly ?? 0, own?.optOuts ?? 0];
    }),
  ];
}
