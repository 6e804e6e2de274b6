import { addMs, type Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** How bad the network is. Shares are of 1; with a range of delays datagrams overtake each other. */
export type Weather = {
  readonly lossShare: number;
  readonly duplicateShare: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
};

/** A datagram on its way. */
export type Datagram = { readonly octets: Buffer; readonly from: string; readonly to: string };

/** Datagrams between named places, lost, doubled, delayed and reordered as the seed of `random` says. */
export type LossyNetwork = {
  /** Makes a place; `receive` gets what reaches it. Names are `address:port`. */
  attach(place: string, receive: (octets: Buffer, from: string) => void): void;
  /** Sends from one place to another; to an unknown place it is lost. */
  send(from: string, to: string, octets: Buffer): void;
  /** Everything that was sent, in order, whether it arrived or not. */
  readonly sent: readonly Datagram[];
  /** Forgets what was sent: a run of a million datagrams keeps none. */
  forget(): void;
  /** The sun comes out: from now on nothing is lost, doubled or reordered. */
  clear(): void;
};

/** A network in memory; a datagram arrives by a timer of `clock`, never within `send`. */
export function lossyNetwork(clock: Clock, random: Random, weather: Weather): LossyNetwork {
  const places = new Map<string, (octets: Buffer, from: string) => void>();
  const sent: Datagram[] = [];
  let current = weather;

  const deliver = (datagram: Datagram) => {
    const delayMs = current.delayMsMin + random() * (current.delayMsMax - current.delayMsMin);
    clock.setTimer(addMs(clock.monotonicMs(), delayMs), () => {
      places.get(datagram.to)?.(Buffer.from(datagram.octets), datagram.from);
    });
  };

  return {
    attach: (place, receive) => void places.set(place, receive),
    send(from, to, octets) {
      const datagram = { octets: Buffer.from(octets), from, to };
      sent.push(datagram);
      if (random() < current.lossShare) return;
      deliver(datagram);
      if (random() < current.duplicateShare) deliver(datagram);
    },
    sent,
    forget() {
      sent.length = 0;
    },
    clear() {
      current = { lossShare: 0, duplicateShare: 0, delayMsMin: weather.delayMsMin, delayMsMax: weather.delayMsMin };
    },
  };
}
