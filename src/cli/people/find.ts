/** `brusio find`: the calls to a number, also after the number was dropped. */
import { FOUND_CALLS_MAX } from '../../guard/privacy-port.ts';
import { isTelephoneNumber, toE164 } from '../../policy/telephone-number.ts';
import { findByDigest } from '../../store/privacy/orders.ts';
import { WrongUsage, withPeopleArguments } from './people-arguments.ts';
import { settingsNumbers, withDatabase } from './settings-database.ts';

const USAGE = `usage: brusio find --number NUMBER [--json] [--config FILE]

Lists the calls to a number, the latest first, at most ${FOUND_CALLS_MAX}: by its digest, so that calls whose number was dropped are found
too by whoever has the key file and is given the number.

  --number NUMBER   however it is written: +393331234567, 00393331234567, 3331234567
  --json            whole outcomes, one JSON object a line

Exit status: 0; 1 not done; 64 wrong usage; 78 wrong settings.
`;

/** Runs the command with the arguments after its name; the exit status. */
export function find(argv: readonly string[]): Promise<number> {
  const options = { number: { type: 'string' }, json: { type: 'boolean' } } as const;
  return withPeopleArguments(argv, USAGE, options, async ({ values: { number, json }, positionals, settings }) => {
    if (positionals.length > 0) throw new WrongUsage('a number is given as --number NUMBER');
    if (typeof number !== 'string' || !isTelephoneNumber(number))
      throw new WrongUsage('--number is a telephone number');
    const { digests, plan } = settingsNumbers(settings);
    const calls = await withDatabase(settings, (connection) =>
      findByDigest(connection, digests.all(toE164(number.replaceAll(/\s/g, ''), plan))),
    );
    for (const call of calls) {
      const { callId, times, campaign, network, handling, class: counted } = call;
      const line = [times.invited, callId, campaign, network, handling, counted ?? '-'].join('  ');
      process.stdout.write(`${json === true ? JSON.stringify(call) : line}\n`);
    }
    if (json !== true) process.stdout.write(`${calls.length} calls\n`);
    return 0;
  });
}
