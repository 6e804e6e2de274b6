/** Both directions of a call, and the ways that their packets take past them. */
import type { MonotonicMs } from '../base/clock.ts';
import type { MediaCallParts } from './call-parts.ts';
import type { CrossFade } from './fade.ts';
import type { MediaLeg } from './media-leg.ts';
import type { Bypass } from './media-worker-udp.ts';
import { Relay } from './relay.ts';
import { RelayBypass } from './relay-bypass.ts';

/** What the directions are made of. */
export type CallRelaysParts = {
  readonly callee: MediaLeg;
  readonly dialer: MediaLeg;
  /** Of the ambience into the dialer's audio. */
  readonly fade: CrossFade;
  readonly bypass: MediaCallParts['bypass'];
  /** Packets of the dialer's went to the callee without being told, the last at `at`. */
  readonly onPassedToCallee: (at: MonotonicMs) => void;
};

/** The two of one call. */
export class CallRelays {
  readonly toDialer: Relay;
  readonly toCallee: Relay;

  constructor({ callee, dialer, fade, bypass, onPassedToCallee }: CallRelaysParts) {
    this.toDialer = relay(callee, dialer, null, bypass.toDialer, () => {});
    this.toCallee = relay(dialer, callee, fade, bypass.toCallee, onPassedToCallee);
  }

  /** After either peer's description changed. */
  reroute(): void {
    this.toCallee.reroute();
    this.toDialer.reroute();
  }

  /** Brings both legs up to date with what passed untold. */
  settle(): void {
    this.toCallee.settle();
    this.toDialer.settle();
  }

  /** The same, and every packet is told again: what is true of the call is about to change. */
  tell(): void {
    this.toCallee.tell();
    this.toDialer.tell();
  }
}

function relay(
  from: MediaLeg,
  to: MediaLeg,
  fade: CrossFade | null,
  way: Bypass | null,
  onPassed: (at: MonotonicMs) => void,
): Relay {
  return new Relay(from, to, fade, way === null ? null : new RelayBypass(way, from, to, onPassed));
}
