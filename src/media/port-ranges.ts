/** How the RTP ports are divided among the media threads. */

/** First and last UDP port, inclusive. */
export type PortRange = { readonly portMin: number; readonly portMax: number };

/** Ports of one call: a pair for each leg. */
const PORTS_A_CALL = 4;

/**
 * One part for each of `parts`, of equal size and beginning on an even port. Fewer parts when not every one of them would
 * carry a call; one part is the whole range, however small.
 */
export function portRanges({ portMin, portMax }: PortRange, parts: number): readonly PortRange[] {
  const first = portMin + (portMin % 2);
  const ports = portMax - first + 1;
  const count = Math.max(1, Math.min(parts, Math.floor(ports / PORTS_A_CALL)));
  if (count === 1) return [{ portMin, portMax }];
  const size = 2 * Math.floor(ports / 2 / count);
  return Array.from({ length: count }, (_, part) => ({
    portMin: first + part * size,
    portMax: first + (part + 1) * size - 1,
  }));
}
