/** `brusio screening`: the opposition register's cleared lists. */
import { describeError } from '../../base/errors.ts';
import { EX_USAGE } from '../settings-argument.ts';
import { WrongUsage } from './screening-arguments.ts';
import { checkNumber } from './screening-check.ts';
import { importList } from './screening-import.ts';
import { tellLists } from './screening-list.ts';
import { removeList } from './screening-remove.ts';

const USAGE = `usage: brusio screening import FILE --controller NAME --checked-at TIME [--column NAME | N] [--numbers FORM] [--json]
       brusio screening remove --controller NAME --confirm NAME [--reference TEXT] [--json]
       brusio screening list [--json]
       brusio screening check --controller NAME --number NUMBER [--json]

Tells Brusio which numbers the opposition register has cleared. The list takes the place of the one this controller had, in one step;
a running Brusio may use the same database meanwhile, and goes on with the earlier list until then. No number is kept, only its digest.

  import FILE          CSV or one number a line, as it is or packed with gzip; "-" reads standard input. Separator, column, heading and
                       form of the numbers are found from the first lines, and told. Lines that repeat a number or hold none are told
                       with their numbers, the first 100 of each; a list with more such lines than numbers is refused
    --controller NAME  whom it was cleared for (titolare), as in campaigns.controller
    --checked-at TIME  when the register gave its answer: 2026-11-20, 2026-11-20T10:30 (local) or 2026-11-20T10:30:00+01:00
    --column NAME | N  the numbers' column, by its heading or its place from 1
    --numbers FORM     of digits without a plus: national, international (they begin with the country code), auto (the default)
  remove               takes the controller's list out of force, such as one that was imported for the wrong controller: then it has none,
                       also not the one before, and no number is cleared for it until the next import
    --confirm NAME     the controller's name once more
    --reference TEXT   why; kept in the ledger
  list                 the lists in force
  check                whether a number may be called by its controller's list
    --number NUMBER    as a dialer would give it

  --json               the answer as JSON
  --config FILE        settings that name the database, the number plan and the key of the digests
  --help               this text

Exit status: 0 done, or the number is cleared; 1 not done, or the number is not cleared; 64 wrong usage; 78 wrong settings.
`;

/** Runs the command with the arguments after its name; the exit status. */
export async function screening(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === '--help' || action === '-h' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    switch (action) {
      case 'import':
        return await importList(rest);
      case 'remove':
        return await removeList(rest);
      case 'list':
        return await tellLists(rest);
      case 'check':
        return await checkNumber(rest);
    }
  } catch (thrown) {
    if (!(thrown instanceof WrongUsage)) {
      process.stderr.write(`brusio screening: ${describeError(thrown)}\n`);
      return 1;
    }
    process.stderr.write(`brusio screening: ${thrown.message}\n\n${USAGE}`);
    return EX_USAGE;
  }
  process.stderr.write(
    `brusio screening: ${action === undefined ? 'say what to do' : `no action "${action}"`}\n\n${USAGE}`,
  );
  return EX_USAGE;
}
