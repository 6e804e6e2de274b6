/** `brusio screening check`. */
import { systemClock, toIso } from '../../base/clock.ts';
import { isTelephoneNumber } from '../../policy/telephone-number.ts';
import { openScreening, screeningArguments, WrongUsage } from './screening-arguments.ts';

/** Runs it; the exit status: 0 only for a number that may be called by the list. */
export async function checkNumber(argv: readonly string[]): Promise<number> {
  const given = screeningArguments(argv, ['controller', 'number']);
  if (typeof given === 'number') return given;
  const { controller, number, asJson, positionals } = given;
  if (positionals.length > 0) throw new WrongUsage('check takes --controller and --number');
  if (controller === null) throw new WrongUsage('check needs --controller');
  if (number === null) throw new WrongUsage('check needs --number');
  if (!isTelephoneNumber(number)) throw new WrongUsage('--number is a telephone number');
  const answer = await (await openScreening(given.settings)).check(controller, number);
  const isUsable = answer !== null && answer.list.expiresAt >= systemClock.now().wallMs;
  if (asJson) {
    const list = answer === null ? null : { list: answer.list.list, checkedAt: toIso(answer.list.checkedAt) };
    process.stdout.write(`${JSON.stringify({ cleared: answer?.cleared ?? false, usable: isUsable, list })}\n`);
  } else if (answer === null) {
    process.stdout.write(`"${controller}" has no list\n`);
  } else {
    const { cleared, list } = answer;
    process.stdout.write(
      `${cleared ? 'cleared' : 'NOT cleared'} by the list of "${controller}" that was checked ${toIso(list.checkedAt)}` +
        `${isUsable ? '' : `, which is NOT to be used since ${toIso(list.expiresAt)}`}\n`,
    );
  }
  return answer?.cleared === true && isUsable ? 0 : 1;
}
