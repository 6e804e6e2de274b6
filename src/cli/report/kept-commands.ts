/** `brusio report list | get | delete`: the reports that are kept. */
import { join } from 'node:path';
import { systemClock, toIso } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { reportBook } from '../../config/report-terms.ts';
import type { KeptReport } from '../../guard/report-port.ts';
import { deleteKeptReport, keptReport, keptReports } from '../../store/report/keep-reports.ts';
import { type PeopleArguments, WrongUsage } from '../people/people-arguments.ts';
import { withDatabase } from '../people/settings-database.ts';
import { writeFolder } from './write-folder.ts';

/** By their names; each resolves with the exit status. */
export const KEPT_COMMANDS: Readonly<Record<string, (given: PeopleArguments) => Promise<number>>> = {
  list: async ({ values, settings }) => {
    const { campaign } = values;
    const kept = await withDatabase(settings, (connection) =>
      keptReports(connection, typeof campaign === 'string' ? campaign : null),
    );
    for (const one of kept) process.stdout.write(`${lineOf(one)}\n`);
    process.stdout.write(`${kept.length} reports\n`);
    return 0;
  },
  get: async ({ values, settings }) => {
    const id = idOf(values);
    const found = await withDatabase(settings, (connection) => keptReport(connection, id));
    if (found === null) throw new AppError('report.unknown', `no report ${id} is kept`);
    process.stdout.write(`${writeFolder(join(String(values.out ?? '.'), `report-${id}`), found.files)}\n`);
    return 0;
  },
  delete: async ({ values, settings }) => {
    const id = idOf(values);
    // Which law a report was made under stands in its row as a day: the time zone alone is asked of this one.
    const { law } = reportBook(settings).others;
    await withDatabase(settings, (connection) => deleteKeptReport(connection, id, law, systemClock));
    process.stdout.write(`report ${id} is deleted, and the ledger says so\n`);
    return 0;
  },
};

function idOf({ id }: PeopleArguments['values']): string {
  if (typeof id !== 'string') throw new WrongUsage('name a report: --id ID, as "brusio report list" shows it');
  return id;
}

function lineOf({ id, campaign, period, from, to, revision, silent, handled, madeAt, keepUntil }: KeptReport): string {
  const days = from === to ? from : `${from} to ${to}`;
  const again = revision === 1 ? '' : `, revision ${revision}`;
  return `${id}  ${campaign}  ${period} ${days}${again}  ${silent}/${silent + handled}  made ${toIso(madeAt)}  kept until ${keepUntil}`;
}
