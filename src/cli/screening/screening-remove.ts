/** `brusio screening remove`. */
import { toIso } from '../../base/clock.ts';
import { openScreening, screeningArguments, WrongUsage } from './screening-arguments.ts';
import { publicList } from './screening-list.ts';

const REFERENCE = /^[^\p{Cc}]{1,128}$/u;

/** Runs it; the exit status. */
export async function removeList(argv: readonly string[]): Promise<number> {
  const given = screeningArguments(argv, ['controller', 'confirm', 'reference']);
  if (typeof given === 'number') return given;
  const { controller, confirm, reference, asJson, positionals } = given;
  if (positionals.length > 0 || controller === null) throw new WrongUsage('remove takes --controller');
  if (confirm !== controller)
    throw new WrongUsage(
      `remove needs --confirm with the controller's name once more: no number is cleared for it then`,
    );
  if (reference !== null && !REFERENCE.test(reference)) throw new WrongUsage('--reference has 1 to 128 characters');
  const removed = await (await openScreening(given.settings)).remove(controller, reference);
  if (removed === null) {
    process.stderr.write(`brusio screening: "${controller}" has no list\n`);
    return 1;
  }
  const { numbers, checkedAt, fileName, list } = removed;
  const text =
    `${numbers.toLocaleString('en')} numbers checked ${toIso(checkedAt)} are not cleared for "${controller}" any more\n` +
    `  ${fileName ?? 'without a file name'}, list ${list}\n`;
  process.stdout.write(asJson ? `${JSON.stringify(publicList(removed), null, 2)}\n` : text);
  return 0;
}
