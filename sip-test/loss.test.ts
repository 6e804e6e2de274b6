/**
 * Calls of every kind at once over a bad network: 5 % of all SIP datagrams are lost on either side of Brusio, in both
 * directions, by a seed. The peers are our own, since what each of them did decides what the outcome must be; RTP is not
 * lost and not read. `npm run test:long` makes it a thousand calls (`BRUSIO_LOSS_CALLS`).
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { unreadSocket } from '../bench/load/unread-socket.ts';
import { elapsedMs, systemClock } from '../src/base/clock.ts';
import type { Logger } from '../src/base/log.ts';
import { seededRandom } from '../src/base/random.ts';
import type { CallPlan, CallResult } from '../src/peers/call-plan.ts';
import type { CalleeBehaviour } from '../src/peers/callee-behaviour.ts';
import type { CalleeRecord } from '../src/peers/callee-call.ts';
import { createCarrier } from '../src/peers/carrier.ts';
import { createDialer } from '../src/peers/dialer.ts';
import type { OutcomeRecord } from '../src/policy/outcome-record.ts';
import { metricSum } from './brusio-api.ts';
import { CARRIER, DIALER_ADDRESS, ENGINE, TARGET } from './engine-under-test.ts';
import { silentMedia } from './silent-media.ts';
import { TestBed } from './test-bed.ts';

const CALLS = Number(process.env.BRUSIO_LOSS_CALLS ?? '60');
const CALLS_PER_SECOND = 20;
const LOSS_SHARE = 0.05;
const SEED = Number(process.env.BRUSIO_LOSS_SEED ?? '1');

/** RFC 3261 §17: 64·T1 = 32 s after its last message a transaction is gone. */
const EMPTY_WITHIN_MS = 45_000;

/**
 * A request that is lost twice comes 1.5 s late (Timer E: 0.5 and 1 s). What a peer did this long before the deadline
 * must count; what it did later may have come too late.
 */
const LATE_MS_MAX = 1_600;
const WAIT_LIMIT_MS = 3_000;

/** What is planned for a call, and what must have come of it. */
type Kind = {
  readonly name: string;
  readonly callee: CalleeBehaviour;
  readonly plan: Omit<CallPlan, 'number' | 'callerId'>;
  /** Sentences on what is wrong with an outcome; none means it is right. */
  readonly problems: (seen: Seen) => readonly string[];
};

type Seen = { readonly outcome: OutcomeRecord; readonly dialer: CallResult; readonly callee: CalleeRecord };

const ANSWERS: CalleeBehaviour = { kind: 'answers', ringMs: 200 };
const AGENT = { 'X-Brusio-Agent': '1001;state=connected' };

const KINDS: readonly Kind[] = [
  {
    name: 'no agent',
    callee: ANSWERS,
    plan: {},
    problems: ({ outcome }) =>
      differs(outcome, { network: 'answered', class: 'A', endCause: 'deadline', endedBy: 'guard' }),
  },
  {
    name: 'agent by INFO, dialer hangs up',
    callee: ANSWERS,
    plan: { agent: { by: 'info', afterMs: 100, headers: AGENT }, hangUp: { afterMs: 2_200 } },
    problems: ({ outcome, dialer }) =>
      // Lost three times the INFO comes too late, and the dialer knows it: it got no 200 for it.
      outcome.class === 'A' && dialer.agentAcceptedAtMs === null
        ? differs(outcome, { network: 'answered', handling: 'silent' })
        : differs(outcome, { network: 'answered', class: 'B', handling: 'agent', endedBy: 'dialer' }),
  },
  {
    name: 'agent from the beginning, callee hangs up',
    callee: { ...ANSWERS, hangUpAfterMs: 1_000 },
    plan: { agent: { by: 'invite' }, headers: AGENT },
    problems: ({ outcome }) =>
      differs(outcome, { network: 'answered', class: 'B', handling: 'agent', endedBy: 'callee' }),
  },
  {
    name: 'callee hangs up while it waits',
    callee: { ...ANSWERS, hangUpAfterMs: 800 },
    plan: {},
    problems: ({ outcome, callee }) =>
      outcome.endCause === 'deadline' &&
      (callee.end !== 'callee-hung-up' || isLate(callee.answeredAtMs, callee.endedAtMs))
        ? differs(outcome, { class: 'A' })
        : differs(outcome, { network: 'answered', class: 'A', endCause: 'callee-hung-up', endedBy: 'callee' }),
  },
  {
    name: 'dialer hangs up while the callee waits',
    callee: ANSWERS,
    plan: { hangUp: { afterMs: 500 } },
    problems: ({ outcome, dialer, callee }) =>
      outcome.endCause === 'deadline' && isLate(callee.answeredAtMs, addTo(dialer.answeredAtMs, 500))
        ? differs(outcome, { class: 'A' })
        : differs(outcome, { network: 'answered', class: 'A', endCause: 'dialer-hung-up', endedBy: 'dialer' }),
  },
  {
    name: 'busy',
    callee: { kind: 'refuses', afterMs: 200, status: 486, q850: 17 },
    plan: {},
    problems: ({ outcome, dialer }) => [
      ...differs(outcome, { network: 'busy', class: null, handling: 'none' }),
      ...(outcome.sip.status === 486 && dialer.finalStatus === 486 ? [] : ['486 did not come through']),
    ],
  },
  {
    name: 'dialer cancels',
    callee: { kind: 'never-answers' },
    plan: { cancelAfterMs: 700 },
    problems: ({ outcome, dialer, callee }) => [
      // No 18x is sent twice (RFC 3261 §17.2.1): Brusio need not have heard it ring.
      ...(['no-answer', 'cancelled'].includes(outcome.network) && outcome.class === null
        ? []
        : [`${outcome.network} ${outcome.class}`]),
      ...(dialer.finalStatus === 487 ? [] : [`the dialer got ${dialer.finalStatus}`]),
      ...(callee.end === 'cancelled' ? [] : [`the callee's end is ${callee.end}`]),
    ],
  },
  {
    name: 'CANCEL and 200 cross',
    callee: { kind: 'answers-upon-cancel' },
    plan: { cancelAfterMs: 700 },
    problems: ({ outcome }) =>
      differs(outcome, { network: 'answered', class: 'A', handling: 'silent', endedBy: 'dialer' }),
  },
];

describe(`over a network that loses ${LOSS_SHARE * 100} % of all SIP datagrams`, () => {
  it(`each of ${CALLS} calls has one outcome, the right one, and nothing is left behind`, {
    timeout: 300_000,
  }, async () => {
    const bed = await TestBed.open();
    const rtp = await unreadSocket(CARRIER.address);
    const random = seededRandom(SEED);
    const network = {
      isLost: () => random() < LOSS_SHARE,
      openMedia: silentMedia(rtp.port),
      clock: systemClock,
      log: quiet,
    };
    const callees = new Map<string, CalleeRecord>();
    const carrier = await createCarrier({
      ...CARRIER,
      ...network,
      behaviours: (number) => kindOf(number).callee,
      onEnded: (record) => void callees.set(record.number, record),
    });
    const dialer = await createDialer({ address: DIALER_ADDRESS, port: 5060, server: TARGET, ...network });
    const filesBefore = filesOf(bed);
    try {
      const startMs = systemClock.monotonicMs();
      const calls: Promise<CallResult>[] = [];
      for (let n = 0; n < CALLS; n += 1) {
        await sleep(Math.max(0, startMs + (n * 1_000) / CALLS_PER_SECOND - systemClock.monotonicMs()));
        const number = `+393335${String(n).padStart(6, '0')}`;
        calls.push(dialer.placeCall({ ...kindOf(number).plan, number, callerId: '+390212345678' }));
      }
      const results = await Promise.all(calls);
      const wrong: string[] = [];
      for (const result of results) {
        const kind = kindOf(result.number);
        const at = `${kind.name}, ${result.number}`;
        const outcome = await bed.webhooks.outcome(result.dialerCallId, 40_000).catch(() => null);
        const callee = await endedCallee(callees, result.number);
        if (outcome === null || callee === null) {
          wrong.push(
            `${at}: ${outcome === null ? 'no outcome' : 'the callee never ended'}, statuses ${result.statuses}`,
          );
          continue;
        }
        for (const problem of kind.problems({ outcome, dialer: result, callee }))
          wrong.push(`${at}: ${problem}; the dialer: ${result.problems.join(', ') || 'no problem'}`);
        if (result.end === 'given-up') wrong.push(`${at}: the dialer's leg was left up`);
        if (callee.end === 'never-acknowledged' || callee.end === 'failed')
          wrong.push(`${at}: the callee ${callee.end}`);
        if (bed.webhooks.outcomesOf(result.dialerCallId) !== 1) wrong.push(`${at}: several outcomes`);
      }
      expect(wrong).toEqual([]);
      expect(new Set(bed.webhooks.deliveries.map(({ webhookId }) => webhookId)).size, 'outcomes in all').toBe(CALLS);
      await expectNothingLeft(bed, filesBefore);
    } finally {
      await dialer.stop();
      await carrier.stop();
      await rtp.close();
      const database = join(bed.brusio.dataDir, 'brusio.db');
      await bed.brusio.stop();
      expect(existsSync(database) ? openRows(database) : 0, 'rows of the journal').toBe(0);
      await bed.close();
    }
  });
});

function kindOf(number: string): Kind {
  const kind = KINDS[Number(number.slice(-6)) % KINDS.length];
  if (kind === undefined) throw new Error(`no kind for ${number}`);
  return kind;
}

function differs(outcome: OutcomeRecord, due: Partial<OutcomeRecord>): readonly string[] {
  const seen = outcome as unknown as Record<string, unknown>;
  return Object.entries(due)
    .filter(([name, value]) => seen[name] !== value)
    .map(([name, value]) => `${name} is ${seen[name]}, due ${value} (${outcome.endCause}, ${outcome.waitMs} ms)`);
}

/** Whether what a peer did at a moment may have reached Brusio after the deadline. */
function isLate(answeredAtMs: CalleeRecord['answeredAtMs'], doneAtMs: CalleeRecord['answeredAtMs']): boolean {
  if (answeredAtMs === null || doneAtMs === null) return true;
  return elapsedMs(answeredAtMs, doneAtMs) > WAIT_LIMIT_MS - LATE_MS_MAX;
}

function addTo(atMs: CallResult['answeredAtMs'], durationMs: number): CallResult['answeredAtMs'] {
  return atMs === null ? null : ((atMs + durationMs) as typeof atMs);
}

/** The callee's side may end some retransmissions after the dialer's. */
async function endedCallee(callees: ReadonlyMap<string, CalleeRecord>, number: string): Promise<CalleeRecord | null> {
  const giveUpAtMs = systemClock.monotonicMs() + 40_000;
  while (systemClock.monotonicMs() < giveUpAtMs) {
    const record = callees.get(number);
    if (record !== undefined) return record;
    await sleep(50);
  }
  return null;
}

/** No call, no dialog, no transaction, no timer of the engine's, no port. */
async function expectNothingLeft(bed: TestBed, filesBefore: number): Promise<void> {
  const giveUpAtMs = systemClock.monotonicMs() + EMPTY_WITHIN_MS;
  const held = async () => {
    const metrics = await bed.brusio.api.metrics();
    return {
      calls: metricSum(metrics, /^brusio_calls_live\{/),
      dialogs: metricSum(metrics, /^brusio_sip_engine\{counter="dialogs"\}/),
      transactions: metricSum(metrics, /^brusio_sip_engine\{counter="transactions"\}/),
      contained: metricSum(metrics, /^brusio_sip_engine\{counter="contained"\}/),
      waitingWrites: metricSum(metrics, /^brusio_store_pending_entries/),
    };
  };
  const nothing = { calls: 0, dialogs: 0, transactions: 0, contained: 0, waitingWrites: 0 };
  while (JSON.stringify(await held()) !== JSON.stringify(nothing) && systemClock.monotonicMs() < giveUpAtMs)
    await sleep(500);
  expect(await held(), `left after 64·T1, ${ENGINE} engine`).toEqual(nothing);
  // Ports rest for a while before their sockets are closed; the API's and the webhooks' connections come and go.
  while (filesOf(bed) > filesBefore + 10 && systemClock.monotonicMs() < giveUpAtMs) await sleep(500);
  expect(filesOf(bed) - filesBefore, 'further open files').toBeLessThanOrEqual(10);
}

function filesOf(bed: TestBed): number {
  return readdirSync(`/proc/${bed.brusio.pid()}/fd`).length;
}

/** Of the journal of live calls. */
function openRows(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database
    .prepare('SELECT (SELECT count(*) FROM open_calls) + (SELECT count(*) FROM open_dialogs) AS open')
    .get() as { open: number };
  database.close();
  return row.open;
}

const quiet: Logger = { debug() {}, info() {}, warn() {}, error: console.error, child: () => quiet };
