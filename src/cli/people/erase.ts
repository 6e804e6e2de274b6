/** `brusio erase`: a person's request. */
import { systemClock } from '../../base/clock.ts';
import { erasureOf } from '../../guard/number-desk.ts';
import { isTelephoneNumber } from '../../policy/telephone-number.ts';
import { eraseAndTell } from '../../store/privacy/orders.ts';
import { WrongUsage, withPeopleArguments } from './people-arguments.ts';
import { settingsNumbers, withDatabase } from './settings-database.ts';

const USAGE = `usage: brusio erase --number NUMBER [--controller NAME] [--json] [--config FILE]

Drops a called number wherever it stands in clear or masked: from its calls, from webhooks that were delivered or given up, and from
those that wait, which are still sent. The calls' outcomes, counts, locks and ledger entries stay, under the number's digest. The
ledger notes the erasure. Works beside a running Brusio, and may be repeated.

  --number NUMBER     however it is written: +393331234567, 00393331234567, 3331234567
  --controller NAME   of the calls made for this controller alone
  --json              the figures as JSON

Exit status: 0 done; 1 not done; 75 done, but calls to it are live: run it again when they have ended; 64 wrong usage; 78 wrong settings.
`;

/** Something to be done again later (sysexits.h). */
const EX_TEMPFAIL = 75;

/** The chain of what commands write: Brusio's own is written by itself alone. */
export const COMMAND_CHAIN = 'command';

/** Runs the command with the arguments after its name; the exit status. */
export function erase(argv: readonly string[]): Promise<number> {
  const options = { number: { type: 'string' }, controller: { type: 'string' }, json: { type: 'boolean' } } as const;
  return withPeopleArguments(argv, USAGE, options, async ({ values, positionals, settings }) => {
    const { number, controller = null, json } = values;
    if (positionals.length > 0) throw new WrongUsage('a number is given as --number NUMBER');
    if (typeof number !== 'string' || !isTelephoneNumber(number))
      throw new WrongUsage('--number is a telephone number');
    const { digests, plan } = settingsNumbers(settings);
    const erasure = erasureOf(number, typeof controller === 'string' ? controller : null, digests, plan);
    const erased = await withDatabase(settings, (connection) =>
      eraseAndTell(connection, COMMAND_CHAIN, erasure, systemClock.now().wallMs),
    );
    process.stdout.write(json === true ? `${JSON.stringify(erased)}\n` : told(erased));
    return erased.live > 0 ? EX_TEMPFAIL : 0;
  });
}

function told({ calls, numbers, webhooks, masked, live }: Awaited<ReturnType<typeof eraseAndTell>>): string {
  const lines = [
    `calls to the number that have ended: ${calls}`,
    `numbers dropped: ${numbers}`,
    `webhooks dropped: ${webhooks}; waiting ones that go without the number: ${masked}`,
  ];
  if (live > 0) lines.push(`calls to it that live: ${live}. Run this again when they have ended.`);
  return `${lines.join('\n')}\n`;
}
