/**
 * Rows of a CSV file from its text, as it comes (RFC 4180). Lines end in LF, CRLF or CR; a quoted field may hold separators, doubled
 * quotes, and line ends, which are read as blanks. One quote too many costs one line and not the rest of the file: a line is taken
 * for the next one of a field only if it is no row by itself, and what they come to together is one. Pure.
 */

/** A longer line is none of a CDR file; it is told, and not kept. */
export const LINE_CHARACTERS_MAX = 65_536;

/** Lines that one row may have. */
const ROW_LINES_MAX = 10;

/** Why a line is no row. */
export type LineFault = 'quote-not-closed' | 'too-long';

/** Where the rows go; `line` from 1. Blank lines go nowhere. */
export type RowSink = {
  row(fields: readonly string[], line: number): void;
  malformed(line: number, fault: LineFault): void;
};

/** A file that is being read. */
export type CsvReader = {
  push(text: string): void;
  /** There is no more. Answers how many lines there were. */
  end(): number;
};

/** Reads lines of fields that `delimiter` stands between. */
export function createCsvReader(delimiter: string, sink: RowSink): CsvReader {
  let rest = '';
  let isTooLong = false;
  let line = 0;
  let afterCr = false;
  /** The lines of a row whose quote is open yet, and how many fields the row before it had. */
  let open: { readonly text: string; readonly line: number }[] = [];
  let width: number | null = null;

  function tell(text: string): void {
    line += 1;
    if (isTooLong || text.length > LINE_CHARACTERS_MAX) {
      apart();
      sink.malformed(line, 'too-long');
    } else if (open.length > 0) goOn(text);
    else if (text.trim() !== '') begin(text);
    isTooLong = false;
  }

  function begin(text: string): void {
    const fields = fieldsOfLine(text, delimiter);
    if (fields === null) open = [{ text, line }];
    else row(fields, line);
  }

  function goOn(text: string): void {
    const alone = fieldsOfLine(text, delimiter);
    if (alone !== null && alone.length === width) {
      apart();
      row(alone, line);
      return;
    }
    const first = open[0]?.line ?? line;
    open.push({ text, line });
    const together = fieldsOfLine(open.map((one) => one.text).join(' '), delimiter);
    if (together === null ? open.length === ROW_LINES_MAX : width !== null && together.length !== width) apart();
    else if (together !== null) {
      open = [];
      row(together, first);
    }
  }

  /** They are no row together: each stands for itself. */
  function apart(): void {
    const lines = open;
    open = [];
    for (const { text, line: at } of lines) {
      const fields = fieldsOfLine(text, delimiter);
      if (fields === null) sink.malformed(at, 'quote-not-closed');
      else if (text.trim() !== '') row(fields, at);
    }
  }

  function row(fields: readonly string[], at: number): void {
    width = fields.length;
    sink.row(fields, at);
  }

  return {
    push(text) {
      let from = 0;
      // The LF of a CRLF ends no second line, also where the two came apart.
      if (afterCr && text.startsWith('\n')) from = 1;
      if (text !== '') afterCr = false;
      for (let at = from; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code !== 10 && code !== 13) continue;
        tell(rest + text.slice(from, at));
        rest = '';
        if (code === 13 && text.charCodeAt(at + 1) === 10) at += 1;
        else if (code === 13 && at + 1 === text.length) afterCr = true;
        from = at + 1;
      }
      rest += text.slice(from);
      if (rest.length > LINE_CHARACTERS_MAX) {
        rest = '';
        isTooLong = true;
      }
    },
    end() {
      if (rest !== '' || isTooLong) tell(rest);
      rest = '';
      apart();
      return line;
    },
  };
}

/** Fields without their quotes and the blanks around them; null when a quote is not closed. */
export function fieldsOfLine(line: string, delimiter: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(delimiter).map((field) => field.trim());
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === '"' && isQuoted && line[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) {
      fields.push(field.trim());
      field = '';
    } else field += character;
  }
  if (isQuoted) return null;
  fields.push(field.trim());
  return fields;
}
