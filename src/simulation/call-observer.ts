/** What a simulated call tells of itself, for whoever writes its rows. Nobody need listen. */
import type { WallMs } from '../base/clock.ts';
import type { AgentPromise, Ruling } from '../policy/rules/ruling.ts';

/** One INVITE. */
export type SimulatedInvite = {
  /** Counts the INVITEs of a run, from 1. */
  readonly call: number;
  readonly at: WallMs;
  readonly campaign: string;
  /** Its place in the register of numbers. */
  readonly number: number;
  readonly agent: AgentPromise;
};

/** What happens to a call after it was placed. */
export type Happening =
  /** By the dialer, which lets it ring no longer. */
  | 'given-up'
  | 'busy'
  | 'failed'
  | 'answered'
  /** Their greeting began, or ended: told {@link TOLD_AFTER_MS} after it, and only where the wait counts from it. */
  | 'callee-speaks'
  | 'callee-quiet'
  | 'agent-bridged'
  /** The dialer takes it for a machine and hangs up. */
  | 'machine-dropped'
  | 'callee-hung-up'
  | 'wait-over'
  /** After an agent. */
  | 'dialer-hung-up'
  /** A machine after all, reported after the end. */
  | 'machine-found';

/** Which of them end a call. */
const ENDS: Readonly<Record<Happening, boolean>> = {
  'given-up': true,
  busy: true,
  failed: true,
  answered: false,
  'callee-speaks': false,
  'callee-quiet': false,
  'agent-bridged': false,
  'machine-dropped': true,
  'callee-hung-up': true,
  'wait-over': true,
  'dialer-hung-up': true,
  // It is over by then.
  'machine-found': false,
};

/** Whether a call is over with it. */
export function endsCall(what: Happening): boolean {
  return ENDS[what];
}

/** Told of every call, in the order of time. */
export type CallObserver = {
  ruled(invite: SimulatedInvite, ruling: Ruling): void;
  happened(call: number, at: WallMs, what: Happening): void;
};
