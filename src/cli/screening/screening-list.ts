/** `brusio screening list`. */
import { systemClock, toIso } from '../../base/clock.ts';
import { readNumberKeys } from '../../config/number-key.ts';
import { numberKeyPath } from '../../config/privacy-settings.ts';
import type { ScreeningList } from '../../guard/screening-port.ts';
import { openScreening, screeningArguments, WrongUsage } from './screening-arguments.ts';

/** Runs it; the exit status. */
export async function tellLists(argv: readonly string[]): Promise<number> {
  const given = screeningArguments(argv, []);
  if (typeof given === 'number') return given;
  if (given.positionals.length > 0) throw new WrongUsage('list takes no arguments');
  const lists = await (await openScreening(given.settings)).lists();
  if (given.asJson) {
    process.stdout.write(`${JSON.stringify(lists.map(publicList), null, 2)}\n`);
    return 0;
  }
  if (lists.length === 0) process.stdout.write('no list has been imported\n');
  const now = systemClock.now().wallMs;
  const keys = new Set(readNumberKeys(numberKeyPath(given.settings)).map(({ id }) => id));
  for (const list of lists) {
    const { controller, numbers, checkedAt, expiresAt, fileName, list: id, keyId } = list;
    const until = `${expiresAt < now ? 'NOT to be used since' : 'to be used until'} ${toIso(expiresAt)}`;
    const key = keys.has(keyId) ? '' : `, its key ${keyId} IS GONE: import it again`;
    process.stdout.write(
      `${controller}: ${numbers.toLocaleString('en')} numbers, checked ${toIso(checkedAt)}, ${until}${key}\n` +
        `  ${fileName ?? 'without a file name'}, list ${id}\n`,
    );
  }
  return 0;
}

/** With times as people and programs read them. */
export function publicList(list: ScreeningList) {
  const { checkedAt, expiresAt, importedAt, ...rest } = list;
  return { ...rest, checkedAt: toIso(checkedAt), expiresAt: toIso(expiresAt), importedAt: toIso(importedAt) };
}
