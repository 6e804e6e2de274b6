import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import type { LedgerFault } from '../ledger/verify/range-check.ts';
import { databasePlace } from '../store/database-place.ts';
import type { LedgerReport } from '../store/verify/verify-ledger.ts';
import { settingsArgument } from './settings-argument.ts';

const USAGE = `usage: brusio verify-ledger [--config FILE]

Checks the whole ledger of the database that the settings name: every chain's hashes, order and gaps, what each entry says
against its schema, the rows of outcomes and corrections against their entries, the counts, first days, locks and settings
against what the entries add up to, and the roots. Only reads; Brusio may be running.

Exits 0 when everything is as it was written, 1 when something is not (the first bad entry of each chain is named), 2 when
the database cannot be read. What this proves and what not: docs/ledger.md.
`;

/** Cannot be checked at all; not to be taken for a bad ledger. */
const EXIT_UNREADABLE = 2;
/** Between two lines that tell how far it is, ms. */
const PROGRESS_MS = 2_000;

/** `brusio verify-ledger`. */
export async function verifyLedgerCommand(argv: readonly string[]): Promise<number> {
  const settings = settingsArgument(argv, USAGE);
  if (typeof settings === 'number') return settings;
  const { verifyLedger } = await import('../store/verify/verify-ledger.ts');
  const started = systemClock.monotonicMs();
  let toldAt: number = started;
  try {
    const report = await verifyLedger(placeOf(settings), systemClock, (checked, of) => {
      const now = systemClock.monotonicMs();
      if (now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      process.stderr.write(`${count(checked)} of ${count(of)} entries, ${Math.floor((checked * 100) / of)} %\n`);
    });
    process.stdout.write(textOf(report, (systemClock.monotonicMs() - started) / 1_000));
    return report.faults.length + report.tables.length === 0 ? 0 : 1;
  } catch (thrown) {
    process.stderr.write(`brusio: ${describeError(thrown)}\n`);
    return EXIT_UNREADABLE;
  }
}

function placeOf({ database, data }: Settings) {
  return databasePlace({ url: database.url, dataDir: data.dir, process: database.process });
}

function textOf(report: LedgerReport, seconds: number): string {
  const { chains, entries, faults, tables, roots, timestamps, unchained } = report;
  const lines = chains.map(({ chain, entries: of }) => `chain ${chain}: ${count(of)} entries`);
  lines.push(...faults.map(faultLine));
  lines.push(...tables.map(({ table, problem }) => `BAD  table ${table}: ${problem}`));
  if (unchained.rows > 0) {
    const until = unchained.lastEndedAt === null ? '' : `, the last ended at ${timeOf(unchained.lastEndedAt)}`;
    lines.push(`${count(unchained.rows)} outcomes have no entry: written before there was a ledger${until}`);
  }
  if (faults.length + tables.length > 0) {
    lines.push(
      faults.length > 0 && tables.length === 0
        ? 'The ledger is NOT as it was written. Nothing behind the first bad entry of a chain was looked at, nor the tables.'
        : 'The ledger, or what is kept beside it, is NOT as it was written.',
    );
  } else {
    lines.push(
      `${count(entries)} entries in ${count(chains.length)} chains, ${count(roots)} roots, ${count(timestamps)} timestamps: all as they were written.`,
      `Checked in ${seconds.toFixed(1)} s.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function faultLine({ chain, seq, kind, at, problem }: LedgerFault): string {
  const what = kind === null ? '' : ` (${kind}, ${at === null ? 'no time' : timeOf(at)})`;
  return `BAD  entry ${count(seq)} of chain ${chain}${what} ${problem}`;
}

function timeOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `time ${at}` : date.toISOString();
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}
