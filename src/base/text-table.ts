/** A table for a person at a terminal. Pure. */

/** A line for the heading and each row, columns as wide as they must be and two blanks apart; figures stand to the right. */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return FIGURE.test(text) ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(heading), ...rows.map(line)];
}

/** With thousands apart and a unit behind, or the dash that stands where there is none; a day is text. */
const FIGURE = /^(?:[\d.,]+(?: ?(?:%|ms|s))?|–)$/;
