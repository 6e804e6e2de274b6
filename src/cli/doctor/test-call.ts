/**
 * One real call of the user's own dialer: Brusio with these settings, but for its carriers, in whose place stands a
 * built-in callee that answers, listens and stays. Whatever the dialer does is told in plain words.
 */
import { exec } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGuard } from '../../app.ts';
import { elapsedMs, systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { maskNumber } from '../../base/redact.ts';
import { mediaAddresses } from '../../config/rtp-settings.ts';
import type { Settings } from '../../config/settings.ts';
import type { CalleeRecord } from '../../peers/callee-call.ts';
import { createCarrier } from '../../peers/carrier.ts';
import { firstPacketAfterMs, longestGap } from '../../peers/recording-measures.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';
import { type Finding, good, problem, warning } from './finding.ts';
import { quietLog } from './quiet-log.ts';

/** How the call comes about. */
export type TestCallPlan = {
  /** A shell command that has the dialer place it; null: somebody places it by hand. */
  readonly command: string | null;
  /** How long the call is waited for, and may last, ms. */
  readonly waitMs: number;
  /** Told while it goes on. */
  readonly say: (line: string) => void;
};

/** The callee picks up so long after the INVITE. */
const RING_MS = 1_000;

/** A pause in what the callee hears that a person would notice. */
const GAP_MS_MAX = 100;

/** Ambience later than this is no ambience from the instant of the answer; later than the second, a person asks who is there. */
const FIRST_PACKET_MS_MAX = 50;
const FIRST_PACKET_MS_BAD = 500;

/** How long the last BYE and the outcome's commit may take. */
const END_MS_MAX = 3_000;

/** Places, or waits for, one call and tells what became of it. Nothing of it is kept, and no webhook is sent. */
export async function testCall(settings: Settings, plan: TestCallPlan): Promise<readonly Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'brusio-doctor-'));
  const { carriers } = mediaAddresses(settings.rtp);
  const { log, last } = quietLog();
  const callee: { record: CalleeRecord | null } = { record: null };
  const outcomes: OutcomeRecord[] = [];
  const carrier = await createCarrier({
    ...{ address: carriers.bind, port: 0, clock: systemClock, log },
    behaviours: () => ({ kind: 'answers', ringMs: RING_MS }),
    onEnded: (record) => {
      callee.record ??= record;
    },
  });
  const place = carriers.bind.includes(':') ? `[${carriers.bind}]` : carriers.bind;
  const uri = `sip:${place}:${carrier.local.port}`;
  const guard = createGuard({ settings: withCallee(settings, uri, dir), log });
  guard.onOutcome((record) => outcomes.push(record));
  try {
    await guard.start();
    const placed =
      plan.command === null ? null : promisify(exec)(plan.command, { timeout: plan.waitMs }).catch((thrown) => thrown);
    plan.say(
      plan.command === null
        ? `place a call from your dialer now, to any number; waiting ${Math.round(plan.waitMs / 1000)} s …`
        : `ran: ${plan.command}`,
    );
    const endMs = systemClock.monotonicMs() + plan.waitMs;
    let seen = false;
    while (outcomes.length === 0 && systemClock.monotonicMs() < endMs) {
      const [live] = guard.liveCalls();
      if (live !== undefined && !seen) {
        seen = true;
        plan.say(`a call to ${live.number}: campaign ${live.campaign}, reference ${live.dialerReference ?? 'none'}`);
      }
      await sleep(50);
    }
    const [outcome] = outcomes;
    if (outcome === undefined) return [await noCall(placed, seen, last())];
    for (
      let waited = 0;
      callee.record === null && outcome.times.answered !== null && waited < END_MS_MAX;
      waited += 50
    ) {
      await sleep(50);
    }
    return callFindings(settings, outcome, callee.record);
  } catch (thrown) {
    return [
      problem(
        'test call',
        describeError(thrown),
        last() ?? 'stop the Brusio that runs here: this call takes its place',
      ),
    ];
  } finally {
    await guard.stop(0).catch(() => undefined);
    await carrier.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function noCall(placed: Promise<unknown> | null, seen: boolean, said: string | null): Promise<Finding> {
  if (seen) return problem('test call', 'it did not end in time', 'hang up at the dialer, or allow more with --wait');
  const failure = placed === null ? null : await Promise.race([placed, sleep(10, null)]);
  if (failure instanceof Error)
    return problem('test call', `the command failed: ${failure.message.trim()}`, 'try it by itself');
  const remedy = said ?? 'check that the trunk of the dialer leads here and that its address is in dialers';
  return problem('test call', 'no INVITE came', remedy);
}

/** What one call shows. */
export function callFindings(
  settings: Settings,
  outcome: OutcomeRecord,
  callee: CalleeRecord | null,
): readonly Finding[] {
  const { number, campaign, dialer, network } = outcome;
  if (network !== 'answered') {
    const why = outcome.sip.reason ?? `SIP ${outcome.sip.status ?? 'without a final status'}`;
    return [
      problem(
        'test call',
        `to ${maskNumber(number)}: ${network} (${why})`,
        'see the decision in X-Brusio-Decision of the response',
      ),
    ];
  }
  return [
    good(
      'test call',
      `from dialer ${dialer ?? '?'}, campaign ${campaign}, reference ${outcome.dialerReference ?? 'none'}`,
    ),
    ...(campaign === settings.campaigns.default
      ? [warning('campaign', `the call named none: ${campaign}`, 'name it by a header, or by campaigns.rules')]
      : []),
    ...heardFindings(outcome, callee),
    agentFinding(outcome),
    good(
      'outcome',
      `class ${outcome.class ?? 'none'}, ${outcome.handling}, ended by ${outcome.endedBy} (${outcome.endCause}) after ${Math.round(outcome.waitMs + outcome.talkMs)} ms`,
    ),
  ];
}

function heardFindings(
  { comfortNoise, waitMs, talkMs }: OutcomeRecord,
  callee: CalleeRecord | null,
): readonly Finding[] {
  const recording = callee?.recording ?? null;
  const first = recording === null ? null : firstPacketAfterMs(recording);
  if (recording === null || first === null) {
    return [problem('what the callee heard', 'nothing', 'check the firewall between Brusio and the carrier for RTP')];
  }
  const { answeredAtMs, endedAtMs } = recording;
  const heardMs = answeredAtMs === null || endedAtMs === null ? waitMs + talkMs : elapsedMs(answeredAtMs, endedAtMs);
  const gap = longestGap(recording, first, heardMs);
  const noise = comfortNoise === null ? 'the dialer' : `ambience ${comfortNoise.clip} in ${comfortNoise.codec}`;
  return [
    severityOf(first)('what the callee heard', `${noise}, ${first.toFixed(1)} ms after the answer`, BUSY),
    gap.durationMs <= GAP_MS_MAX
      ? good('silence', `none: the longest pause was ${Math.round(gap.durationMs)} ms`)
      : warning(
          'silence',
          `${Math.round(gap.durationMs)} ms, ${Math.round(gap.atMs)} ms after the answer`,
          'look at the dialer’s audio around that moment',
        ),
  ];
}

const BUSY = 'see whether this machine is overloaded';

function severityOf(firstMs: number): (what: string, found: string, remedy: string) => Finding {
  if (firstMs <= FIRST_PACKET_MS_MAX) return good;
  return firstMs <= FIRST_PACKET_MS_BAD ? warning : problem;
}

function agentFinding({ agent, waitMs, handling }: OutcomeRecord): Finding {
  if (agent === null || handling !== 'agent') {
    const remedy = 'right for a call without an agent; if one was on the line, its source or header did not tell';
    return warning('agent', 'none was told of', remedy);
  }
  const who = agent.name === null ? agent.id : `${agent.name} (${agent.id})`;
  return good(
    'agent',
    `${who} by ${agent.source}${agent.server === null ? '' : ` of ${agent.server}`}, ${Math.round(waitMs)} ms after the answer`,
  );
}

/** The same settings with the built-in callee for a carrier; outcomes go nowhere. */
function withCallee(settings: Settings, uri: string, dataDir: string): Settings {
  const [first] = settings.carriers;
  if (first === undefined) throw new Error('the settings name no carrier that the callee could stand for');
  const plain = {
    ...{ uri, campaigns: [], registrar: null, username: null, password: null, optionsIntervalMs: null, nat: false },
    ...{ callsMax: null, callsPerSecondMax: null, srtp: 'accept' as const },
  };
  const database = { ...settings.database, url: null };
  return { ...settings, carriers: [{ ...first, ...plain }], webhooks: [], data: { dir: dataDir }, database };
}
