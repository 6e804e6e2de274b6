/**
 * Counts every figure of a report again from the raw rows of a database, in code that shares nothing with the program, and says
 * what differs:
 *
 *     node scripts/recount-report.ts data/brusio.db report.json
 *     node scripts/recount-report.ts postgres://brusio@db/brusio report.json
 */
import { readFileSync } from 'node:fs';
import { countAgain } from './recount/report/again.ts';
import { compareFigures, type ReportRecount, type Tree } from './recount/report/compare.ts';
import { openRows, type Rows } from './recount/rows.ts';

/** Counts a report again. */
export async function recountReport(rows: Rows, report: Tree): Promise<ReportRecount> {
  return compareFigures(report, await countAgain(rows, report));
}

if (import.meta.main) {
  const [place, reportPath] = process.argv.slice(2);
  if (place === undefined || reportPath === undefined) {
    console.error('usage: node scripts/recount-report.ts data/brusio.db|postgres://… report.json');
    process.exit(2);
  }
  const rows = await openRows(place);
  const { compared, differences } = await recountReport(rows, JSON.parse(readFileSync(reportPath, 'utf8')));
  await rows.close();
  for (const { figure, reported, counted } of differences)
    console.log(`${figure}: the report says ${reported}, the rows give ${counted}`);
  console.log(`${compared} figures counted again, ${differences.length} differ`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}
