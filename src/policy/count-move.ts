/**
 * What a change of a call's count does to its campaign's day and to the lock of the number that was called. A call belongs
 * to the local day of its 2xx, however late it is counted or corrected.
 */
import { type Instant, toIso, type WallMs } from '../base/clock.ts';
import { localTimeOf } from '../base/local-time.ts';
import type { CallFacts } from '../call/call-facts.ts';
import type { CountedAs, LockMove, Moves } from '../ledger/ledger-entry.ts';
import type { Jurisdiction, RecallLockLaw } from './jurisdictions/jurisdiction.ts';
import type { OutcomeRecord } from './outcome-record.ts';
import { lockedUntil } from './recall-lock.ts';

/** An answered call, as far as counting goes. */
export type CountedCall = {
  readonly campaign: string;
  readonly controller: string;
  readonly lockScope: string;
  /** Of the number, under every key that is still looked up by, newest first; at least one. */
  readonly digests: readonly string[];
  /** The 2xx. */
  readonly answeredAt: WallMs;
};

/** When things happened that a lock depends on. */
export type LockMoments = {
  /** Until when nobody was there, should the call be class A: the end of the wait, or of the call where that came first. */
  readonly silentAt: WallMs;
  /** The 2xx, from which a machine's lock counts; null: not answered. */
  readonly answeredAt: WallMs | null;
  /** When an agent was connected, or null. */
  readonly bridgedAt: WallMs | null;
  /** When the count changed. */
  readonly now: WallMs;
};

/**
 * The moves between two counts of one call; both null when it counts as before.
 *
 * @param from as it was counted, null: not yet
 * @param to as it counts from here on; null: not any more, or still not
 */
export function movesOf(
  call: CountedCall,
  from: CountedAs | null,
  to: CountedAs | null,
  moments: LockMoments,
  jurisdiction: Jurisdiction,
): Moves {
  if (isSameCount(from, to)) return { count: null, lock: null };
  const { campaign, controller, answeredAt } = call;
  const { day } = localTimeOf(jurisdiction.timeZone, answeredAt);
  return { count: { campaign, controller, day, from, to }, lock: lockMoveOf(call, from, to, moments, jurisdiction) };
}

/** The moments of a live or ended call: until the end of its wait nobody was there, or until an agent who came too late. */
export function lockMomentsOf(
  { teardownDueAt = null, answeredAt, bridgedAt, endedAt }: CallFacts,
  now: Instant,
): LockMoments {
  const silentAt = (teardownDueAt ?? bridgedAt ?? endedAt ?? now).wallMs;
  const answered = answeredAt?.wallMs ?? null;
  return { silentAt, answeredAt: answered, bridgedAt: bridgedAt?.wallMs ?? null, now: now.wallMs };
}

/** The moments of a recorded call. */
export function lockMomentsIn({ teardown = null, times }: OutcomeRecord, now: WallMs): LockMoments {
  const silentAt = Date.parse(teardown?.dueAt ?? times.bridged ?? times.ended) as WallMs;
  return { silentAt, answeredAt: momentOf(times.answered), bridgedAt: momentOf(times.bridged), now };
}

function momentOf(iso: string | null): WallMs | null {
  return iso === null ? null : (Date.parse(iso) as WallMs);
}

/** What an outcome tells of the lock that its count sets; null: none. */
export function recallLockOf(
  counted: CountedAs | null,
  moments: LockMoments,
  jurisdiction: Jurisdiction,
): OutcomeRecord['recallLock'] {
  const law = lockLawOf(counted, moments, jurisdiction);
  if (law === null) return null;
  // biome-ignore lint/suspicious/noThenProperty: the field's name in the public contract (DESIGN §5); a string, never called.
  return { until: lockEnd(counted, law, moments, jurisdiction), then: thenOf(law) };
}

/** Whether two counts are one. */
export function isSameCount(one: CountedAs | null, other: CountedAs | null): boolean {
  return one?.class === other?.class && one?.as === other?.as;
}

/** What a call that counts so brings its number. A machine that an agent was connected to was found by nobody's detection. */
function lockLawOf(
  counted: CountedAs | null,
  { bridgedAt }: LockMoments,
  { recallLock, machineLock }: Jurisdiction,
): RecallLockLaw | null {
  if (counted?.class === 'A') return recallLock;
  return counted?.as === 'machine' && bridgedAt === null ? machineLock : null;
}

/** Of a machine from the answer on: how long the dialer listened to it, and when it said so, changes nothing. */
function lockEnd(
  counted: CountedAs | null,
  law: RecallLockLaw,
  { silentAt, answeredAt }: LockMoments,
  { timeZone }: Jurisdiction,
): string {
  const from = counted?.class === 'A' ? silentAt : (answeredAt ?? silentAt);
  return toIso(lockedUntil(from, law, timeZone));
}

function thenOf({ after }: RecallLockLaw): NonNullable<OutcomeRecord['recallLock']>['then'] {
  return after === 'free' ? 'free' : 'guaranteed-agent';
}

function lockMoveOf(
  { lockScope: scope, digests, answeredAt }: CountedCall,
  from: CountedAs | null,
  to: CountedAs | null,
  moments: LockMoments,
  jurisdiction: Jurisdiction,
): LockMove | null {
  const { bridgedAt, now } = moments;
  // An agent who came too late leaves the call in class A, and lifts nothing.
  if (to?.as === 'agent') return { scope, digests, move: 'lift', at: toIso(bridgedAt ?? now), until: null };
  const before = lockLawOf(from, moments, jurisdiction);
  const law = lockLawOf(to, moments, jurisdiction);
  if (before === law) return null;
  if (law !== null) {
    const until = lockEnd(to, law, moments, jurisdiction);
    const set = { scope, digests, move: 'set', at: toIso(answeredAt), until } as const;
    return law.after === 'free' ? { ...set, after: 'free' } : set;
  }
  return before !== null ? { scope, digests, move: 'withdraw', at: toIso(now), until: null } : null;
}
