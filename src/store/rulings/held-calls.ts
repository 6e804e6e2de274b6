/**
 * The guarded calls of this process that have room, as far as was heard of them. Both sides of the ruling thread keep them:
 * the main one for a thread that died, the thread for a connection that was lost, since either takes the table with it.
 */
import type { WallMs } from '../../base/clock.ts';
import type { CallAtRisk, RulingRequest } from '../../guard/ruling-port.ts';
import type { AgentPromise } from '../../policy/rules/ruling.ts';

/** A call that was placed and is not over, or whose outcome is not committed yet. Plain data. */
export type HeldCall = {
  readonly callId: string;
  /** Of the INVITE. */
  readonly at: WallMs;
  readonly lockScope: string;
  readonly controller: string;
  readonly campaign: string;
  /** Of the called number, under the newest key. */
  readonly digest: string;
  readonly ringLimitMs: number;
  /** Stamp of the rules that it was placed under, whose days it is counted on. */
  readonly policy: string;
  /** As it is now: `none` once the promised one has left. */
  readonly agent: AgentPromise;
  readonly answeredAt: WallMs | null;
  /** Its class is in the counts and stays there. */
  readonly counted: boolean;
};

/** What is told of a call after it was placed. */
export type CallNotice =
  | { readonly type: 'answered'; readonly callId: string; readonly at: WallMs }
  | { readonly type: 'counted'; readonly callId: string }
  /** `id`: of who waits for it. */
  | { readonly type: 'uncounted'; readonly callId: string; readonly id: number }
  | { readonly type: 'released'; readonly callId: string }
  | { readonly type: 'without-agent'; readonly callId: string };

/** See the top of the file. Notices of calls that are not held change nothing. */
export type HeldCalls = {
  hold(call: HeldCall): void;
  heard(notice: CallNotice): void;
  get(callId: string): HeldCall | null;
  all(): readonly HeldCall[];
};

/** The room that a call takes when it is placed. */
export function heldCall({ callId, at, digests, agent, terms, policy }: RulingRequest): HeldCall {
  const { lockScope, controller, campaign, ringLimitMs } = terms;
  return {
    ...{ callId, at, lockScope, controller, campaign, digest: digests[0] ?? '' },
    ...{ ringLimitMs, policy, agent, answeredAt: null, counted: false },
  };
}

/** The room of a call that an earlier process left: it is not placed any more, and nobody knows of its agent. */
export function leftCall({ callId, at, digests, campaign, lockScope, answeredAt, policy }: CallAtRisk): HeldCall {
  return {
    ...{ callId, at, lockScope, controller: lockScope, campaign, digest: digests[0] ?? '' },
    ...{ ringLimitMs: 0, policy, agent: 'none', answeredAt, counted: false },
  };
}

/** These calls, and those that come. */
export function createHeldCalls(left: readonly HeldCall[] = []): HeldCalls {
  const calls = new Map(left.map((call) => [call.callId, call]));

  return {
    hold: (call) => void calls.set(call.callId, call),
    heard(notice) {
      const call = calls.get(notice.callId);
      if (call === undefined) return;
      if (notice.type === 'released') calls.delete(notice.callId);
      else calls.set(notice.callId, { ...call, ...changedBy(notice) });
    },
    get: (callId) => calls.get(callId) ?? null,
    all: () => [...calls.values()],
  };
}

function changedBy(notice: Exclude<CallNotice, { type: 'released' }>): Partial<HeldCall> {
  if (notice.type === 'answered') return { answeredAt: notice.at };
  return notice.type === 'without-agent' ? { agent: 'none' } : { counted: notice.type === 'counted' };
}
