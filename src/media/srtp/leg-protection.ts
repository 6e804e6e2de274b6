/** SRTP at the edge of a leg: everything inside sees plain RTP and RTCP. */
import type { SrtpKeys } from '../../call/srtp.ts';
import { type SrtpDrops, SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

/** Both directions of a leg. */
export class LegProtection {
  #sender: SrtpSender;
  readonly #receiver: SrtpReceiver;

  constructor(keys: SrtpKeys) {
    this.#sender = new SrtpSender(keys.send);
    this.#receiver = new SrtpReceiver(keys.receive);
  }

  /** The keys of a new offer and answer; one that stays keeps its counters (RFC 4568 §7.1.4). */
  agree({ send, receive }: SrtpKeys): void {
    if (!isSame(send, this.#sender.key)) this.#sender = new SrtpSender(send);
    if (!isSame(receive, this.#receiver.key)) this.#receiver.rekey(receive);
  }

  /** What leaves; null when it may not. Good until the next packet. */
  protectRtp(packet: Buffer): Buffer | null {
    return this.#sender.rtp(packet);
  }

  protectRtcp(packet: Buffer): Buffer | null {
    return this.#sender.rtcp(packet);
  }

  /** What has come; null when it is dropped, and counted. */
  unprotectRtp(packet: Buffer): Buffer | null {
    return this.#receiver.rtp(packet);
  }

  unprotectRtcp(packet: Buffer): Buffer | null {
    return this.#receiver.rtcp(packet);
  }

  get drops(): Readonly<SrtpDrops> {
    return this.#receiver.drops;
  }
}

function isSame(one: SrtpKeys['send'], other: SrtpKeys['send']): boolean {
  return one.suite === other.suite && one.master === other.master;
}
