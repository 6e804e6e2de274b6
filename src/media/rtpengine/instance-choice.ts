/** Which rtpengine a new call is given to: any of those that answer, in the proportion of their weights. */
import type { Random } from '../../base/random.ts';

/** The candidates in the order in which they are to be tried, each once. */
export function inWeightedOrder<T extends { readonly weight: number }>(candidates: readonly T[], random: Random): T[] {
  const rest = [...candidates];
  const order: T[] = [];
  while (rest.length > 0) {
    const total = rest.reduce((sum, { weight }) => sum + weight, 0);
    let drawn = random() * total;
    const at = rest.findIndex(({ weight }) => {
      drawn -= weight;
      return drawn < 0;
    });
    order.push(...rest.splice(at === -1 ? rest.length - 1 : at, 1));
  }
  return order;
}
