/** What the register's cleared list says of a number: one row by its index, and a search in that row, which stays in the database. */
import type { WallMs } from '../../base/clock.ts';
import type { NumberHistory } from '../../policy/rules/standing.ts';
import { blockHolds, LIST_DIGEST_OCTETS, listKey } from '../../policy/screening/digest-blocks.ts';
import type { Connection } from '../connection.ts';
import { selectBlockOf, selectPlaceOf } from './screening-queries.ts';

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
    const key = Buffer.from(listKey(digest), 'hex');
    const [row] = await connection.all(selectPlaceOf, { controller, key });
    if (row === undefined) return null;
    const { list_id: list, checked_at_ms, place } = row;
    const cleared = place !== null && place > 0 && (isDigest(place) || (await isInBlock(connection, list, key)));
    found = { cleared, checkedAt: checked_at_ms as WallMs, list };
    if (cleared) return found;
  }
  return found;
}

/** Not the end of one digest and the beginning of the next. */
function isDigest(place: number): boolean {
  return place % LIST_DIGEST_OCTETS === 1;
}

/** It may stand behind those two as well. Chance finds such a pair once in 10¹⁵ look-ups. */
async function isInBlock(connection: Connection, list: string, key: Buffer): Promise<boolean> {
  const [block] = await connection.all(selectBlockOf, { list, key });
  return block !== undefined && blockHolds(block.digests, key);
}
