/**
 * Reads the telephone numbers of a list from its octets, as they come: one column of a CSV file, or one number a line. Lines
 * end in LF, CRLF or CR; a quoted field may hold separators, but no line ends, so that one quote too many costs one line and
 * not the rest of the list. Made for ten million lines: one pass over the octets, nothing kept but the number of the line at
 * hand. Pure.
 */
import { ok, type Result, refused } from '../../base/result.ts';
import type { NumberPlan } from '../telephone-number.ts';
import { type LayoutHints, type ListLayout, listLayout } from './list-layout.ts';
import { NUMBER_OCTETS_MAX, OCTET, octetKinds } from './number-octets.ts';
import { HEAD_ROOM, octetPlacer } from './place-octets.ts';

/** Octets from which the layout is found. */
export const SAMPLE_OCTETS = 64 * 1024;

/** Why a line holds no number that may be called. */
export type LineProblem = 'no-number' | 'not-a-number' | 'too-few-columns' | 'quote-not-closed' | 'cannot-be-placed';

/** Where the numbers go. */
export type NumberSink = {
  /** E.164 with its plus, ASCII, from `start` to before `end` of octets that the reader goes on to use; `line` from 1. */
  number(octets: Uint8Array, start: number, end: number, line: number): void;
  malformed(line: number, problem: LineProblem): void;
};

/** A list that is being read. */
export type ListReader = {
  /** More of it. A refusal is final: nothing more may be pushed. */
  push(octets: Uint8Array): Result<null, string>;
  /** There is no more. Answers how it was read. */
  end(): Result<ListLayout, string>;
  /** Lines so far, blank ones and headings included. */
  lines(): number;
};

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const BLANK = 0x20;

/** Reads a list whose layout is found from its beginning and the hints. */
export function createListReader(hints: LayoutHints, sink: NumberSink): ListReader {
  let sample: Uint8Array[] = [];
  let sampled = 0;
  let lines: LineReader | null = null;

  function begin(isWhole: boolean): Result<ListLayout, string> {
    const octets = Buffer.concat(sample);
    sample = [];
    const problem = foreignFormat(octets);
    if (problem !== null) return refused(problem);
    const text = withoutMark(octets);
    const first = wholeLines(text, isWhole);
    if (first === null) return refused(`the first ${SAMPLE_OCTETS} octets hold no line end: this is no list`);
    const layout = listLayout(first, hints);
    if (!layout.ok) return layout;
    lines = createLineReader(layout.value, hints.plan, sink);
    lines.push(text);
    return layout;
  }

  let layout: ListLayout | null = null;
  return {
    push(octets) {
      if (lines !== null) {
        lines.push(octets);
        return ok(null);
      }
      // A copy: the caller may use its buffer again.
      sample.push(Uint8Array.from(octets));
      sampled += octets.length;
      if (sampled < SAMPLE_OCTETS) return ok(null);
      const begun = begin(false);
      if (!begun.ok) return begun;
      layout = begun.value;
      return ok(null);
    },
    end() {
      if (layout === null) {
        const begun = begin(true);
        if (!begun.ok) return begun;
        layout = begun.value;
      }
      lines?.end();
      return ok(layout);
    },
    lines: () => lines?.lines() ?? 0,
  };
}

/** What it is instead of a text that can be read, and what to do; null when it may be one. */
function foreignFormat(octets: Buffer): string | null {
  if (octets.length === 0) return 'the list is empty';
  const beginning = octets.toString('hex', 0, 2);
  if (beginning === 'fffe' || beginning === 'feff') return 'the list is in UTF-16: save it as UTF-8 or plain text';
  if (beginning === '504b') {
    return 'the list is a zip archive or a spreadsheet (xlsx): unpack it, or save it as CSV';
  }
  return octets.includes(0) ? 'the list is no text: save it as CSV, in UTF-8 or plain text' : null;
}

/** Without UTF-8's byte order mark. */
function withoutMark(octets: Buffer): Buffer {
  return octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf ? octets.subarray(3) : octets;
}

/** The lines that end in it (all, when it is the whole list); null when none does. */
function wholeLines(text: Buffer, isWhole: boolean): readonly string[] | null {
  const lines = text.toString('utf8').split(/\r\n|\n|\r/);
  if (isWhole) return lines;
  lines.pop();
  return lines.length === 0 ? null : lines;
}

type LineReader = { push(octets: Uint8Array): void; end(): void; lines(): number };

function createLineReader(layout: ListLayout, plan: NumberPlan, sink: NumberSink): LineReader {
  const { column, skippedLines } = layout;
  const separator = layout.separator ?? -1;
  const place = octetPlacer(plan, layout.withCountryCode);
  const number = Buffer.alloc(HEAD_ROOM + NUMBER_OCTETS_MAX);
  let line = 0;
  let end = HEAD_ROOM;
  let field = 0;
  let isQuoted = false;
  let isBad = false;
  let isBlank = true;
  let afterCr = false;

  function endLine(): void {
    line += 1;
    if (!isBlank && line > skippedLines) tell();
    end = HEAD_ROOM;
    field = 0;
    isQuoted = false;
    isBad = false;
    isBlank = true;
  }

  function tell(): void {
    if (isQuoted) sink.malformed(line, 'quote-not-closed');
    else if (field < column) sink.malformed(line, 'too-few-columns');
    else if (isBad) sink.malformed(line, 'not-a-number');
    else if (end === HEAD_ROOM) sink.malformed(line, 'no-number');
    else {
      const start = place(number, end);
      if (start === -1) sink.malformed(line, 'cannot-be-placed');
      else sink.number(number, start, end, line);
    }
  }

  return {
    push(octets) {
      for (let at = 0; at < octets.length; at++) {
        const octet = octets[at] as number;
        if (octet === LF || octet === CR) {
          // The LF of a CRLF ends no second line, also where the two came apart.
          if (octet === CR || !afterCr) endLine();
          afterCr = octet === CR;
          continue;
        }
        afterCr = false;
        if (octet === separator && !isQuoted) {
          field += 1;
          continue;
        }
        if (octet === QUOTE) {
          isQuoted = !isQuoted;
          continue;
        }
        if (octet !== BLANK) isBlank = false;
        if (field !== column) continue;
        const kind = octetKinds[octet];
        if (kind === OCTET.digit || (kind === OCTET.plus && end === HEAD_ROOM)) {
          if (end < number.length) number[end++] = octet;
          else isBad = true;
        } else if (kind !== OCTET.ignored) {
          isBad = true;
        }
      }
    },
    end() {
      if (!isBlank || isQuoted || field > 0) endLine();
    },
    lines: () => line,
  };
}
