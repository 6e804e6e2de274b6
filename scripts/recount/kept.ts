/** What the database keeps beside its calls: the counts, locks and classes that the recount is to confirm. */
import { type DayTally, tableOf } from './days.ts';
import type { Rows } from './rows.ts';
import type { Table } from './table.ts';

/** Its tables of counts and locks. */
export async function keptTables(rows: Rows) {
  const tallies = new Map<string, DayTally>();
  for (const row of await rows.all('SELECT * FROM campaign_days')) {
    const { silent, handled, machines, machines_heard: heard, hung_up: hungUp } = row;
    tallies.set(`${row.campaign} ${row.day}`, {
      ...{
        silent: Number(silent),
        handled: Number(handled),
        machines: Number(machines),
        heard: Number(heard),
        hungUp: Number(hungUp),
      },
    });
  }
  const firstDays: Table = new Map();
  for (const row of await rows.all('SELECT campaign, first_day FROM campaigns'))
    firstDays.set(String(row.campaign), String(row.first_day));
  const locks: Table = new Map();
  for await (const row of rows.each('SELECT scope, digest, call_id, until_ms FROM recall_locks'))
    locks.set(`${row.scope} ${row.digest} ${row.call_id}`, new Date(Number(row.until_ms)).toISOString());
  return { tallies, days: tableOf(tallies), firstDays, locks };
}

/** The class that each call's row has, or its last correction. */
export async function keptClasses(rows: Rows): Promise<Table> {
  const kept: Table = new Map();
  const last = `SELECT o.call_id, o.class, (SELECT correction FROM outcome_corrections c WHERE c.call_id = o.call_id
      ORDER BY sequence DESC LIMIT 1) AS correction FROM outcomes o`;
  for await (const row of rows.each(last)) {
    const corrected = row.correction === null ? row.class : JSON.parse(String(row.correction)).to.class;
    kept.set(String(row.call_id), String(corrected));
  }
  return kept;
}
