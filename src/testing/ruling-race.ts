/** Calls raced by several processes on one database: what each is told to do, and what it tells of what it saw. */
import type { CountedAs } from '../ledger/ledger-entry.ts';

/** One process's part. Plain data, JSON. */
export type RacePart = {
  readonly url: string;
  readonly process: string;
  readonly seed: number;
  readonly calls: number;
  /** Calls that one process has under way at a time. */
  readonly callsAtOnce: number;
  readonly campaigns: readonly string[];
  readonly numbers: number;
  /** What the wall's clock shows when the race begins. */
  readonly startAt: number;
};

/** To a process: begin, and later put the wall's clock forward by so much. */
export type RaceSignal = { readonly type: 'go' } | { readonly type: 'forward'; readonly ms: number };

/** From a process: it has opened its store; so many calls more are over; all are. */
export type RaceNews =
  | { readonly type: 'ready' }
  | { readonly type: 'over' }
  | { readonly type: 'done'; readonly report: RaceReport };

/** Who all calls are made for. */
export const RACE_CONTROLLER = 'race';

/** What a process saw, with the machine's monotonic time, which is one for all processes. */
export type RaceEvent = { readonly ms: number; readonly digest: string; readonly callId: string } & (
  | { readonly saw: 'asked' | 'allowed' | 'releasing' }
  | { readonly saw: 'refused'; readonly rule: string }
  /** A call's class became true, before anything of it was committed. */
  | {
      readonly saw: 'class';
      readonly campaign: string;
      readonly day: string;
      readonly from: CountedAs | null;
      readonly to: CountedAs;
    }
  /** Its lock is committed, or it was lifted. */
  | { readonly saw: 'locked' | 'lifted' }
);

/** What a process tells at its end. */
export type RaceReport = {
  readonly events: readonly RaceEvent[];
  /** From the question to the ruling, ms, each. */
  readonly rulingMs: readonly number[];
};
