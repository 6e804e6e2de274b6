/**
 * How a list of telephone numbers is laid out, found from its first lines: separator, column, heading, country code. What
 * cannot be told apart with confidence is refused with the reason, since a list that is read wrongly clears the wrong people.
 * Pure.
 */
import { ok, type Result, refused } from '../../base/result.ts';
import type { NumberPlan } from '../telephone-number.ts';
import { bareNumber } from './number-octets.ts';

/** Whether digits without a plus begin with a country code; `auto`: as the first lines show. */
export const NUMBER_FORMS = ['auto', 'national', 'international'] as const;
/** One of them. */
export type NumberForm = (typeof NUMBER_FORMS)[number];

/** What whoever imports the list says of it. */
export type LayoutHints = {
  readonly plan: NumberPlan;
  readonly form: NumberForm;
  /** Name of the column in the heading, or its place, from 1, as digits; null: found from the lines. */
  readonly column: string | null;
};

/** How each line is read. */
export type ListLayout = {
  /** Octet between columns; null: one column. */
  readonly separator: number | null;
  /** The numbers' column, from 0. */
  readonly column: number;
  /** Lines before the first number: an Excel `sep=` line, a heading. */
  readonly skippedLines: number;
  /** The column's heading, or null. */
  readonly heading: string | null;
  /** Digits without a plus begin with the country code. */
  readonly withCountryCode: boolean;
};

const SEPARATORS = [';', ',', '\t', '|'] as const;

/** A column holds the numbers when at least this share of the first lines has one there. */
const NUMBER_SHARE_MIN = 0.5;

/** Headings that name a column of telephone numbers, where several columns could be one. */
const NUMBER_HEADING =
  /^(numero|numerazione|numeri|telefono|tel|cellulare|phone|phone.?number|number|msisdn|e\.?164)$/i;

/** Headings of a column that says what the register answered for each number. */
const ANSWER_HEADING = /esito|stato|status|result|oppos|opt.?out|iscritt|contattabil|revoc/i;

/**
 * Digits from which a number without a plus must have its country code: country code and national number together have 11 or
 * more nearly everywhere, and national numbers that begin with the digits of their own country code have fewer (E.164 §6).
 */
const WITH_COUNTRY_CODE_DIGITS_MIN = 11;

/**
 * @param lines the list's first lines, whole, without a byte order mark
 */
export function listLayout(lines: readonly string[], hints: LayoutHints): Result<ListLayout, string> {
  const told = /^sep=(.)$/i.exec(lines[0] ?? '')?.[1] ?? null;
  const sample = lines.slice(told === null ? 0 : 1).filter((line) => line.trim() !== '');
  if (sample.length === 0) return refused('the list is empty');
  const separator = told ?? separatorOf(sample);
  const rows = sample.map((line) => fieldsOf(line, separator));
  const [first = [], ...others] = rows;
  const column = columnOf(first, others.length === 0 ? rows : others, hints);
  if (!column.ok) return column;

  const at = column.value;
  const heading = bareNumber(first[at] ?? '') === null ? (first[at] ?? '') : null;
  const body = heading === null ? rows : others;
  if (!body.some((row) => bareNumber(row[at] ?? '') !== null)) return refused(NO_NUMBERS);
  const answers = heading === null || hints.column !== null ? undefined : answerColumn(first, body, at);
  if (answers !== undefined) {
    return refused(
      `the column "${answers}" seems to say what the register answered for each number, and all lines would be taken as cleared: ` +
        'keep the cleared ones alone, or name the column of the numbers if it means something else',
    );
  }
  return ok({
    separator: separator === null ? null : separator.charCodeAt(0),
    column: at,
    skippedLines: (told === null ? 0 : 1) + (heading === null ? 0 : 1 + leadingBlankLines(lines, told)),
    heading,
    withCountryCode: withCountryCode(
      body.flatMap((row) => bareNumber(row[at] ?? '') ?? []),
      hints,
    ),
  });
}

const NO_NUMBERS = 'no column of telephone numbers is found in the first lines';

/** Blank lines before a heading are skipped with it. */
function leadingBlankLines(lines: readonly string[], told: string | null): number {
  return lines.slice(told === null ? 0 : 1).findIndex((line) => line.trim() !== '');
}

/** The separator that splits most lines alike into more than one column; null when none splits half of them. */
export function separatorOf(sample: readonly string[]): string | null {
  let best: { readonly separator: string; readonly lines: number; readonly columns: number } | null = null;
  for (const separator of SEPARATORS) {
    const byColumns = Map.groupBy(sample, (line) => fieldsOf(line, separator).length);
    for (const [columns, { length: lines }] of byColumns) {
      if (columns === 1 || lines < sample.length / 2) continue;
      if (best === null || lines > best.lines || (lines === best.lines && columns > best.columns)) {
        best = { separator, lines, columns };
      }
    }
  }
  return best?.separator ?? null;
}

function fieldsOf(line: string, separator: string | null): readonly string[] {
  if (separator === null) return [unquoted(line)];
  const fields: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    else if (at === line.length || (line[at] === separator && !quoted)) {
      fields.push(unquoted(line.slice(from, at)));
      from = at + 1;
    }
  }
  return fields;
}

function unquoted(field: string): string {
  const bare = field.trim();
  return bare.length >= 2 && bare.startsWith('"') && bare.endsWith('"')
    ? bare.slice(1, -1).replaceAll('""', '"').trim()
    : bare;
}

function columnOf(
  first: readonly string[],
  rows: readonly (readonly string[])[],
  { column }: LayoutHints,
): Result<number, string> {
  const count = Math.max(first.length, ...rows.map((row) => row.length));
  if (column !== null) {
    const named = first.findIndex((name) => name.toLowerCase() === column.toLowerCase());
    const at = named === -1 && /^[1-9]\d{0,3}$/.test(column) ? Number(column) - 1 : named;
    if (at >= 0 && at < count) return ok(at);
    return refused(
      `there is no column "${column}"; the first line is of ${count === 1 ? '1 column' : `${count} columns`}`,
    );
  }
  const withNumbers = Array.from({ length: count }, (_, at) => at).filter(
    (at) => rows.filter((row) => bareNumber(row[at] ?? '') !== null).length >= rows.length * NUMBER_SHARE_MIN,
  );
  const [only, ...more] = withNumbers;
  if (only === undefined) return refused(NO_NUMBERS);
  if (more.length === 0) return ok(only);
  const [headed, ...alsoHeaded] = withNumbers.filter((at) => NUMBER_HEADING.test(first[at] ?? ''));
  if (headed !== undefined && alsoHeaded.length === 0) return ok(headed);
  return refused(
    `columns ${withNumbers.map((at) => at + 1).join(', ')} all look like telephone numbers: name the one that is`,
  );
}

/** Heading of a column, other than the numbers', that says one thing of some lines and another of others. */
function answerColumn(
  headings: readonly string[],
  body: readonly (readonly string[])[],
  numbersAt: number,
): string | undefined {
  return headings.find(
    (heading, at) =>
      at !== numbersAt && ANSWER_HEADING.test(heading) && new Set(body.map((row) => row[at] ?? '')).size > 1,
  );
}

function withCountryCode(numbers: readonly string[], { plan, form }: LayoutHints): boolean {
  if (form !== 'auto') return form === 'international';
  const { countryCode, internationalPrefix } = plan;
  if (countryCode === null) return false;
  const plain = numbers.filter(
    (number) => !number.startsWith('+') && (internationalPrefix === '' || !number.startsWith(internationalPrefix)),
  );
  return (
    plain.length > 0 &&
    plain.every((number) => number.startsWith(countryCode) && number.length >= WITH_COUNTRY_CODE_DIGITS_MIN)
  );
}
