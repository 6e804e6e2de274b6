/**
 * Tables as CSV (RFC 4180) that a spreadsheet opens as they are meant: UTF-8 with its mark, separators and decimals as the language
 * has them, and no cell that would be run as a formula. Pure.
 */

/** How a language writes tables. */
export type CsvStyle = { readonly separator: ',' | ';'; readonly decimal: '.' | ',' };

/** A cell: a text, a number, a decimal text of ours (`2.913`), or nothing. */
export type CsvCell = string | number | { readonly decimal: string } | null;

/** What tells a spreadsheet that the octets are UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The octets of a table. */
export function csv(rows: readonly (readonly CsvCell[])[], style: CsvStyle): Buffer {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  // Every line has as many fields (RFC 4180 §2.4).
  const lines = rows.map((row) =>
    csvLine(
      Array.from({ length: columns }, (_, at) => row[at] ?? null),
      style,
    ),
  );
  return Buffer.from(`${BYTE_ORDER_MARK}${lines.join('')}`);
}

/** One line with its CRLF, for tables that are written as they are made. */
export function csvLine(row: readonly CsvCell[], style: CsvStyle): string {
  return `${row.map((cell) => cellText(cell, style)).join(style.separator)}\r\n`;
}

function cellText(cell: CsvCell, { separator, decimal }: CsvStyle): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return quoted(String(cell).replace('.', decimal), separator);
  if (typeof cell === 'object') return quoted(cell.decimal.replace('.', decimal), separator);
  // Spreadsheets take these for the beginning of a formula (OWASP, CSV injection); an apostrophe makes it a text.
  return quoted(/^[=+\-@\t\r\n|%]/.test(cell) ? `'${cell}` : cell, separator);
}

function quoted(text: string, separator: string): string {
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
