/**
 * Calls under the rules of the United States and of the United Kingdom, between SIPp and callees who greet with synthesised
 * speech: what the wait counts from, the message at its end, and what becomes of who opts out of it. The calls of a country run
 * at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { LAWS } from '../src/audio/codec.ts';
import type { OutcomeRecord } from '../src/policy/outcome-record.ts';
import { spokenGreeting } from '../src/testing/spoken-greeting.ts';
import { announcementFile, FADE_FRAMES } from './announcement-file.ts';
import { CARRIER, DIALER_ADDRESS, type Endpoint } from './engine-under-test.ts';
import { LATE_MS_MAX } from './pace.ts';
import type { RtpArrival, RtpEndpoint } from './rtp-endpoint.ts';
import { SipPeer } from './sip-peer.ts';
import { audioAddress, header, type SipMessage } from './sip-trace.ts';
import type { SippRun } from './sipp.ts';
import { TestBed } from './test-bed.ts';

const PCMA = 8;
const EVENT = 101;
const TEXT = 'This is Acme. To receive no more calls press 9.';
const MESSAGE_MS = 1000;
const LISTEN_MS = 1500;
const WAIT_MS = 2000;
/** Brusio asks for the message so long before the wait is over (`src/call/wait.ts`). */
const LEAD_MS = 100;
/** A greeting that goes on for longer counts as over. */
const GREETING_LIMIT_MS = 5000;
/** From the callee's first packet of ambience to their first word. */
const HESITATION_MS = 300;
/** Silence after what is said: longer than the one that ends a greeting. */
const AFTER_MS = 800;

/** One callee. */
type Callee = {
  readonly name: string;
  /** Of the greeting; 0: they pick up and say nothing; null: not a packet comes from them. */
  readonly saysMs: number | null;
  /** When a key is pressed, ms from the message's first packet. */
  readonly presses?: { readonly event: number; readonly afterMs: number };
};

type Told = { readonly callee: Callee; readonly outcome: OutcomeRecord; readonly packets: readonly RtpArrival[] };

const recording = announcementFile(MESSAGE_MS);

/** What became of a campaign's calls; and how the next INVITE to their number is answered, where somebody opted out. */
type Campaign = { readonly told: readonly Told[]; readonly next: SipMessage | null };

/** Places a call for each callee of each campaign at once, all to one number, and another one when they are over. */
async function callAll<C extends string>(
  campaigns: Readonly<Record<C, readonly Callee[]>>,
): Promise<Readonly<Record<C, Campaign>>> {
  const entries = Object.entries<readonly Callee[]>(campaigns);
  for (const { saysMs } of entries.flatMap(([, callees]) => callees)) if (saysMs !== null) lineOf(saysMs);
  const bed = await TestBed.open(
    {},
    {
      wait: { greetingLimitMs: GREETING_LIMIT_MS },
      campaigns: {
        announcement: { file: recording.path, text: TEXT, optOut: { digit: '9', listenMs: LISTEN_MS } },
        named: Object.keys(campaigns).map((name) => ({
          ...{ name, jurisdiction: name, controller: name },
          rules: { 'opt-out': 'enforce' },
        })),
      },
    },
  );
  try {
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const all = entries.reduce((sum, [, callees]) => sum + callees.length, 0);
    const carrier = await bed.carrier('carrier-answers', calleeRtp, all);
    const told = entries.map(async ([campaign, callees]) => {
      const number = bed.newNumber();
      const inviteHeaders = [`X-Brusio-Campaign: ${campaign}`];
      const dialer = bed.dialer('dialer-waits-for-bye', dialerRtp, number, { calls: callees.length, inviteHeaders });
      const placed = callees.map(async (callee, index) => {
        const invite = await inviteOf(carrier, number, index);
        const to = audioAddress(invite);
        if (to === null) throw new Error('Brusio’s INVITE has no SDP');
        await behave(callee, calleeRtp, to);
        return { callee, to, callId: header(invite, 'Call-ID') };
      });
      const calls = await Promise.all(placed);
      await dialer.finished();
      const outcomes = await Promise.all(dialer.callIds.map((id) => bed.webhooks.outcome(id)));
      const outcomesOf = calls.map(({ callee, to, callId }) => {
        const outcome = outcomes.find(({ sip }) => sip.carrierCallId === callId);
        if (outcome === undefined) throw new Error(`no outcome of ${callee.name}`);
        return { callee, outcome, packets: calleeRtp.packets.filter(({ from }) => from.port === to.port) };
      });
      const optedOut = outcomes.some(({ announcement }) => announcement?.optOut != null);
      const next = optedOut ? await nextAnswer(number, inviteHeaders) : null;
      return [campaign, { told: outcomesOf, next }] as const;
    });
    const heard = await Promise.all(told);
    await carrier.finished();
    return Object.fromEntries<Campaign>(heard) as Record<C, Campaign>;
  } finally {
    await bed.close();
  }
}

/** The final response to one more INVITE. */
async function nextAnswer(number: string, headers: readonly string[]): Promise<SipMessage> {
  const peer = await SipPeer.open({ address: DIALER_ADDRESS, port: 0 });
  try {
    return await (await peer.invite({ number, headers })).final();
  } finally {
    await peer.close();
  }
}

/** The INVITE of the `index`-th call to a number, as soon as the carrier has it. */
async function inviteOf(carrier: SippRun, number: string, index: number): Promise<SipMessage> {
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) {
    const invites = new Map(
      carrier
        .trace()
        .received('INVITE')
        .filter(({ startLine }) => startLine.includes(number))
        .map((one) => [header(one, 'Call-ID'), one]),
    );
    const found = [...invites.values()][index];
    if (found !== undefined) return found;
  }
  throw new Error(`no INVITE ${index + 1} of this campaign`);
}

/** Picks up, hesitates, greets, and presses a key in the message. */
async function behave({ saysMs, presses }: Callee, rtp: RtpEndpoint, to: Endpoint): Promise<void> {
  const isTheirs = ({ from }: RtpArrival) => from.port === to.port;
  await rtp.packet('ambience', isTheirs);
  if (saysMs !== null) rtp.play(to, lineOf(saysMs), PCMA);
  if (presses === undefined) return;
  const first = await rtp.packet('the message', (one) => isTheirs(one) && recording.isFrame(one.payload), 20_000);
  await sleep(Math.max(0, first.atMs + presses.afterMs - performance.timeOrigin - performance.now()));
  rtp.press(to, presses.event, EVENT);
}

const lines = new Map<number, Uint8Array>();

/** A-law of what comes from a callee. Made before any call: speech takes its time, in which no packet would be read. */
function lineOf(saysMs: number): Uint8Array {
  const known = lines.get(saysMs);
  if (known !== undefined) return known;
  const line = new Int16Array((HESITATION_MS + saysMs + AFTER_MS) * 8);
  if (saysMs > 0) line.set(spokenGreeting(saysMs, 1), HESITATION_MS * 8);
  const octets = LAWS.PCMA.encode(line);
  lines.set(saysMs, octets);
  return octets;
}

/**
 * One stream, in which the message was heard once from its beginning, ambience before it. One socket here takes the streams of
 * all calls: what is lost at it while this process waits for a CPU is no fault of Brusio's, whose media tests count every packet.
 */
function expectMessage({ callee, outcome, packets }: Told, whole: boolean): void {
  const { name } = callee;
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size, `${name}: streams`).toBe(1);
  const places = packets.map(({ payload }) => recording.placeOf(payload)).filter((place) => place >= 0);
  expect(places, `${name}: frames in their order, each once`).toEqual([...new Set(places)].sort((a, b) => a - b));
  if (whole) expect(places.length, `${name}: nearly all of it`).toBeGreaterThan(recording.frames.length / 2);
  const first = packets.findIndex(({ payload }) => recording.isFrame(payload));
  expect(first, `${name}: ambience first`).toBeGreaterThan(FADE_FRAMES + WAIT_MS / 40);
  expect(outcome, name).toMatchObject({
    ...{ network: 'answered', handling: 'message', class: 'A', endedBy: 'guard', agent: null },
    announcement: { name: 'acme', text: TEXT, sha256: recording.sha256, complete: whole },
  });
  expect(outcome.comfortNoise?.packets, `${name}: ambience and message are told apart`).toBeLessThan(packets.length);
}

/** By Brusio's own clock: the message began when the wait that began at `fromMs` after the answer was over. */
function expectInTime({ callee, outcome }: Told, fromMs: number): void {
  const waitedMs = (outcome.announcement?.startedMs ?? Number.NaN) - fromMs;
  expect(waitedMs, `${callee.name}: from the wait's start to the message`).toBeGreaterThanOrEqual(
    WAIT_MS - LEAD_MS - 1,
  );
  expect(waitedMs, `${callee.name}: from the wait's start to the message`).toBeLessThan(WAIT_MS + LATE_MS_MAX);
}

/** The greeting was found where it was: the room is for a test process that waits for a CPU while it speaks. */
function expectGreeting({ callee, outcome }: Told, saysMs: number): void {
  const { greeting } = outcome;
  expect(greeting?.startedMs, callee.name).toBeGreaterThan(HESITATION_MS - 100);
  expect(greeting?.startedMs, callee.name).toBeLessThan(HESITATION_MS + 2 * LATE_MS_MAX);
  const lengthMs = (greeting?.endedMs ?? Number.NaN) - (greeting?.startedMs ?? Number.NaN);
  expect(Math.abs(lengthMs - saysMs), `${callee.name}: ${lengthMs} ms`).toBeLessThan(LATE_MS_MAX);
}

const GREETINGS_MS = [500, 1000, 2000, 4000];

describe('calls under the rules of other countries', () => {
  let told: Readonly<Record<'us' | 'gb', Campaign>>;

  beforeAll(async () => {
    told = await callAll({
      us: [
        { name: 'greets for 0.5 s and opts out', saysMs: 500, presses: { event: 9, afterMs: 300 } },
        { name: 'greets for 1 s, opts out after it', saysMs: 1000, presses: { event: 9, afterMs: MESSAGE_MS + 400 } },
        { name: 'greets for 2 s, presses another key', saysMs: 2000, presses: { event: 1, afterMs: 300 } },
        { name: 'greets for 4 s', saysMs: 4000 },
        { name: 'a machine', saysMs: 11_000 },
        { name: 'says nothing', saysMs: 0 },
        { name: 'is not heard at all', saysMs: null },
      ],
      gb: [
        { name: 'greets for 0.5 s', saysMs: 500 },
        { name: 'greets for 4 s', saysMs: 4000 },
        { name: 'says nothing', saysMs: 0 },
      ],
    });
  }, 60_000);

  it('United States: the callee is told who called within two seconds of the greeting’s end, and opts out by a key', () => {
    const [atOnce, after, other, long, machine, silent, unheard] = told.us.told as [
      Told,
      Told,
      Told,
      Told,
      Told,
      Told,
      Told,
    ];
    for (const [n, one] of [atOnce, after, other, long].entries()) {
      expectGreeting(one, GREETINGS_MS[n] ?? 0);
      expectInTime(one, one.outcome.greeting?.endedMs ?? Number.NaN);
      expect(one.outcome).toMatchObject({ waitFrom: 'speech-end', waitFallback: null });
    }
    expectInTime(machine, (machine.outcome.greeting?.startedMs ?? Number.NaN) + GREETING_LIMIT_MS);
    expect(machine.outcome).toMatchObject({
      ...{ waitFrom: 'speech-end', waitFallback: 'greeting-unending', greeting: { endedMs: null } },
    });
    expectInTime(silent, 0);
    expect(silent.outcome).toMatchObject({ waitFrom: 'answer', waitFallback: 'no-speech', greeting: null });
    expectInTime(unheard, 0);
    expect(unheard.outcome).toMatchObject({ waitFrom: 'answer', waitFallback: 'no-audio', greeting: null });

    expectMessage(atOnce, false);
    for (const one of [after, other, long, machine, silent, unheard]) expectMessage(one, true);
    for (const one of [atOnce, after]) {
      expect(one.outcome).toMatchObject({ endCause: 'opted-out', announcement: { optOut: { digit: '9' } } });
      const pressedMs = one.outcome.announcement?.optOut?.atMs ?? Number.NaN;
      expect(pressedMs, 'the call ended with the key').toBeCloseTo(one.outcome.waitMs, 0);
    }
    for (const one of [other, long, machine, silent, unheard]) {
      expect(one.outcome).toMatchObject({ endCause: 'announced', announcement: { optOut: null } });
      const listenedMs = one.outcome.waitMs - (one.outcome.announcement?.startedMs ?? 0) - MESSAGE_MS;
      expect(listenedMs, `${one.callee.name}: time left for the key`).toBeGreaterThanOrEqual(LISTEN_MS);
    }
  });

  it('United States: the number of who opted out is refused at the next INVITE (16 CFR 310.4(b)(1)(iii)(A))', () => {
    const answer = told.us.next;
    if (answer == null) throw new Error('nobody opted out');
    expect(answer.status).toBe(603);
    expect(header(answer, 'Reason')).toBe('Q.850;cause=21;text="opt-out"');
    expect(header(answer, 'X-Brusio-Decision')).toMatch(
      /^opt-out; .*310\.4.*; controller=us, optedOutAt=\S+Z, by=key; /,
    );
    expect(told.gb.next, 'nobody else did').toBeNull();
  });

  it('United Kingdom: within two seconds of the greeting’s beginning', () => {
    const [short, long, silent] = told.gb.told as [Told, Told, Told];
    for (const one of [short, long]) {
      expectInTime(one, one.outcome.greeting?.startedMs ?? Number.NaN);
      expect(one.outcome).toMatchObject({ waitFrom: 'speech-start', waitFallback: null });
    }
    expectGreeting(short, 500);
    expect(long.outcome.greeting?.endedMs, 'nobody waited for its end').toBe(null);
    expectInTime(silent, 0);
    expect(silent.outcome).toMatchObject({ waitFrom: 'answer', waitFallback: 'no-speech' });
    for (const one of [short, long, silent]) expectMessage(one, true);
  });
});
