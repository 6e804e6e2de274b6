import { beforeAll, describe, expect, it } from 'vitest';
import type { OutcomeRecord } from '../src/policy/outcome-record.ts';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { expectSame, STAMP_LATE_MS_MAX } from './pace.ts';
import { between, heardOf, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, cseqNumber, firstOf, header } from './sip-trace.ts';
import { type LiveCall, TestBed } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME, soundOf } from './tone.ts';

const PCMA = 8;

describe('an agent on the line', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('told by INFO after one second ends the ambience, and the call is class B', async () => {
    const call = await bed.call({ dialer: 'dialer-reports-agent-by-info', carrier: 'carrier-answers' });
    await bothTalk(call);
    const { dialer, carrier, outcome } = await call.ended();

    const info = firstOf(dialer.sent('INFO'), 'INFO sent');
    expect(dialer.received(200, 'INFO')).toHaveLength(1);
    expect(carrier.received('INFO'), 'the INFO was for Brusio').toEqual([]);
    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200').atMs;
    expectSplice(call, outcome, info.atMs);
    expect(cseqNumber(byeToCarrier(carrier))).toBeGreaterThan(0);
    expect(outcome).toMatchObject({
      network: 'answered',
      handling: 'agent',
      class: 'B',
      endedBy: 'dialer',
      agent: { id: '1001', source: 'sip-info' },
    });
    expectSame(outcome.waitMs, info.atMs - answeredAtMs, 'the wait, from the answer to the INFO');
    expectSame(outcome.talkMs, firstOf(dialer.sent('BYE'), 'BYE').atMs - info.atMs, 'the talk, from INFO to BYE');
  });

  it('told by HTTP after one second ends the ambience, and the call is class B', async () => {
    const call = await bed.call({
      dialer: 'dialer-talks-and-hangs-up',
      carrier: 'carrier-answers',
      // Everything an RFC 3261 word may hold and a URL path may not.
      callIdPrefix: 'http/agent+%25?x',
    });
    await bothTalk(call);
    const heard = await call.calleeRtp.packet('ambience', () => true);
    await untilWall(heard.atMs + 1_000);
    const bridgedAtMs = Date.now();
    const answer = await bed.brusio.api.agentConnected(call.dialerCallId, '1001');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ state: 'bridged', dialerCallId: call.dialerCallId });
    const again = await bed.brusio.api.agentConnected(call.dialerCallId, '1001');
    expect(again.status, 'a repeated report').toBe(200);
    const { outcome } = await call.ended();

    expectSplice(call, outcome, bridgedAtMs);
    expect(outcome).toMatchObject({
      handling: 'agent',
      class: 'B',
      endedBy: 'dialer',
      agent: { id: '1001', source: 'http' },
    });
    const late = await bed.brusio.api.agentConnected(outcome.callId, '1001');
    expect(late.status, 'a report after the end').toBe(409);
    const unknown = await bed.brusio.api.agentConnected('nobody@nowhere', '1001');
    expect(unknown.status, 'a report for no call').toBe(404);
  });

  it('from the beginning (agent-first) leaves no room for ambience', async () => {
    const call = await bed.call({
      dialer: 'dialer-talks-and-hangs-up',
      carrier: 'carrier-answers',
      inviteHeaders: ['X-Brusio-Agent: 1001;state=connected'],
    });
    await bothTalk(call);
    const { carrier, outcome } = await call.ended();

    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200').atMs;
    const { packets } = call.calleeRtp;
    expect(between(packets, 0, answeredAtMs - STAMP_LATE_MS_MAX), 'RTP before the answer').toEqual([]);
    const firstWord = packets.findIndex(({ payload }) => soundOf(payload) === 'agent');
    expect(firstWord, 'the agent is heard').toBeGreaterThanOrEqual(0);
    expect(soundsOf(heardOf(call.dialerRtp, packets.slice(firstWord)))).toEqual(['agent']);
    expect(streamProblems(packets)).toEqual([]);
    expect(soundsOf(call.dialerRtp.packets)).toEqual(['callee']);
    expect(outcome).toMatchObject({
      handling: 'agent',
      class: 'B',
      agent: { id: '1001', source: 'invite-header' },
      comfortNoise: null,
    });
    expect(outcome.waitMs).toBe(0);
  });

  it('who is only reserved is not there yet: ambience plays, and the call ends at the limit', async () => {
    const call = await bed.call({
      dialer: 'dialer-waits-for-bye',
      carrier: 'carrier-answers',
      inviteHeaders: ['X-Brusio-Agent: 1001;state=reserved'],
    });
    const { dialer, outcome } = await call.ended();

    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(header(byeToDialer(dialer), 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline', agent: null });
  });
});

/** The agent's line is open as soon as the dialer has the answer, and the callee speaks from the answer on. */
async function bothTalk(call: LiveCall): Promise<void> {
  const [answer, invite] = await Promise.all([
    call.dialer.message('200 received', ({ status, direction }) => status === 200 && direction === 'received'),
    call.carrier.message('INVITE received', ({ method }) => method === 'INVITE'),
  ]);
  const [toDialerSide, toCarrierSide] = [audioAddress(answer), audioAddress(invite)];
  if (toDialerSide === null || toCarrierSide === null) throw new Error('Brusio sent no SDP');
  call.dialerRtp.talk(toDialerSide, AGENT_FRAME, PCMA);
  call.calleeRtp.talk(toCarrierSide, CALLEE_FRAME, PCMA);
}

/** 60 ms of the ambience die away under the agent's first words, whose frames are then neither's own. */
const CROSS_FADE_FRAMES = 3;

/** Ambience alone until the agent is known of, then the agent alone, in one stream; the callee heard all along. */
function expectSplice(call: LiveCall, outcome: OutcomeRecord, bridgedAtMs: number): void {
  const { packets } = call.calleeRtp;
  const firstWord = packets.findIndex(({ payload }) => soundOf(payload) === 'agent');
  // Ambience has a marker of its own where it begins, and where a stall left frames out.
  const splice = packets.slice(0, firstWord + 1).findLastIndex(({ marker }) => marker);
  expect(splice, 'marker at the splice').toBeGreaterThanOrEqual(Math.max(1, firstWord - CROSS_FADE_FRAMES));
  expect(soundsOf(packets.slice(0, splice)), 'before the splice').toEqual(['other']);
  expectSame(packets[splice]?.atMs ?? Number.NaN, bridgedAtMs, 'the agent’s first packet, and the report');
  const after = packets.slice(splice + CROSS_FADE_FRAMES);
  expect(soundsOf(heardOf(call.dialerRtp, after)), 'after the splice').toEqual(['agent']);
  if (!after.some(({ payload }) => soundOf(payload) === 'other')) expect(outcome.comfortNoise?.packets).toBe(splice);
  expect(streamProblems(packets)).toEqual([]);

  const heardByDialer = call.dialerRtp.packets;
  expect(soundsOf(heardByDialer), 'the dialer hears the callee').toEqual(['callee']);
  expect(heardByDialer[0]?.atMs, 'before there is an agent').toBeLessThan(bridgedAtMs);
}

async function untilWall(atMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())));
}
