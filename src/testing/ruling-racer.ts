/** One of the processes of a race: places its calls through rulings and a store of its own, as the guard does. */
import { pino } from 'pino';
import { type Clock, systemClock, toIso, type WallMs } from '../base/clock.ts';
import { localTimeOf } from '../base/local-time.ts';
import { seededRandom } from '../base/random.ts';
import { uuidV7 } from '../base/uuid.ts';
import type { CallId } from '../call/call-facts.ts';
import type { RulingRequest } from '../guard/ruling-port.ts';
import { classDraft, decisionDraft } from '../ledger/call-drafts.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { movesOf } from '../policy/count-move.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { AgentPromise, Ruling } from '../policy/rules/ruling.ts';
import { databasePlace } from '../store/database-place.ts';
import { createRulings } from '../store/rulings/rulings.ts';
import { createDatabaseStore } from '../store/store.ts';
import { allModes, lawfulTerms } from './ruling-facts.ts';
import { RACE_CONTROLLER, type RaceEvent, type RaceNews, type RacePart, type RaceSignal } from './ruling-race.ts';
import { sampleRecord } from './stored-calls.ts';

const part = JSON.parse(process.argv[2] ?? '') as RacePart;
const random = seededRandom(part.seed);
const events: RaceEvent[] = [];
const rulingMs: number[] = [];
const corrections: Promise<void>[] = [];

const monotonicMs = systemClock.monotonicMs;
let offsetMs = 0;
const wallMs = () => Math.floor(monotonicMs() + offsetMs) as WallMs;
const clock: Clock = { ...systemClock, now: () => ({ monotonicMs: monotonicMs(), wallMs: wallMs() }) };

const place = databasePlace({ url: part.url, dataDir: '/nowhere', process: part.process });
const log = pino({ level: 'silent' });
const store = createDatabaseStore({ place, log, clock });
const rulings = createRulings({ place, policies: [italy.policy], log, clock, timeoutMs: 60_000 });

/** Milliseconds in the race that a call may ring. */
const RING_LIMIT_MS = 5_000;
const BY_AGENT: CountedAs = { class: 'B', as: 'agent' };
const MACHINE: CountedAs = { class: 'B', as: 'machine' };
const SILENT: CountedAs = { class: 'A', as: 'silent' };
const CHECKED = { 'recall-lock': 'enforce', 'guaranteed-agent': 'enforce', 'abandonment-budget': 'enforce' } as const;

const chance = (share: number) => random() < share;
const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
const pause = () => new Promise((resolve) => setTimeout(resolve, random() * 8));
const dayOf = (at: WallMs) => localTimeOf(italy.timeZone, at).day;

function callOf(): RulingRequest {
  const at = wallMs();
  const number = String(Math.floor(random() * part.numbers));
  const agents: readonly AgentPromise[] = ['none', 'none', 'none', 'reserved', 'connected', 'connected'];
  return {
    ...{ callId: uuidV7(at) as CallId, at, number: `+39333${number}`, callerId: '+390212345678' },
    ...{ digests: [number.padStart(32, '0')], agent: pick(agents), exception: null, policy: italy.policy },
    terms: lawfulTerms({
      ...{ campaign: pick(part.campaigns), controller: RACE_CONTROLLER, lockScope: RACE_CONTROLLER },
      ...{ modes: { ...allModes('off'), ...CHECKED }, ringLimitMs: RING_LIMIT_MS, promisedAgents: 'count' },
    }),
  };
}

async function placeCall(): Promise<void> {
  const request = callOf();
  const { callId, terms } = request;
  const digest = request.digests[0] ?? '';
  const { campaign, controller, lockScope } = terms;
  type Seen = RaceEvent extends infer E ? (E extends RaceEvent ? Omit<E, 'ms' | 'digest' | 'callId'> : never) : never;
  const note = (seen: Seen) => void events.push({ ms: monotonicMs(), digest, callId, ...seen } as RaceEvent);
  const live = { agent: request.agent, answeredAt: null as WallMs | null, counted: null as CountedAs | null };

  const moves = (from: CountedAs | null, to: CountedAs) =>
    movesOf(
      { campaign, controller, lockScope, digests: request.digests, answeredAt: live.answeredAt ?? request.at },
      ...([from, to] as const),
      {
        silentAt: wallMs(),
        answeredAt: live.answeredAt,
        bridgedAt: to.as === 'agent' ? wallMs() : null,
        now: wallMs(),
      },
      italy,
    );
  function becomes(to: CountedAs) {
    const from = live.counted;
    live.counted = to;
    note({ saw: 'class', campaign, day: dayOf(live.answeredAt ?? request.at), from, to });
    return moves(from, to);
  }

  async function judged(ask: Promise<Ruling>): Promise<boolean> {
    note({ saw: 'asked' });
    const askedAt = monotonicMs();
    const ruling = await ask;
    rulingMs.push(monotonicMs() - askedAt);
    const rule = ruling.breaches[0]?.rule;
    if (rule !== undefined) note({ saw: 'refused', rule });
    return ruling.allowed;
  }

  async function end(network: 'answered' | 'no-answer', outcomeMoves: ReturnType<typeof moves>): Promise<void> {
    const at = wallMs();
    const times = { invited: toIso(request.at), ringing: null, bridged: null, ended: toIso(at) };
    const answered = live.answeredAt === null ? null : toIso(live.answeredAt);
    const counted = live.counted;
    await store.recordOutcome({
      record: {
        ...sampleRecord(1),
        ...{ callId, campaign, network, class: counted?.class ?? null, times: { ...times, answered }, teardown: null },
        handling: counted === null ? 'none' : counted.as === 'agent' ? 'agent' : 'silent',
      },
      ...{ number: request.number, controller, digest, webhooks: [], optOut: null, ...outcomeMoves },
      day: live.answeredAt === null ? null : dayOf(live.answeredAt),
    });
    if (outcomeMoves.lock?.move === 'set') note({ saw: 'locked' });
    if (outcomeMoves.lock?.move === 'lift') note({ saw: 'lifted' });
  }

  const isAllowed = await judged(rulings.rule(request));
  if (isAllowed) {
    note({ saw: 'allowed' });
    await store.ledger([decisionDraft({ ...decidedInvite(request), day: dayOf(request.at) }, ALLOWED)]);
    await liveOn(live.agent);
    note({ saw: 'releasing' });
  }
  rulings.released(callId);

  async function liveOn(agent: AgentPromise): Promise<void> {
    await pause();
    const none = { count: null, lock: null };
    if (agent !== 'none' && chance(0.1)) {
      live.agent = 'none';
      if (!(await judged(rulings.withoutAgent(callId)))) return end('no-answer', none);
    }
    if (chance(0.3) || wallMs() > request.at + RING_LIMIT_MS) return end('no-answer', none);
    live.answeredAt = wallMs();
    rulings.answered(callId, live.answeredAt);
    if (live.agent === 'connected' || chance(0.4)) {
      const agentMoves = becomes(BY_AGENT);
      if (chance(0.5)) return end('answered', agentMoves);
      await store.ledger([classDraft(callId, wallMs(), { cause: 'agent-bridged', source: null }, agentMoves)]);
      if (agentMoves.lock !== null) note({ saw: 'lifted' });
      rulings.counted(callId);
      await pause();
      return end('answered', none);
    }
    await pause();
    if (chance(0.3)) return overdue();
    if (chance(0.8)) return end('answered', becomes(SILENT));
    await end('answered', becomes(MACHINE));
    if (chance(0.5)) corrections.push(correct());
  }

  /** Its teardown is only observed: a silent call, then a machine's, and in the end a person's. */
  async function overdue(): Promise<void> {
    const write = async (classMoves: ReturnType<typeof moves>) => {
      await store.ledger([classDraft(callId, wallMs(), { cause: 'wait-over', source: null }, classMoves)]);
      if (classMoves.lock?.move === 'set') note({ saw: 'locked' });
    };
    await write(becomes(SILENT));
    rulings.counted(callId);
    await pause();
    const machine = becomes(MACHINE);
    await rulings.uncounted(callId);
    await write(machine);
    await pause();
    await write(becomes(SILENT));
    rulings.counted(callId);
    await pause();
    await end('answered', { count: null, lock: null });
  }

  /** It was a person after all: reported while the call's own room is long given back. */
  async function correct(): Promise<void> {
    await pause();
    const verdict = (counted: CountedAs) => ({
      ...({ answeredBy: 'human', answeredByMethod: null, handling: 'silent' } as const),
      class: counted.class,
    });
    const correctionMoves = becomes(SILENT);
    await store.recordCorrection({
      ...{ callId, webhooks: [], ...correctionMoves },
      correction: {
        ...{ sequence: 2, at: toIso(wallMs()), cause: 'disposition', source: 'http' },
        ...{ from: verdict(MACHINE), to: verdict(SILENT), recallLock: null },
      },
    });
    note({ saw: 'locked' });
  }
}

const ALLOWED: Ruling = { allowed: true, breaches: [] };
function decidedInvite({ callId, at, terms, digests, callerId, agent }: RulingRequest) {
  const { campaign, controller } = terms;
  return {
    ...{ callId, dialerCallId: callId, invitedAt: at, campaign, controller, digest: digests[0] ?? '', callerId, agent },
    ...{ exception: null, policy: italy.policy },
  };
}

const tell = (news: RaceNews) => void process.send?.(news);
const begun = Promise.withResolvers<void>();
process.on('message', (signal: RaceSignal) => {
  if (signal.type === 'forward') offsetMs += signal.ms;
  else begun.resolve();
});

await store.start();
await rulings.start([]);
tell({ type: 'ready' });
await begun.promise;
offsetMs = part.startAt - monotonicMs();
let left = part.calls;
await Promise.all(
  Array.from({ length: part.callsAtOnce }, async () => {
    while (left-- > 0) {
      await placeCall();
      tell({ type: 'over' });
    }
  }),
);
await Promise.all(corrections);
await rulings.stop();
await store.stop();
// Some megabytes: they are on their way before the channel closes.
const done: RaceNews = { type: 'done', report: { events, rulingMs } };
process.send?.(done, () => process.disconnect());
