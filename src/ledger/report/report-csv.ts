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
  const row = (place: Place, figures: PeriodReport): readonly CsvCell[] => [
    ...placeCells(report, place),
    ...shareCells(figures, language),
    ...figureCells(figures),
  ];
  const header = [
    ...words.place,
    ...words.shares,
    ...words.figures,
    ...NETWORK_COLUMNS.map((axis) => `${words.network}: ${axis}`),
    ...LEGAL_RULES.flatMap((rule) => [`${words.enforced}: ${rule}`, `${words.observed}: ${rule}`]),
  ];
  const all = { from: period.from, to: period.to };
  return csv(
    [
      header,
      row({ scope: words.scopes.total, ...all }, total),
      ...windows.map((window) => windowRow(report, window, language)),
      ...days.map((day) => row({ scope: words.scopes.day, from: day.day, to: day.day }, day)),
      ...hours.map((hour) => row({ scope: words.scopes.hour, from: hour.day, to: hour.day, hour: hour.hour }, hour)),
      ...policies.map((one) => row({ scope: words.scopes.policy, ...all, policy: one.policy }, one)),
    ],
    STYLES[language],
  );
}

function windowRow(report: Report, window: WindowReport, language: ReportLanguage): readonly CsvCell[] {
  const { from, to, number, machines, calleeHangUps } = window;
  const scope = `${CSV_WORDS[language].scopes.window} ${number ?? ''}`.trim();
  const own = [...placeCells(report, { scope, from, to }), ...shareCells(window, language)];
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
