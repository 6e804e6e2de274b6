/** A CDR file from its text, as it comes, to calls in columns; what could not be read is told with its lines. Pure. */
import { ok, type Result, refused } from '../../base/result.ts';
import { separatorOf } from '../../policy/screening/list-layout.ts';
import { CALLS_MAX, type CarrierCalls } from './call-columns.ts';
import { type MappingDefaults, type ReadRow, type RowFault, rowReader } from './carrier-row.ts';
import { createCsvReader, type LineFault } from './csv-rows.ts';
import type { CdrMapping, MappingProblem } from './mapping.ts';
import type { NumberIndex } from './number-index.ts';

/** Characters from which the delimiter is found, where the mapping has none. */
const SAMPLE_CHARACTERS = 65_536;
/** Lines that are told one by one; the others are counted. */
export const TOLD_LINES_MAX = 100;
/** Codes that are told; a file has some dozens. */
const TOLD_CODES_MAX = 50;

/** Why a line tells of no call. */
export type CdrFault = RowFault | LineFault;

/** What was found while a file was read. */
export type CdrFindings = {
  readonly lines: number;
  /** Rows that tell of a call. */
  readonly calls: number;
  /** Rows that the mapping leaves out. */
  readonly others: number;
  readonly malformed: number;
  readonly told: readonly { readonly line: number; readonly fault: CdrFault }[];
  /** Codes that say nothing to anybody, with the number of calls, the most frequent first. */
  readonly unknownCodes: readonly { readonly code: string; readonly calls: number }[];
  /** Calls with a local time that the clocks showed twice: both moments are looked at. */
  readonly repeatedHour: number;
  /** Of the times by which calls are matched, the first and the last, by the carrier's clock; null: no call. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly delimiter: string;
  /** The heading's names; null: there is none. */
  readonly heading: readonly string[] | null;
};

/** Why a file cannot be used: what the mapping says of it is wrong, or it is no CDR file. */
export type CdrProblem =
  | { readonly problem: 'mapping'; readonly problems: readonly MappingProblem[] }
  | { readonly problem: 'file'; readonly reason: string };

/** A file that is being read. A refusal is final: nothing more may be pushed. */
export type CdrReader = {
  push(text: string): Result<null, CdrProblem>;
  end(): Result<CdrFindings, CdrProblem>;
  /** So far. */
  calls(): number;
};

/** Reads calls into `calls` and their numbers into `numbers`. */
export function createCdrReader(
  mapping: CdrMapping,
  defaults: MappingDefaults,
  numbers: NumberIndex,
  calls: CarrierCalls,
): CdrReader {
  let sample = '';
  let csv: ReturnType<typeof createCsvReader> | null = null;
  let delimiter = mapping.file.delimiter ?? '';
  let heading: readonly string[] | null = null;
  let read: ((fields: readonly string[]) => ReadRow) | null = null;
  let refusal: CdrProblem | null = null;
  let [others, malformed, repeatedHour] = [0, 0, 0];
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const told: { line: number; fault: CdrFault }[] = [];
  const codes = new Map<string, number>();

  function fault(line: number, what: CdrFault): void {
    malformed += 1;
    if (told.length < TOLD_LINES_MAX) told.push({ line, fault: what });
  }

  function open(names: readonly string[] | null): void {
    const made = rowReader(mapping, names, defaults);
    if (made.ok) read = made.value;
    else refusal = { problem: 'mapping', problems: made.problem };
  }

  function row(fields: readonly string[], line: number): void {
    if (refusal !== null || line <= mapping.file.skipLines) return;
    if (read === null && mapping.file.heading) {
      // A byte order mark is no part of a name.
      heading = fields.map((field, at) => (at === 0 ? field.replace(/^\ufeff"?|"$/g, '') : field));
      open(heading);
      return;
    }
    if (read === null) open(null);
    if (read === null) return;
    const call = read(fields);
    if (call === 'other') others += 1;
    else if (typeof call === 'string') fault(line, call);
    else if (calls.count() >= CALLS_MAX)
      refusal = { problem: 'file', reason: `it has more than ${CALLS_MAX} calls: split it` };
    else {
      calls.add(call, numbers.placeOf(call.number), line);
      const moment = call.start ?? call.answer ?? call.end;
      if (moment !== null) {
        from = Math.min(from, moment.at);
        to = Math.max(to, moment.later ?? moment.at);
        if (moment.later !== null) repeatedHour += 1;
      }
      const { unknownCode } = call;
      if (unknownCode !== null && (codes.has(unknownCode) || codes.size < 10 * TOLD_CODES_MAX))
        codes.set(unknownCode, (codes.get(unknownCode) ?? 0) + 1);
    }
  }

  function begin(): CdrProblem | null {
    const problem = foreignText(sample);
    if (problem !== null) return { problem: 'file', reason: problem };
    if (delimiter === '') {
      const lines = sample.split(/\r\n|\n|\r/).slice(mapping.file.skipLines, 200);
      delimiter = separatorOf(lines.filter((line) => line.trim() !== '')) ?? ',';
    }
    csv = createCsvReader(delimiter, {
      row,
      malformed: (line, what) => line > mapping.file.skipLines && fault(line, what),
    });
    csv.push(sample.replace(/^\ufeff/, ''));
    sample = '';
    return null;
  }

  const outcome = (): Result<null, CdrProblem> => (refusal === null ? ok(null) : refused(refusal));

  return {
    push(text) {
      if (csv !== null) {
        csv.push(text);
        return outcome();
      }
      sample += text;
      if (sample.length < SAMPLE_CHARACTERS) return ok(null);
      refusal = begin() ?? refusal;
      return outcome();
    },
    end() {
      if (csv === null) refusal = begin() ?? refusal;
      const lines = csv?.end() ?? 0;
      if (refusal !== null) return refused(refusal);
      const problem = fileProblem(calls.count(), malformed, others, told);
      if (problem !== null) return refused({ problem: 'file', reason: problem });
      return ok({
        ...{ lines, calls: calls.count(), others, malformed, told, repeatedHour, delimiter, heading },
        unknownCodes: [...codes]
          .map(([code, count]) => ({ code, calls: count }))
          .sort((one, other) => other.calls - one.calls)
          .slice(0, TOLD_CODES_MAX),
        span: calls.count() === 0 ? null : { from, to },
      });
    },
    calls: () => calls.count(),
  };
}

/** What it is instead of a text that can be read, and what to do; null: it may be one. */
export function foreignText(beginning: string): string | null {
  if (beginning.trim() === '') return 'it is empty';
  if (beginning.startsWith('PK')) return 'it is a zip archive or a spreadsheet (xlsx): unpack it, or save it as CSV';
  if (beginning.includes('\u0000')) return 'it is no text in this encoding: see file.encoding (utf-16le?)';
  return null;
}

function fileProblem(
  calls: number,
  malformed: number,
  others: number,
  told: readonly { readonly line: number; readonly fault: CdrFault }[],
): string | null {
  if (malformed > calls) {
    const [first] = told;
    return `${malformed} rows cannot be read and ${calls} can: the mapping does not fit (line ${first?.line}: ${first?.fault})`;
  }
  if (calls > 0) return null;
  return others > 0 ? `rows.only leaves out all of its ${others} rows` : 'it has no row after its heading';
}
