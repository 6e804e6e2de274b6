/**
 * One direction of a call: the packets of one peer become packets of our stream to the other. The payload type is
 * translated by codec name, since each leg has numbers of its own. A-law and µ-law differ by a table (G.711 §3), so that
 * two legs whose re-INVITEs left them with one law each still hear one another. A packet of any other codec that the other
 * peer did not agree to is dropped and counted: no number of the other leg's would say what it is.
 */
import { CODECS, type CodecName, isLaw, LAWS, type Law, type LawName } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CrossFade } from './fade.ts';
import type { MediaLeg } from './media-leg.ts';
import type { RelayBypass } from './relay-bypass.ts';
import { patchPayloadType, payloadOffset, payloadTypeOf, timestampOf } from './rtp-packet.ts';

/** What becomes of a payload type. */
export type PayloadRoute = {
  /** Its number on the other leg. */
  readonly payloadType: number;
  /** The timestamp's ticks in an octet; 0: unknown. */
  readonly ticksPerOctet: number;
  /** The timestamp's clock; 0: that of the audio around it. */
  readonly clockRateHz: number;
  readonly isEvent: boolean;
  /** The octet for each octet, where the law changes; null where it stays. */
  readonly table: Uint8Array | null;
  /** The law in which it leaves; null for any other codec. */
  readonly law: Law | null;
};

/**
 * By received payload type, 128 places; undefined where nothing is to pass. A peer sends under the numbers of our description
 * (RFC 3264 §5.1, §6.1); one that sends under its own, which many do, is understood where that number means nothing else.
 */
export function payloadRoutes(from: RemoteMedia, to: RemoteMedia): readonly (PayloadRoute | undefined)[] {
  const routes: (PayloadRoute | undefined)[] = new Array(128).fill(undefined);
  for (const numbers of from.sendsAs === undefined ? [from] : [from.sendsAs, from]) {
    for (const { name, payloadType } of numbers.codecs) routes[payloadType] ??= audioRoute(name, to);
    for (const [heard, told] of [
      [numbers.telephoneEventPayloadType, to.telephoneEventPayloadType],
      [numbers.telephoneEvent48kPayloadType, to.telephoneEvent48kPayloadType],
    ]) {
      if (typeof heard === 'number' && typeof told === 'number') routes[heard] ??= eventRoute(told);
    }
  }
  return routes;
}

function audioRoute(name: CodecName, to: RemoteMedia): PayloadRoute | undefined {
  const { ticksPerOctet, clockRateHz } = CODECS[name];
  const same = to.codecs.find((codec) => codec.name === name);
  const shape = { ticksPerOctet, clockRateHz, isEvent: false };
  if (same !== undefined) {
    return { payloadType: same.payloadType, ...shape, table: null, law: isLaw(name) ? LAWS[name] : null };
  }
  const law = to.codecs.find((codec) => isLaw(codec.name));
  if (law === undefined || !isLaw(law.name) || !isLaw(name)) return undefined;
  return { payloadType: law.payloadType, ...shape, table: lawTable(name, law.name), law: LAWS[law.name] };
}

/** Events have the clock of the audio beside them, also those of peers that name the wrong one. */
function eventRoute(payloadType: number): PayloadRoute {
  return { payloadType, ticksPerOctet: 0, clockRateHz: 0, isEvent: true, table: null, law: null };
}

const LAW_TABLES = new Map<string, Uint8Array>();

/** Every octet of one law in the other; made once. */
function lawTable(from: LawName, to: LawName): Uint8Array {
  const key = `${from} ${to}`;
  const known = LAW_TABLES.get(key);
  if (known !== undefined) return known;
  const table = LAWS[to].encode(LAWS[from].decode(Uint8Array.from({ length: 256 }, (_, octet) => octet)));
  LAW_TABLES.set(key, table);
  return table;
}

function translate(packet: Buffer, from: number, octets: number, table: Uint8Array): void {
  for (let at = from; at < from + octets; at++) packet[at] = table[packet[at] as number] as number;
}

/** One direction. */
export class Relay {
  /** Packets of a payload type that was never agreed, or of events where the other leg takes none. */
  packetsUnroutable = 0;
  /** Packets that came after their place in the stream was gone. */
  packetsLate = 0;
  readonly #from: MediaLeg;
  readonly #to: MediaLeg;
  readonly #fade: CrossFade | null;
  readonly #bypass: RelayBypass | null;
  #routes: readonly (PayloadRoute | undefined)[] = [];
  /** Of the packet that was forwarded last: as it came, and what became of it. */
  #payloadType = 0;
  #route: PayloadRoute | null = null;

  /** `fade`: what is left of the ambience when this direction takes its place; null where there is none. */
  constructor(from: MediaLeg, to: MediaLeg, fade: CrossFade | null = null, bypass: RelayBypass | null = null) {
    this.#from = from;
    this.#to = to;
    this.#fade = fade;
    this.#bypass = bypass;
  }

  /** Packets that follow evenly on the one that was just forwarded may pass untold. */
  untell(packet: Buffer, payloadOctets: number, at: MonotonicMs): void {
    if (this.#bypass === null || this.#route === null || this.#route.table !== null || this.#fade?.active === true)
      return;
    this.#bypass.open(packet, this.#payloadType, payloadOctets, at);
  }

  /** Brings the legs up to date with what passed untold. */
  settle(): void {
    this.#bypass?.settle();
  }

  /** Brings the legs up to date; every packet is told again. */
  tell(): void {
    this.#bypass?.close();
  }

  /** After either peer's description changed. */
  reroute(): void {
    const from = this.#from.media;
    const to = this.#to.media;
    this.#routes = from !== null && to !== null ? payloadRoutes(from, to) : [];
  }

  /** Passes a packet of `payloadOctets` that arrived at `at` on; the packet is patched. False when it was not sent. */
  forward(packet: Buffer, payloadOctets: number, at: MonotonicMs): boolean {
    const { stream } = this.#to;
    if (!this.#to.listens) {
      stream.hold();
      return false;
    }
    const payloadType = payloadTypeOf(packet);
    const route = this.#routes[payloadType];
    if (route === undefined) {
      this.packetsUnroutable += 1;
      stream.leaveOut(packet);
      return false;
    }
    const samples = payloadOctets * route.ticksPerOctet;
    if (!stream.stampRelayed(packet, samples, at, route.clockRateHz, route.isEvent)) {
      this.packetsLate += 1;
      return false;
    }
    patchPayloadType(packet, route.payloadType);
    if (route.table !== null) translate(packet, payloadOffset(packet), payloadOctets, route.table);
    if (this.#fade?.active === true) {
      this.#fade.mix(packet, payloadOffset(packet), payloadOctets, route.law, timestampOf(packet));
    }
    this.#payloadType = payloadType;
    this.#route = route;
    this.#to.send(packet, at);
    return true;
  }
}
