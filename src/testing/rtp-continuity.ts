/** Whether packets, in the order in which they were sent, are one stream as RFC 3550 §5.1 and RFC 4733 §2.2 know it. */

/** What is looked at of a packet. */
export type StreamPacket = {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly isEvent: boolean;
  /** Ticks it holds; 0 for an event. */
  readonly ticks: number;
};

/**
 * What is wrong, a sentence each; none: all is well.
 *
 * @param numbersLost how many numbers may be missing in all: what the path before us lost
 */
export function continuityProblems(packets: readonly StreamPacket[], numbersLost: number): readonly string[] {
  const problems: string[] = [];
  const [first] = packets;
  if (first === undefined) return problems;
  if (!first.marker) problems.push('the first packet has no marker');
  const placed = packets.map((packet, index) => {
    // Nothing is reordered by more than half of either circle.
    const number = ((packet.sequence - first.sequence) << 16) >> 16;
    return { ...packet, index, number, time: 0 };
  });
  let number = 0;
  let time = 0;
  let before = first;
  for (const packet of placed) {
    number += ((packet.sequence - before.sequence) << 16) >> 16;
    time += (packet.timestamp - before.timestamp) | 0;
    packet.number = number;
    packet.time = time;
    before = packet;
    if (packet.ssrc !== first.ssrc) problems.push(`packet ${packet.index}: SSRC ${packet.ssrc}, not ${first.ssrc}`);
  }
  const inOrder = placed.toSorted((a, b) => a.number - b.number);
  let missing = 0;
  let audio: (typeof placed)[number] | undefined;
  let event: (typeof placed)[number] | undefined;
  for (const [place, packet] of inOrder.entries()) {
    const step = packet.number - (inOrder[place - 1]?.number ?? packet.number - 1);
    const at = `packet ${packet.index}`;
    if (step === 0) problems.push(`${at}: number ${packet.sequence} was sent before`);
    missing += Math.max(0, step - 1);
    // Audio and events are two lines of time: audio may go on while an event's timestamp stands.
    const last = packet.isEvent ? event : audio;
    if (packet.isEvent) event = packet;
    else audio = packet;
    if (last === undefined) continue;
    const ticks = packet.time - last.time;
    if (packet.isEvent && ticks >= 0) continue;
    // A silence or a loss of the source makes the step longer; what is marked as a new beginning overlaps nothing.
    if (ticks <= 0 || (packet.marker && ticks < last.ticks)) problems.push(`${at}: ${ticks} ticks after ${last.ticks}`);
  }
  if (missing > numbersLost) problems.push(`${missing} numbers are missing, and ${numbersLost} were lost`);
  return problems;
}
