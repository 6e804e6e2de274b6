/** The arguments of `brusio reconcile`. */
import { parseArgs } from 'node:util';
import { describeError } from '../../base/errors.ts';
import { zoneProblem } from '../../ledger/reconcile/time-format.ts';

/** What it is told by `--help`. */
export const USAGE = `usage: brusio reconcile FILE [--mapping FILE] [--from TIME] [--to TIME] [--out FOLDER] [options]
       brusio reconcile --suggest FILE

Compares a carrier's CDR file (CSV, also packed with gzip; - reads standard input) with Brusio's outcomes, by number, time, duration
and Call-ID, and lists what either side lacks or codes differently. Only reads the database; Brusio may be running.

      --mapping FILE      how the file is read (YAML, docs/reconcile.md); without it a mapping is proposed, told and used
      --suggest           only propose a mapping, from the heading and the first rows
      --from TIME         calls from then on: a day, a local time such as 2026-11-20T10:30, or one with its offset
      --to TIME           calls before then; a day counts to its end. Without both: the local days of the file
      --zone ZONE         by whose clocks these times and days are told, and those of a file that says nothing of it, such as
                          Europe/London or UTC; default: those of policy.jurisdiction
      --out FOLDER        writes reconciliation.txt, reconciliation.json and differences.csv there
      --json              the report as JSON on standard output
      --show-numbers      numbers in clear; otherwise masked
  -c, --config FILE       Brusio's settings

Exit status: 0 both say the same; 1 there are differences or malformed rows; 2 the database cannot be read; 64 wrong usage; 65 the file
is no such CDR file; 78 wrong settings or mapping.
`;

/** What a person gave. */
export type ReconcileArguments = {
  readonly file: string;
  readonly mapping: string | null;
  readonly suggest: boolean;
  readonly from: string | null;
  readonly to: string | null;
  readonly zone: string | null;
  readonly out: string | null;
  readonly asJson: boolean;
  readonly showNumbers: boolean;
  readonly config: string | null;
};

/** A text: what is wrong; null: they ask for help. */
export function reconcileArguments(argv: readonly string[]): ReconcileArguments | string | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        mapping: { type: 'string' },
        suggest: { type: 'boolean', default: false },
        from: { type: 'string' },
        to: { type: 'string' },
        zone: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
        'show-numbers': { type: 'boolean', default: false },
        config: { type: 'string', short: 'c' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return null;
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return 'give one CDR file';
    const { mapping = null, suggest, from = null, to = null, zone = null, out = null, config = null } = values;
    if (suggest && mapping !== null) return '--suggest proposes a mapping and takes none';
    if (file === '-' && mapping === null && !suggest) return 'standard input is read once: give its --mapping';
    if (zone !== null && zoneProblem(zone) !== null) return `--zone: ${zoneProblem(zone)}`;
    return {
      file,
      mapping,
      suggest,
      from,
      to,
      zone,
      out,
      asJson: values.json,
      showNumbers: values['show-numbers'],
      config,
    };
  } catch (thrown) {
    return describeError(thrown);
  }
}
