import type { Random } from '../../base/random.ts';
import type { SrvRecord } from './name-server.ts';

/**
 * The order in which the servers of an SRV answer are tried (RFC 2782): by priority, and within one priority drawn one
 * after the other with a chance as great as their weight. Those of weight 0 have hardly any, but some, chance to be first.
 */
export function inSrvOrder(records: readonly SrvRecord[], random: Random): readonly SrvRecord[] {
  const ordered: SrvRecord[] = [];
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  for (const priority of priorities) {
    // Weight 0 first: only a draw of exactly 0 takes one of them while others are left.
    const left = records.filter((one) => one.priority === priority).sort((a, b) => a.weight - b.weight);
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const drawn = Math.floor(random() * (total + 1));
      let sum = 0;
      const index = left.findIndex(({ weight }) => {
        sum += weight;
        return sum >= drawn;
      });
      ordered.push(...left.splice(Math.max(0, index), 1));
    }
  }
  return ordered;
}
