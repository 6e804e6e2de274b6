/** Milliseconds of processor that this process has used: what others do on the machine does not count. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Below this there is nothing to compare: at these sizes a quadratic cost is a hundred times as much. */
const FLOOR_MS = 20;

/**
 * How much more processor `work` takes with four times as much to do: 4 when its cost is linear, 16 when it is quadratic,
 * 0 when it is too little to say. The least of several runs is taken: now and then one pays for a garbage collection.
 */
export function growthOfFourfold(make: (size: number) => () => void, size: number): number {
  const least = (work: () => void) => {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 6 && best > FLOOR_MS / 8; run++) {
      const startMs = processorMs();
      work();
      best = Math.min(best, processorMs() - startMs);
    }
    return best;
  };
  const largeMs = least(make(size * 4));
  return largeMs < FLOOR_MS ? 0 : largeMs / Math.max(least(make(size)), FLOOR_MS / 64);
}
