/** What the store knows of a number and of a campaign at the moment of a ruling. Plain data. */
import type { WallMs } from '../../base/clock.ts';
import type { MachineTally } from '../machine-estimate.ts';
import type { OptOutSource } from '../opt-out-source.ts';

/** What is kept of a called number, within the lock's scope and the controller. Found by its digest alone. */
export type NumberHistory = {
  /** Other guarded calls to it that have no committed outcome yet. */
  readonly inFlight: number;
  /** The lock of its latest silent call; null when there is none, or a call to it was bridged since. */
  readonly lock: { readonly until: WallMs; readonly silentAt: WallMs } | null;
  /** The lock that ends latest of those within which it is called with a guaranteed agent alone, and after which as any other. */
  readonly agentLock: { readonly until: WallMs; readonly silentAt: WallMs } | null;
  /** Calls placed (refused ones are none), those in flight included: on this local day, its ISO week, for this campaign. */
  readonly callsOnDay: number;
  readonly callsInWeek: number;
  readonly callsOfCampaign: number;
  /** When its person last said never again, and how that was told; null: they did not, or it was taken back. */
  readonly optOut: { readonly at: WallMs; readonly source: OptOutSource } | null;
  /** What the register's cleared list says; null when no list was imported for the controller. */
  readonly screening: { readonly cleared: boolean; readonly checkedAt: WallMs; readonly list: string } | null;
};

/** How a campaign stands on each local day on which the call might be answered: one, or two around midnight. */
export type CampaignStanding = {
  readonly days: readonly DayStanding[];
};

/** One local day and the window that it belongs to. */
export type DayStanding = {
  /** `YYYY-MM-DD` in the jurisdiction's time zone. */
  readonly day: string;
  /** First and last local day of the window. */
  readonly window: { readonly from: string; readonly to: string };
  readonly dayTally: MachineTally;
  readonly windowTally: MachineTally;
  /** Calls that may yet become silent ones of this day: in flight and not bridged, answered by a machine that may still be taken back. */
  readonly dayAtRisk: AtRisk;
  /** The same of the window, its other days included. */
  readonly windowAtRisk: AtRisk;
};

/** Calls that may become silent ones; all worst cases at once. */
export type AtRisk = {
  /** Not counted yet. */
  readonly uncounted: number;
  /** Counted as class B, whose class may still turn to A by a correction. */
  readonly handled: number;
};
