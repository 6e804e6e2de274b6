import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import type { LedgerFault } from '../ledger/verify/range-check.ts';
import { databasePlace } from '../store/database-place.ts';
import type { LedgerReport } from '../store/verify/verify-ledger.ts';
import { EX_USAGE, settingsArgument } from './settings-argument.ts';

const USAGE = `usage: brusio verify-ledger [--config FILE] [--timestamp URL]

Checks the whole ledger of the database that the settings name: every chain's hashes, order and gaps, what each entry says
against its schema, the rows of outcomes and corrections against their entries, the counts, first days, locks and settings
against what the entries add up to, and the roots. Only reads; Brusio may be running.

--timestamp URL   when all is good, have the latest root signed by the RFC 3161 authority at URL, and keep its token as an
                  entry of chain timestamps

Exits 0 when everything is as it was written, 1 when something is not (the first bad entry of each chain is named), 2 when
the database cannot be read or the authority gives no timestamp, 64 for wrong usage, 78 for wrong settings. What this proves
and what not: docs/ledger.md.
`;

/** Cannot be checked at all; not to be taken for a bad ledger. */
const EXIT_UNREADABLE = 2;
/** Between two lines that tell how far it is, ms. */
const PROGRESS_MS = 2_000;

/** `brusio verify-ledger`. */
export async function verifyLedgerCommand(argv: readonly string[]): Promise<number> {
  const authority = authorityOf(argv);
  const settings = settingsArgument(authority.rest, USAGE);
  if (typeof settings === 'number') return settings;
  // Before the work, which may take minutes.
  if (authority.url !== null && !URL.canParse(authority.url)) {
    process.stderr.write(
      `brusio: --timestamp takes the URL of an authority, and "${authority.url}" is none\n\n${USAGE}`,
    );
    return EX_USAGE;
  }
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
    if (report.faults.length + report.tables.length > 0) return 1;
    if (authority.url !== null) await sign(settings, authority.url);
    return 0;
  } catch (thrown) {
    process.stderr.write(`brusio: ${describeError(thrown)}\n`);
    return EXIT_UNREADABLE;
  }
}

/** `--timestamp URL` or `--timestamp=URL`, and the arguments without it. */
function authorityOf(argv: readonly string[]): { readonly url: string | null; readonly rest: readonly string[] } {
  const at = argv.findIndex((one) => one === '--timestamp' || one.startsWith('--timestamp='));
  const option = argv[at];
  if (option === undefined) return { url: null, rest: argv };
  if (option !== '--timestamp') return { url: option.slice('--timestamp='.length), rest: argv.toSpliced(at, 1) };
  const url = argv[at + 1];
  // Without its value it is left for the parser of the others to complain of.
  return url === undefined ? { url: null, rest: argv } : { url, rest: argv.toSpliced(at, 2) };
}

async function sign(settings: Settings, url: string): Promise<void> {
  const { timestampLastRoot } = await import('../store/timestamp/timestamp-root.ts');
  const { day, root, time } = await timestampLastRoot(placeOf(settings), url, systemClock);
  process.stdout.write(
    `The root of ${day} (entry ${count(root.seq)} of chain ${root.chain}) was signed at ${time} by ${url}.\n`,
  );
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
