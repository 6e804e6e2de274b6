/**
 * Free agents of a mod_callcenter queue, counted from `callcenter_config queue list agents <queue>` by the rules with
 * which the module itself picks one (`agents_callback` in mod_callcenter.c): available, waiting, past the time for
 * wrapping up and past the delay after a call that was not taken, and on no call outside of the queue.
 */

/** Agents in a listing; a queue of more is counted as this many. */
const AGENTS_MAX = 10_000;

const AVAILABLE = ['Available', 'Available (On Demand)'];

/**
 * @param listing the table, its columns named in the first line and parted by `|`
 * @param pbxEpochS the PBX's time in whole seconds since 1970
 * @returns how many could take a call now; null when this is no such table
 */
export function countFreeAgents(listing: string, pbxEpochS: number): number | null {
  const [head = '', ...lines] = listing.split('\n', AGENTS_MAX + 2);
  if (head.trim() === '+OK') return 0;
  const columns = head.trim().split('|');
  // Counted from the end: the dial string of an agent, which stands before all of these, may have `|` in it.
  const at = (column: string) => columns.indexOf(column) - columns.length;
  if (!columns.includes('status') || !columns.includes('state')) return null;
  let free = 0;
  for (const line of lines) {
    const cells = line.trim().split('|');
    if (cells.length < columns.length) continue;
    const number = (column: string) => Number.parseInt(cells.at(at(column)) ?? '0', 10) || 0;
    const isFree =
      AVAILABLE.includes(cells.at(at('status')) ?? '') &&
      cells.at(at('state')) === 'Waiting' &&
      number('last_bridge_end') < pbxEpochS - number('wrap_up_time') &&
      number('ready_time') <= pbxEpochS &&
      number('external_calls_count') === 0;
    if (isFree) free += 1;
  }
  return free;
}
