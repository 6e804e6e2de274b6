/** Whether what came on a leg's ports is its peer's, and what was dropped because it was not. */
import type { MonotonicMs } from '../base/clock.ts';
import type { MediaLeg } from './media-leg.ts';
import { rtpPayloadOctets } from './rtp-packet.ts';

/** The doorkeeper of one call's two legs. */
export class PeerPackets {
  /** From an address that is not the peer's. */
  foreign = 0;
  /** Neither RTP nor RTCP. */
  malformed = 0;

  /** Octets of payload, or -1 when the datagram is not an RTP packet of this peer. */
  accepted(leg: MediaLeg, packet: Buffer, address: string, port: number, now: MonotonicMs): number {
    const payloadOctets = rtpPayloadOctets(packet);
    if (payloadOctets < 0) {
      this.malformed += 1;
    } else if (!leg.accept(packet, address, port, now)) {
      this.foreign += 1;
      return -1;
    }
    return payloadOctets;
  }

  /** T.38: what the peer sends goes to the other one when they are `connected`, which must have agreed to fax as well. */
  passFax(
    from: MediaLeg,
    to: MediaLeg,
    datagram: Buffer,
    address: string,
    port: number,
    now: MonotonicMs,
    connected: boolean,
  ): void {
    if (!from.acceptFax(address, port, now)) this.foreign += 1;
    else if (connected && to.isFax) to.sendFax(datagram);
  }

  /** A datagram of RTCP. */
  takeRtcp(leg: MediaLeg, datagram: Buffer, address: string, port: number, now: MonotonicMs): void {
    if (!leg.acceptRtcp(address, port)) this.foreign += 1;
    else if (!leg.takeRtcp(datagram, now)) this.malformed += 1;
  }
}
