/**
 * One direction of a call: the packets of one peer become packets of our stream to the other. The payload type is
 * translated by codec name, since each leg has numbers of its own; a codec the other peer did not agree to is dropped,
 * for there is no transcoding.
 */
import { CODECS } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { MediaLeg } from './media-leg.ts';
import { patchPayloadType, payloadTypeOf } from './rtp-packet.ts';

/** What becomes of a payload type: its number on the other leg, and the timestamp's ticks in an octet (0: unknown). */
export type PayloadRoute = { readonly payloadType: number; readonly ticksPerOctet: number };

/** By received payload type, 128 places; undefined where nothing is to pass. */
export function payloadRoutes(from: RemoteMedia, to: RemoteMedia): readonly (PayloadRoute | undefined)[] {
  const routes: (PayloadRoute | undefined)[] = new Array(128).fill(undefined);
  for (const { name, payloadType } of from.codecs) {
    const match = to.codecs.find((codec) => codec.name === name);
    const { frameTicks, frameOctets } = CODECS[name];
    if (match) routes[payloadType] = { payloadType: match.payloadType, ticksPerOctet: frameTicks / frameOctets };
  }
  if (from.telephoneEventPayloadType !== null && to.telephoneEventPayloadType !== null) {
    routes[from.telephoneEventPayloadType] = { payloadType: to.telephoneEventPayloadType, ticksPerOctet: 0 };
  }
  return routes;
}

/** One direction. */
export class Relay {
  /** Packets of a payload type that the other leg has no number for. */
  packetsUnroutable = 0;
  /** Packets that came after their place in the stream was gone. */
  packetsLate = 0;
  readonly #from: MediaLeg;
  readonly #to: MediaLeg;
  #routes: readonly (PayloadRoute | undefined)[] = [];

  constructor(from: MediaLeg, to: MediaLeg) {
    this.#from = from;
    this.#to = to;
  }

  /** After either peer's description changed. */
  reroute(): void {
    const from = this.#from.media;
    const to = this.#to.media;
    this.#routes = from !== null && to !== null ? payloadRoutes(from, to) : [];
  }

  /** Passes a packet of `payloadOctets` that arrived at `at` on; the packet is patched. False when it was not sent. */
  forward(packet: Buffer, payloadOctets: number, at: MonotonicMs): boolean {
    if (!this.#to.listens) return false;
    const route = this.#routes[payloadTypeOf(packet)];
    if (route === undefined) {
      this.packetsUnroutable += 1;
      return false;
    }
    if (!this.#to.stream.stampRelayed(packet, payloadOctets * route.ticksPerOctet, at)) {
      this.packetsLate += 1;
      return false;
    }
    patchPayloadType(packet, route.payloadType);
    this.#to.send(packet);
    return true;
  }
}
