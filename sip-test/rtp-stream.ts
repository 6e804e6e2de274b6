/** Whether a row of RTP packets is one good stream. Each check answers with sentences; none means all is well. */
import type { RtpArrival, RtpEndpoint } from './rtp-endpoint.ts';
import { heldUpMs } from './story.ts';
import { FRAME_OCTETS, type Sound, soundOf } from './tone.ts';

/**
 * The longest wait for a packet that passes. The promise is 60 ms and is measured elsewhere, with the kernel's clock on a
 * quiet machine; here the receiver itself waits for a CPU, and that nothing is lost is what sequence and timestamp say.
 */
const GAP_MS_MAX = 500;

/** Brusio leaves frames out, and says so by timestamp and marker, only after a stall as long as this (`src/media/pacer.ts`). */
const STALL_MS_MIN = 60;

/** The RTP clock of G.711 runs at 8 kHz. */
const FRAME_TICKS_A_MS = 8;

/** A splice (marker bit) may move the timestamp by up to this many samples: 200 ms at 8 kHz. */
const SPLICE_TICKS_MAX = 1_600;

/** One SSRC, sequence +1, timestamp +160 (more only at a marker, or after a stall of the sender's), and no long gap in arrival. */
export function streamProblems(packets: readonly RtpArrival[]): readonly string[] {
  const problems: string[] = [];
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (before === undefined) continue;
    const at = `packet ${index} (sequence ${packet.sequence})`;
    if (packet.ssrc !== before.ssrc) problems.push(`${at}: SSRC ${before.ssrc} became ${packet.ssrc}`);
    const step = (packet.sequence - before.sequence) & 0xffff;
    if (step !== 1) problems.push(`${at}: sequence moved by ${step}`);
    const ticks = (packet.timestamp - before.timestamp) >>> 0;
    const gapMs = packet.atMs - before.atMs;
    const stalled =
      gapMs > STALL_MS_MIN &&
      ticks > FRAME_OCTETS &&
      ticks % FRAME_OCTETS === 0 &&
      ticks / FRAME_TICKS_A_MS <= gapMs + STALL_MS_MIN;
    if (!stalled && (packet.marker ? ticks === 0 || ticks > SPLICE_TICKS_MAX : ticks !== FRAME_OCTETS))
      problems.push(
        `${at}: timestamp moved by ${ticks}${packet.marker ? ' at a marker' : ''}, ${gapMs.toFixed(0)} ms after`,
      );
    if (gapMs > GAP_MS_MAX + heldUpMs()) problems.push(`${at}: came ${gapMs.toFixed(1)} ms after the one before`);
  }
  return problems;
}

/** The packets that arrived from `fromMs` on and before `toMs`. */
export function between(packets: readonly RtpArrival[], fromMs: number, toMs: number): readonly RtpArrival[] {
  return packets.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
}

/** The sounds of some packets, each kind once, in the order in which they were first heard. */
export function soundsOf(packets: readonly RtpArrival[]): readonly Sound[] {
  return [...new Set(packets.map(({ payload }) => soundOf(payload)))];
}

/** A row of packets as runs of one kind each: whatever their times, `agent` after `other` is `['other', 'agent']`. */
export function runsOf<Kind>(packets: readonly RtpArrival[], kindOf: (packet: RtpArrival) => Kind): readonly Kind[] {
  return packets.map(kindOf).filter((kind, index, kinds) => index === 0 || kind !== kinds[index - 1]);
}

/** The runs of sounds. */
export function soundRuns(packets: readonly RtpArrival[]): readonly Sound[] {
  return runsOf(packets, ({ payload }) => soundOf(payload));
}

/** Silence of a peer's for so long is filled with ambience (`src/media/media-call.ts`); less two frames of jitter. */
const FILLED_PAUSE_MS = 160;

/**
 * What was heard of a talker. Where this process itself kept the talker silent for so long that Brusio filled in, as it
 * must, the ambience is left out.
 */
export function heardOf(talker: RtpEndpoint, packets: readonly RtpArrival[]): readonly RtpArrival[] {
  if (talker.longestPauseMs < FILLED_PAUSE_MS) return packets;
  return packets.filter(({ payload }) => soundOf(payload) !== 'other');
}

/** How long a stream of Brusio's own lasted by its own timestamps, which no waiting of ours changes; 8 kHz. */
export function lengthMs(packets: readonly RtpArrival[]): number {
  const [first, last] = [packets[0], packets.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return (((last.timestamp - first.timestamp) >>> 0) + FRAME_OCTETS) / FRAME_TICKS_A_MS;
}

/** How many different payloads there are: a hum of one frame has one, a room has as many as packets. */
export function distinctPayloads(packets: readonly RtpArrival[]): number {
  return new Set(packets.map(({ payload }) => payload.toString('latin1'))).size;
}
