import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';

/** Addresses behind the names that applications called: a carrier named by its domain may send requests from them. */
export type CalledAddresses = { add(address: string): void; has(address: string): boolean };

/** How long after the last call: no call lasts longer without a request either way. */
export const CALLED_MS = 6 * 3_600_000;

/** Addresses remembered; over it the one called first is forgotten. */
export const CALLED_MAX = 1_024;

/** Nobody has been called yet. */
export function createCalledAddresses(clock: Clock): CalledAddresses {
  const untilMs = new Map<string, MonotonicMs>();
  return {
    add(address) {
      // Removed first, so that the map stays in the order of the last call.
      untilMs.delete(address);
      if (untilMs.size >= CALLED_MAX) {
        const oldest = untilMs.keys().next();
        if (!oldest.done) untilMs.delete(oldest.value);
      }
      untilMs.set(address, addMs(clock.monotonicMs(), CALLED_MS));
    },
    has: (address) => untilMs.size > 0 && (untilMs.get(address) ?? 0) > clock.monotonicMs(),
  };
}
