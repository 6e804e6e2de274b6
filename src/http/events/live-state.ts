/** What is no event of its own but changes: health, and refusals by rule. Told when it differs from what was told last. */
import type { WallMs } from '../../base/clock.ts';
import type { LiveEvent } from './live-event.ts';

/** Whether calls are taken, and how each part fares. */
export type LiveHealth = {
  readonly acceptingCalls: boolean;
  readonly problem: string | null;
  readonly store: { readonly writable: boolean; readonly problem: string | null };
  readonly media: { readonly problem: string | null };
  readonly carriers: readonly {
    readonly name: string;
    readonly up: boolean;
    readonly reachable: boolean;
    readonly registration: string;
    readonly paused: boolean;
  }[];
  readonly agentSources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly up: boolean;
    readonly problem: string | null;
  }[];
  readonly webhooks: readonly {
    readonly endpoint: string;
    readonly state: 'up' | 'down' | 'gone';
    readonly dead: number;
  }[];
};

/** Counts since the start. */
export type LiveRefusals = {
  /** INVITEs refused, by rule. */
  readonly refused: Readonly<Record<string, number>>;
  /** Breaches of rules of law, refused (enforce) or not (observe). */
  readonly breaches: readonly { readonly rule: string; readonly mode: string; readonly count: number }[];
};

/** Both. */
export type LiveState = { readonly health: LiveHealth; readonly refusals: LiveRefusals };

/** Looks, and says what has changed since it looked last; the first look changes nothing. */
export type LiveStateWatch = { changes(at: WallMs): readonly LiveEvent[] };

/** @param read the state at this moment */
export function watchLiveState(read: () => LiveState): LiveStateWatch {
  let health: string | null = null;
  let refusals: string | null = null;
  return {
    changes(at) {
      const now = read();
      const [healthNow, refusalsNow] = [JSON.stringify(now.health), JSON.stringify(now.refusals)];
      const events: LiveEvent[] = [];
      if (health !== null && healthNow !== health) events.push({ type: 'health', at, data: now.health });
      if (refusals !== null && refusalsNow !== refusals) events.push({ type: 'refusals', at, data: now.refusals });
      [health, refusals] = [healthNow, refusalsNow];
      return events;
    },
  };
}
