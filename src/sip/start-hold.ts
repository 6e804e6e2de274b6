import { addMs, type Clock } from '../base/clock.ts';
import type { Counters } from './counters.ts';
import type { Hop } from './transaction/hop.ts';

/** Keeps what arrives before the application is there. */
export type StartHold = {
  /** Takes one message, as from the transport. */
  receive(octets: Buffer, source: Hop): void;
  /** The application takes INVITEs from now on: what was kept goes in bit by bit, in its order. Further calls change nothing. */
  release(): void;
};

/** What the hold stands on. */
export type StartHoldOptions = {
  readonly clock: Clock;
  readonly counters: Counters;
  /** How long it keeps anything, ms; 0: nothing is ever kept. */
  readonly holdMs: number;
  /** Others' messages go straight in, where they are dropped or refused: they must not fill it. */
  readonly isAllowed: (address: string) => boolean;
  /** Where messages go in the end. */
  readonly receive: (octets: Buffer, source: Hop) => void;
  /** Hears how many were kept, once there was one. */
  readonly onReleased: (messages: number) => void;
};

/** Octets kept: 2,000 INVITEs of 2 KiB, which is 50 a second for 10 s with all their retransmissions. */
export const HELD_OCTETS_MAX = 4 * 1024 * 1024;

/** From one kept INVITE to the next, once the application is there, ms: 25 a second, beside those that come meanwhile. */
export const RELEASE_EVERY_MS = 40;

/**
 * The listeners are open some seconds before the application has its database, its clips and its ports. An INVITE of that time
 * would get 503, and its dialer would go to another trunk, around the guard. So it waits: its peer hears nothing until then, as
 * on a slow network, and sends it again (RFC 3261 §17.1.1.2), which is known as the same later.
 *
 * Kept INVITEs go in one by one: a hundred at once were answered before a cold main thread had come to the first answer, and
 * their callees heard nothing for half a second. What comes meanwhile goes straight in, except a CANCEL, whose INVITE may be here.
 */
export function createStartHold(options: StartHoldOptions): StartHold {
  const { clock, counters, isAllowed, receive, onReleased } = options;
  const held: Held[] = [];
  let heldOctets = 0;
  let state: 'keeping' | 'releasing' | 'open' = options.holdMs > 0 ? 'keeping' : 'open';
  const limit = state === 'open' ? null : clock.setTimer(addMs(clock.monotonicMs(), options.holdMs), release);

  function release(): void {
    if (state !== 'keeping') return;
    limit?.cancel();
    if (held.length > 0) onReleased(held.length);
    state = 'releasing';
    releaseNext();
  }

  /** Up to the next INVITE, and that one. */
  function releaseNext(): void {
    const upTo = held.findIndex(({ octets }) => isA('INVITE', octets));
    const ready = held.splice(0, upTo === -1 ? held.length : upTo + 1);
    for (const { octets, source } of ready) receive(octets, source);
    if (held.length === 0) state = 'open';
    else clock.setTimer(addMs(clock.monotonicMs(), RELEASE_EVERY_MS), releaseNext);
  }

  return {
    receive(octets, source) {
      const waits = state === 'keeping' || (state === 'releasing' && isA('CANCEL', octets));
      if (!waits || !isAllowed(source.address)) receive(octets, source);
      else if (heldOctets + octets.length > HELD_OCTETS_MAX) counters.heldLimit++;
      else {
        heldOctets += octets.length;
        held.push({ octets, source });
      }
    },
    release,
  };
}

type Held = { readonly octets: Buffer; readonly source: Hop };

/** Whether that is a request of this method. */
function isA(method: string, octets: Buffer): boolean {
  return octets.toString('latin1', 0, method.length + 1) === `${method} `;
}
