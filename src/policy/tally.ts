/** Counts of answered calls, compared as integers, never as rounded ratios. */

/** NA and NB of decision 83/2014 point 2. */
export type Tally = {
  /** Class A. */
  readonly silent: number;
  /** Class B. */
  readonly handled: number;
};

/** A limit on NA / (NA + NB) as a fraction of integers: 3 % is 3 of 100. */
export type RatioLimit = { readonly silent: number; readonly of: number };

/** Whether the ratio is at or under the limit; equality is allowed (decision 83/2014 point 2), and no call is within it. */
export function isWithin({ silent, handled }: Tally, limit: RatioLimit): boolean {
  return silent * limit.of <= limit.silent * (silent + handled);
}

/** How many more silent calls a period could take, were nothing else counted: 0 at the limit and beyond. Integers only. */
export function roomLeft({ silent, handled }: Tally, limit: RatioLimit): number {
  const share = limit.silent * (silent + handled) - limit.of * silent;
  return Math.max(0, Math.floor(share / (limit.of - limit.silent)));
}
