/** What the register's cleared list says of a number: one row by its index, and a search in that row. */
import type { WallMs } from '../../base/clock.ts';
import type { NumberHistory } from '../../policy/rules/standing.ts';
import { blockHolds, listKey } from '../../policy/screening/digest-blocks.ts';
import type { Connection } from '../connection.ts';
import { selectBlockOf } from './screening-queries.ts';

/**
 * @param digests the number's digests (hexadecimal), under every key that a list may have been made with; at least one. They
 * are asked for one by one until one is found: nearly always the first.
 */
export async function lookUpScreening(
  connection: Connection,
  controller: string,
  digests: readonly string[],
): Promise<NumberHistory['screening']> {
  let found: NumberHistory['screening'] = null;
  for (const digest of digests) {
    const key = listKey(digest);
    const [row] = await connection.all(selectBlockOf, { controller, key: Buffer.from(key, 'hex') });
    if (row === undefined) return null;
    const cleared = row.digests !== null && blockHolds(row.digests, key);
    found = { cleared, checkedAt: row.checked_at_ms as WallMs, list: row.list_id };
    if (cleared) return found;
  }
  return found;
}
