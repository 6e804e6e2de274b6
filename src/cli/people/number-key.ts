/** `brusio number-key`: the keys under which numbers are digested. */
import { systemClock, toIso, type WallMs } from '../../base/clock.ts';
import { jurisdictionsInUse } from '../../config/campaign-jurisdictions.ts';
import { dropNumberKeys, readNumberKeys, rotateNumberKey } from '../../config/number-key.ts';
import { numberKeyPath } from '../../config/privacy-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { type KeyNeed, latestNumberKey, numberKeyNeeds } from '../../store/privacy/number-keys.ts';
import { WrongUsage, withPeopleArguments } from './people-arguments.ts';
import { withDatabase } from './settings-database.ts';

const USAGE = `usage: brusio number-key list [--config FILE]
       brusio number-key rotate [--config FILE]
       brusio number-key prune [--drop ID] [--config FILE]

The keys under which called numbers are digested (privacy.keyFile), newest first.

  list      each key's id, when it was made, and what still needs it
  rotate    puts a new key first and keeps the others for look-ups. It is used from the next start on; Brusio processes on one
            database are stopped, given copies of the file, and started together
  prune     drops the keys that nothing needs any more: no Brusio, no lock, no opt-out, no list in force, no call of the years for which
            reports are kept
    --drop ID   drops this one whatever needs it: those locks, opt-outs, lists and calls are not found by a number again. Not the one
                that the database was last used with: no Brusio would start

Exit status: 0 done; 1 not done; 64 wrong usage; 78 wrong settings.
`;

const YEAR_MS = 365.25 * 86_400_000;

/** What comes before a key can go that the database was last used with. */
const FIRST = 'Start every Brusio on it with the new key first';

/** Runs the command with the arguments after its name; the exit status. */
export function numberKey(argv: readonly string[]): Promise<number> {
  const options = { drop: { type: 'string' } } as const;
  return withPeopleArguments(argv, USAGE, options, async ({ positionals, values: { drop }, settings }) => {
    const [action, ...rest] = positionals;
    if (rest.length > 0) throw new WrongUsage(`what is "${rest.join(' ')}"?`);
    if (drop !== undefined && action !== 'prune') throw new WrongUsage('--drop goes with prune');
    const path = numberKeyPath(settings);
    switch (action) {
      case 'list':
        return list(path, settings);
      case 'rotate': {
        const [newest, ...older] = rotateNumberKey(path, systemClock.now().wallMs);
        process.stdout.write(
          `new key ${newest.id} in ${path}, used from the next start on, until which a running Brusio keeps to its own; kept for look-ups: ${older.map(({ id }) => id).join(', ')}\n`,
        );
        return 0;
      }
      case 'prune':
        return typeof drop === 'string' ? dropOne(path, drop, settings) : prune(path, settings);
      default:
        throw new WrongUsage(action === undefined ? 'say what to do' : `no action "${action}"`);
    }
  });
}

async function list(path: string, settings: Settings): Promise<number> {
  const keys = readNumberKeys(path);
  const needs = new Map((await needsOf(path, settings)).map((need) => [need.keyId, need]));
  const latest = await withDatabase(settings, latestNumberKey);
  for (const { id, createdAt } of keys) {
    const need = needs.get(id);
    const newest = latest === id ? 'in use' : 'used from the next start on';
    process.stdout.write(`${id}  ${toIso(createdAt)}  ${need === undefined ? newest : told(need)}\n`);
  }
  return 0;
}

async function prune(path: string, settings: Settings): Promise<number> {
  const needs = await needsOf(path, settings);
  const free = needs.filter(isFree);
  for (const need of needs.filter((one) => !isFree(one))) process.stdout.write(`${need.keyId}  kept: ${told(need)}\n`);
  if (free.length > 0) dropNumberKeys(path, new Set(free.map(({ keyId }) => keyId)));
  for (const { keyId } of free) process.stdout.write(`${keyId}  dropped\n`);
  if (needs.length === 0) process.stdout.write('there is one key, and it is in use\n');
  return 0;
}

async function dropOne(path: string, id: string, settings: Settings): Promise<number> {
  const [newest, ...older] = readNumberKeys(path);
  if (newest.id === id) throw new WrongUsage(`${id} is the key in use: rotate first`);
  if (!older.some((key) => key.id === id)) throw new WrongUsage(`${path} has no key ${id}`);
  if ((await withDatabase(settings, latestNumberKey)) === id) {
    process.stderr.write(
      `brusio: ${id} is kept: the database was last used with it, and no Brusio starts without it. ${FIRST}\n`,
    );
    return 1;
  }
  dropNumberKeys(path, new Set([id]));
  process.stdout.write(`${id}  dropped\n`);
  return 0;
}

function needsOf(path: string, settings: Settings): Promise<readonly KeyNeed[]> {
  const now = systemClock.now().wallMs;
  const ids = readNumberKeys(path).map(({ id }) => id);
  // Of several laws the longest.
  const years = Math.max(...jurisdictionsInUse(settings).map((law) => law.statisticsKeptYears.value));
  const reportsSince = (now - years * YEAR_MS) as WallMs;
  return withDatabase(settings, (connection) => numberKeyNeeds(connection, ids, now, reportsSince));
}

function isFree({ use, locks, optOuts, lists, calls }: KeyNeed): boolean {
  return use === 'over' && locks === 0 && optOuts === 0 && lists === 0 && calls === 0;
}

function told(need: KeyNeed): string {
  const { use, locks, optOuts, lists, calls, lastUsedAt } = need;
  const used = lastUsedAt === null ? 'never used with this database' : `last used ${toIso(lastUsedAt)}`;
  if (isFree(need)) return `${used}; nothing needs it ("brusio number-key prune" drops it)`;
  const inUse = {
    latest: `; the database was last used with it. ${FIRST}`,
    maybe: '; a Brusio that was not started again since the rotation may still use it, as far as the next hour tells',
    over: '',
  }[use];
  return `${used}${inUse}; needed by ${locks} locks and guaranteed-agent duties, ${optOuts} opt-outs, ${lists} cleared lists, ${calls} calls`;
}
