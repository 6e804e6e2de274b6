/**
 * Keys that the callee presses, as telephone-events (RFC 4733 §2.3):
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     event     |E|R| volume    |          duration             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * All packets of one key press share their timestamp (§2.2), so that one that is lost, or the end that is sent three times,
 * makes neither none nor three of it. A key counts from its first packet on: whoever presses it need not let go.
 */
import { payloadOffset, timestampOf } from '../rtp-packet.ts';

/** DTMF digits by event code (RFC 4733 §3.2). */
const DIGITS = '0123456789*#ABCD';

const EVENT_OCTETS = 4;

/** The keys of one call. */
export class KeyPresses {
  /** Of the newest event; -1: none yet. */
  #timestamp = -1;

  /** The digit whose press begins with this packet of `octets` payload; null: it goes on, or is no digit. */
  take(packet: Buffer, octets: number): string | null {
    const timestamp = timestampOf(packet);
    if (octets < EVENT_OCTETS || timestamp === this.#timestamp) return null;
    const code = packet[payloadOffset(packet)] as number;
    if (code >= DIGITS.length) return null;
    this.#timestamp = timestamp;
    return DIGITS[code] as string;
  }
}
