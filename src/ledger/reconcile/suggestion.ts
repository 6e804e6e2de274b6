/** A mapping for a CDR file, proposed from its heading and first rows: a beginning for whoever knows the carrier. Pure. */
import { separatorOf } from '../../policy/screening/list-layout.ts';
import { createCsvReader } from './csv-rows.ts';
import { type OutcomeCodes, outcomeReader } from './outcome-code.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { readDuration } from './rounding.ts';
import { timeReader } from './time-format.ts';

/** A proposed mapping as a person would write it, and what is to be looked at. */
export type Suggestion = { readonly yaml: string; readonly remarks: readonly string[] };

/** Rows that are looked at. */
const ROWS_MAX = 200;
/** A column holds what nine in ten of its fields look like. */
const SHARE = 0.9;

const NAMES = {
  number:
    /^(dst|called|callee|destination|dest|b[ _-]?number|to|dnis|called.?(number|party|station)|callee.?(number|id)|destination.?number|dst_?(user|username)|numero.?(chiamato|destinatario)|chiamato|destinatario|numero|ruri_user|call to|number.?dialled|addi|bddi)$/i,
  start:
    /^(start|start.?(time|stamp|date|datetime)|calldate|call.?(date|start|start.?time)|setup.?time|date|data|datetime|time.?start.*|date.?time.?start.*|inizio|data.?ora|data.?inizio|data.?chiamata|giorno|invite.?time|begin|starttime)$/i,
  answer:
    /^(answer|answer.?(time|stamp|date)|connect|connect.?time|connected|date.?time.?connect.*|risposta|data.?risposta|time.?answered|call_start_time)$/i,
  end: /^(end|end.?(time|stamp|date)|stop|stop.?time|disconnect.?time|release.?time|hangup.?time|date.?time.?end.*|fine|data.?fine)$/i,
  duration:
    /^(billsec|bill.?(sec|seconds|duration)|billable.?(seconds|duration)|billed.?(duration|seconds)|billing.?duration.*|duration|call.?duration.*|duration.?(secs?|seconds|ms).*|durata|durata.?(sec|secondi|s|chiamata|conversazione)|secondi|seconds|conversation.?time|talk.?time)$/i,
  outcome:
    /^(disposition|hangup.?cause.*|cause|release.?cause|q\.?850.*|cause.?code|disconnect.?(code|cause|reason)|status|call.?status|answer.?status|state|result|outcome|sip.?(code|status|response)|response.?code|sip_code|esito|stato|causa)$/i,
  callId: /^(call.?id|sip.?call.?id|callid|sid|sip_call_id|call_uuid)$/i,
} as const;
type Role = keyof typeof NAMES;

/** Names of a column that has a time of day, where the date stands in one of its own. */
const CLOCK_NAME = /^(ora|orario|time|hour|(ora|orario|time).+|.+(time|ora))$/i;
const DAY = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2} [A-Za-z]{3} \d{4})$/;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?$/;

const FORMATS = [
  ...[
    'iso',
    'epoch-ms',
    'epoch-s',
    'dd/MM/yyyy HH:mm:ss',
    'dd/MM/yyyy HH:mm',
    'dd-MM-yyyy HH:mm:ss',
    'dd-MM-yyyy HH:mm',
    'dd.MM.yyyy HH:mm:ss',
    'dd.MM.yyyy HH:mm',
  ],
  ...['MM/dd/yyyy HH:mm:ss', 'MM/dd/yyyy hh:mm:ss a', 'yyyy/MM/dd HH:mm:ss', 'dd MMM yyyy HH:mm:ss'],
];

/** @param text the file's beginning */
export function suggestMapping(text: string): Suggestion {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, ROWS_MAX);
  const delimiter = separatorOf(lines) ?? ',';
  const rows: (readonly string[])[] = [];
  const reader = createCsvReader(delimiter, { row: (fields) => void rows.push(fields), malformed: () => {} });
  reader.push(lines.join('\n'));
  reader.end();
  const [first = [], ...others] = rows;
  const preset = presetOf(rows);
  if (preset !== null) return ofPreset(preset, rows);
  const hasHeading =
    others.length > 0 && !first.some((field) => formatOf([field]) !== null || /^\+?\d{8,15}$/.test(field));
  const heading = hasHeading ? first : null;
  const width = Math.max(0, ...rows.map((row) => row.length));
  const columns = columnsOf(hasHeading ? others : rows, width, heading);
  return written(rolesOf(heading, columns), { delimiter, heading, columns });
}

/** The columns by their places. One of dates whose times of day stand in another has both, and the other none. */
function columnsOf(rows: readonly (readonly string[])[], width: number, heading: readonly string[] | null): Column[] {
  const columns = Array.from({ length: width }, (_, at): Column => {
    return { fields: rows.map((row) => row[at] ?? '').filter((field) => field !== ''), clockAt: null };
  });
  const isOf = (at: number, pattern: RegExp) =>
    share(columns[at]?.fields ?? [], (field) => pattern.test(field)) >= SHARE;
  for (let at = 0; at < width; at++) {
    if (!isOf(at, DAY)) continue;
    const clockAt = heading === null || CLOCK_NAME.test(plainName(heading[at + 1])) ? at + 1 : -1;
    if (!isOf(clockAt, CLOCK)) continue;
    const fields = rows.map((row) => `${row[at] ?? ''} ${row[clockAt] ?? ''}`.trim()).filter((field) => field !== '');
    columns[at] = { fields, clockAt };
    columns[clockAt] = { fields: [], clockAt: null };
  }
  return columns;
}

/** Without what stands in brackets around it: `Durata (sec)` is `Durata sec`. */
function plainName(name = ''): string {
  return name.replaceAll(/[()[\]]/g, '').trim();
}

/** What stands in it, empty fields left out; where its times of day are, if it has dates alone. */
type Column = { readonly fields: readonly string[]; readonly clockAt: number | null };

type Layout = {
  readonly delimiter: string;
  readonly heading: readonly string[] | null;
  readonly columns: readonly Column[];
};

/** The columns' places by what they hold. A column's name counts more than what stands in it; both must fit. */
function rolesOf(heading: readonly string[] | null, columns: Layout['columns']): Partial<Record<Role, number>> {
  const roles: Partial<Record<Role, number>> = {};
  const taken = new Set<number>();
  const take = (role: Role, fits: (fields: readonly string[], at: number) => boolean) => {
    const named = columns.findIndex(
      ({ fields }, at) => !taken.has(at) && NAMES[role].test(plainName(heading?.[at])) && fits(fields, at),
    );
    const at =
      named === -1 && heading === null
        ? columns.findIndex(({ fields }, place) => !taken.has(place) && fits(fields, place))
        : named;
    if (at === -1) return;
    roles[role] = at;
    taken.add(at);
  };
  const isTime = (fields: readonly string[]) => formatOf(fields) !== null;
  take('start', isTime);
  take('answer', isTime);
  take('end', isTime);
  if (roles.start === undefined && roles.answer === undefined && heading !== null) {
    const at = columns.findIndex(({ fields }, place) => !taken.has(place) && isTime(fields));
    if (at !== -1) {
      roles.start = at;
      taken.add(at);
    }
  }
  take('number', (fields) => share(fields, (field) => /^(?:sips?:)?\+?[\d\s]{5,20}(?:@.*)?$/.test(field)) >= SHARE);
  take('duration', (fields) => durationUnit(fields) !== null);
  take('outcome', (fields) => codesOf(fields) !== null);
  take(
    'callId',
    (fields) => share(fields, (field) => field.length >= 8) >= SHARE && new Set(fields).size >= fields.length * SHARE,
  );
  return roles;
}

function written(roles: Partial<Record<Role, number>>, { delimiter, heading, columns }: Layout): Suggestion {
  const remarks: string[] = [];
  const fieldsAt = (role: Role) => columns[roles[role] ?? -1]?.fields ?? [];
  const nameAt = (at: number) => (heading === null ? String(at + 1) : JSON.stringify(heading[at] ?? ''));
  const ref = (role: Role) => {
    const at = roles[role];
    if (at === undefined) return null;
    const clockAt = columns[at]?.clockAt ?? null;
    return clockAt === null ? nameAt(at) : `[${nameAt(at)}, ${nameAt(clockAt)}]`;
  };
  const lines = [`file: { delimiter: ${JSON.stringify(delimiter)}, heading: ${heading !== null} }`];
  if (ref('number') === null) remarks.push('which column has the called number was not found: number.column');
  const numbers = fieldsAt('number');
  const isNational =
    numbers.some((number) => !number.startsWith('+')) &&
    share(numbers, (number) => /^\d{11,15}$/.test(number)) < SHARE &&
    !numbers.some((number) => number.startsWith('+'));
  lines.push(`number: { column: ${ref('number') ?? '"?"'}, format: ${isNational ? 'national' : 'e164'} }`);
  if (isNational) remarks.push('numbers look national: number.country is the settings’ unless it is given');
  const times = (['start', 'answer', 'end'] as const).filter((role) => ref(role) !== null);
  const format = formatOf(times.flatMap((role) => fieldsAt(role))) ?? 'iso';
  const hasOffset =
    format.startsWith('epoch') ||
    times.some((role) => fieldsAt(role).every((field) => /(?:Z|[+-]\d{2}:?\d{2})$/.test(field)));
  const zone = times.some((role) => /utc|gmt/i.test(heading?.[roles[role] ?? -1] ?? '')) ? 'UTC' : null;
  if (times.length === 0) remarks.push('no column of times was found: times.start, times.answer or times.end');
  else if (!hasOffset && zone === null)
    remarks.push('times have no offset: times.zone says of which place they are (that of the law unless it is given)');
  if (/^(?:dd|MM)\/(?:MM|dd)\//.test(format)) remarks.push(`days and months may be the other way round than ${format}`);
  lines.push('times:', ...times.map((role) => `  ${role}: ${ref(role)}`), `  format: ${JSON.stringify(format)}`);
  if (zone !== null) lines.push(`  zone: ${zone}`);
  const durations = fieldsAt('duration');
  const unit = durationUnit(durations);
  if (unit !== null) {
    const step = stepOf(durations, unit);
    lines.push(
      `duration: { column: ${ref('duration')}, unit: ${unit}, of: answered, stepS: ${step}, rounded: ${step === 1 ? 'nearest' : 'up'} }`,
    );
    remarks.push(`duration: from the answer on (of: answered)? rounded in steps of ${step} s?`);
  }
  const codes = codesOf(fieldsAt('outcome'));
  if (codes === null)
    remarks.push('no column of outcomes was found: calls with an answer time or a duration are taken for answered');
  else {
    lines.push(`outcome: { column: ${ref('outcome')}, codes: ${codes} }`);
    const read = outcomeReader(codes, {});
    const unknown = [...new Set(fieldsAt('outcome').filter((code) => read(code) === 'unknown'))].slice(0, 10);
    if (unknown.length > 0)
      remarks.push(`codes that say nothing to Brusio: ${unknown.join(', ')}: give them in outcome.map`);
  }
  if (ref('callId') !== null) lines.push(`callId: ${ref('callId')}`);
  return { yaml: `${lines.join('\n')}\n`, remarks };
}

/** A program whose file has no heading, known by its columns. */
function presetOf(rows: readonly (readonly string[])[]): PresetName | null {
  const every = (fits: (row: readonly string[]) => boolean) => rows.length > 0 && rows.every(fits);
  const isTime = (field = '') => formatOf([field]) === 'iso';
  const isWord = (field = '', words: RegExp) => words.test(field);
  if (every((row) => row.length >= 16 && isTime(row[9]) && isTime(row[11]) && isWord(row[14], /^[A-Z ]+$/))) {
    return every((row) => isWord(row[14], /^(?:NO ANSWER|ANSWERED|BUSY|FAILED|CONGESTION|CANCEL|UNKNOWN)$/))
      ? 'asterisk'
      : null;
  }
  if (every((row) => row.length >= 16 && isTime(row[9]) && isTime(row[11]) && isWord(row[14], /^[A-Z_]+$/)))
    return 'freeswitch-asterisk';
  if (every((row) => row.length >= 12 && isTime(row[4]) && isTime(row[6]) && isWord(row[9], /^[A-Z_]+$/)))
    return 'freeswitch';
  return null;
}

function ofPreset(name: PresetName, rows: readonly (readonly string[])[]): Suggestion {
  const at = PRESETS[name].mapping.number.column;
  const numbers = rows.map((row) => row[Number(at) - 1] ?? '');
  const isNational =
    !numbers.some((number) => number.startsWith('+')) && share(numbers, (number) => /^\d{11,15}$/.test(number)) < SHARE;
  const zone = 'times: { zone: Europe/Rome }';
  return {
    yaml: `# ${PRESETS[name].summary}\npreset: ${name}\nnumber: { format: ${isNational ? 'national' : 'e164'} }\n${zone}\n`,
    remarks: ['times are of the server’s own zone, or UTC: times.zone'],
  };
}

/** The format that nearly all of these times have; null: none. */
function formatOf(fields: readonly string[]): string | null {
  if (fields.length === 0) return null;
  const fits = (format: string) => {
    const read = timeReader(format, 'UTC');
    const isOne = (field: string) => {
      const time = read(field);
      return typeof time === 'object' && (!format.startsWith('epoch') || isOfTheseYears(time.at));
    };
    return share(fields, isOne) >= SHARE;
  };
  return FORMATS.find(fits) ?? null;
}

/** Ten digits may be a called number as well: those of Italy's mobiles would be times after 2063. */
function isOfTheseYears(at: number): boolean {
  return at >= Date.UTC(2010) && at < Date.UTC(2040);
}

function durationUnit(fields: readonly string[]): 's' | 'hms' | 'ms' | null {
  if (fields.length === 0) return null;
  const fits = (unit: 's' | 'hms') =>
    share(fields, (field) => !Number.isNaN(readDuration(field, unit) ?? Number.NaN)) >= SHARE;
  if (fits('hms')) return 'hms';
  if (!fits('s')) return null;
  // Nobody talks for an hour at a time.
  const sorted = fields.map((field) => Number(field.replace(',', '.'))).sort((one, other) => one - other);
  return (sorted[sorted.length >> 1] as number) > 3_600 ? 'ms' : 's';
}

/** The largest billing step that all of them are multiples of. */
function stepOf(fields: readonly string[], unit: 's' | 'hms' | 'ms'): number {
  const seconds = fields.map((field) => (readDuration(field, unit) ?? 0) / 1_000).filter((duration) => duration > 0);
  return seconds.length < 3 ? 1 : ([60, 30, 6].find((step) => seconds.every((duration) => duration % step === 0)) ?? 1);
}

function codesOf(fields: readonly string[]): OutcomeCodes | null {
  if (fields.length === 0) return null;
  const known = (codes: OutcomeCodes) => {
    const read = outcomeReader(codes, {});
    return share(fields, (field) => read(field) !== 'unknown');
  };
  const isSip = share(fields, (field) => /^[2-6]\d\d\b/.test(field)) >= SHARE;
  if (isSip) return 'sip';
  const byKind = (['words', 'q850'] as const).map((codes) => ({ codes, known: known(codes) }));
  const [best] = byKind.sort((one, other) => other.known - one.known);
  return best !== undefined && best.known >= 0.5 ? best.codes : null;
}

function share<T>(values: readonly T[], fits: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(fits).length / values.length;
}
