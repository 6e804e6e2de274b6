/**
 * The calls in flight of a process that has its database to itself, counted as they come, change and go: with SQLite they need
 * no table. What a group of rulings asks of them costs the same however many there are.
 */
import type { InFlight } from './campaign-view.ts';
import { createHeldCalls, type HeldCall, type HeldCalls } from './held-calls.ts';
import type { NumberInFlight } from './number-view.ts';
import { reservedDays } from './reserved-days.ts';

/** See the top of the file. */
export type CallsInFlight = HeldCalls & {
  /** How many calls of each of these campaigns are in flight, by what they are counted by; without those of `except`. */
  counts(campaigns: readonly string[], except: readonly string[]): InFlight[];
  /** The calls in flight to these numbers. */
  toNumbers(digests: readonly string[]): NumberInFlight[];
};

type Group = { readonly row: Omit<InFlight, 'calls'>; calls: number };

/** These calls, and those that come. */
export function createCallsInFlight(left: readonly HeldCall[] = []): CallsInFlight {
  const held = createHeldCalls(left);
  /** By campaign, then by everything else that calls are counted by. */
  const campaigns = new Map<string, Map<string, Group>>();
  const numbers = new Map<string, Map<string, HeldCall>>();
  for (const call of held.all()) add(call);

  return {
    get: held.get,
    all: held.all,
    hold(call) {
      leave(call.callId);
      held.hold(call);
      add(call);
    },
    heard(notice) {
      leave(notice.callId);
      held.heard(notice);
      const call = held.get(notice.callId);
      if (call !== null) add(call);
    },
    counts: (names, except) => names.flatMap((name) => countsOf(name, except)),
    toNumbers: (digests) => digests.flatMap((digest) => [...(numbers.get(digest)?.values() ?? [])]),
  };

  function add(call: HeldCall): void {
    const row = rowOf(call);
    const groups = campaigns.get(call.campaign) ?? new Map<string, Group>();
    campaigns.set(call.campaign, groups);
    const key = keyOf(row);
    const group = groups.get(key) ?? { row, calls: 0 };
    group.calls++;
    groups.set(key, group);
    const calls = numbers.get(call.digest) ?? new Map<string, HeldCall>();
    calls.set(call.callId, call);
    numbers.set(call.digest, calls);
  }

  function leave(callId: string): void {
    const call = held.get(callId);
    if (call === null) return;
    const groups = campaigns.get(call.campaign);
    const key = keyOf(rowOf(call));
    const group = groups?.get(key);
    if (group !== undefined && --group.calls === 0) groups?.delete(key);
    if (groups?.size === 0) campaigns.delete(call.campaign);
    const calls = numbers.get(call.digest);
    calls?.delete(callId);
    if (calls?.size === 0) numbers.delete(call.digest);
  }

  function countsOf(campaign: string, except: readonly string[]): InFlight[] {
    const own = except.flatMap((callId) => held.get(callId) ?? []).filter((call) => call.campaign === campaign);
    const ownKeys = own.map((call) => keyOf(rowOf(call)));
    return [...(campaigns.get(campaign) ?? [])]
      .map(([key, { row, calls }]) => ({ ...row, calls: calls - ownKeys.filter((one) => one === key).length }))
      .filter(({ calls }) => calls > 0);
  }
}

function rowOf(call: HeldCall): Omit<InFlight, 'calls'> {
  const { day, lastDay, answeredDay } = reservedDays(call);
  const { campaign, agent, counted } = call;
  return { campaign, day, last_day: lastDay, answered_day: answeredDay, agent, counted: counted ? 1 : 0 };
}

function keyOf({ day, last_day, answered_day, agent, counted }: Omit<InFlight, 'calls'>): string {
  return `${day} ${last_day} ${answered_day} ${agent} ${counted}`;
}
