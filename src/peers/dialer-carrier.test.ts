import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { measureTone } from '../audio/tone-detector.ts';
import { systemClock } from '../base/clock.ts';
import { headerValue } from '../sip/message/sip-message.ts';
import type { CallPlan, CallResult } from './call-plan.ts';
import type { CalleeBehaviour } from './callee-behaviour.ts';
import type { CalleeRecord } from './callee-call.ts';
import { type Carrier, createCarrier } from './carrier.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { AGENT_NOTES_HZ, CALLEE_PITCHES_HZ, RINGING_TONE_HZ } from './peer-voice.ts';
import { firstPacketAfterMs, packetsBeforeAnswer, streamFaults, toneShare } from './recording-measures.ts';

const log = pino({ level: 'silent' });
const address = '127.0.0.1';
const number = '+390612340001';

let carrier: Carrier | null = null;
let dialer: Dialer | null = null;

afterEach(async () => {
  await dialer?.stop();
  await carrier?.stop();
});

async function callTo(
  behaviour: CalleeBehaviour,
  plan: Partial<CallPlan>,
): Promise<{ result: CallResult; callee: CalleeRecord }> {
  const telephones = await createCarrier({ address, port: 0, clock: systemClock, log, behaviours: () => behaviour });
  carrier = telephones;
  dialer = await createDialer({ address, port: 0, server: telephones.local, clock: systemClock, log });
  const result = await dialer.placeCall({ number, callerId: '+390298765432', limitMs: 5_000, ...plan });
  const callee = telephones.callTo(number);
  expect(callee).not.toBeNull();
  return { result, callee: callee as CalleeRecord };
}

/** Who talks all the time is heard in this share of it at least: the machine may have other things to do. */
const HEARD_SHARE = 0.2;

const answers: CalleeBehaviour = { kind: 'answers', ringMs: 50 };

describe('the dialer and the carrier on loopback', () => {
  it('answer after the ring, talk both ways and end with the dialer’s BYE', async () => {
    const { result, callee } = await callTo(answers, {
      headers: { 'X-Test': 'one' },
      agent: { by: 'invite' },
      hangUp: { afterMs: 700, headers: { 'X-Brusio-Disposition': 'machine' } },
    });
    expect(result).toMatchObject({ statuses: [100, 180, 200], finalStatus: 200, end: 'dialer-hung-up', problems: [] });
    expect(callee).toMatchObject({ number, end: 'caller-hung-up' });
    expect(headerValue(callee.invite, 'x-test')).toBe('one');
    expect(callee.lastRequest && headerValue(callee.lastRequest, 'x-brusio-disposition')).toBe('machine');
    expect(firstPacketAfterMs(callee.recording)).not.toBeNull();
    expect(streamFaults(callee.recording)).toEqual({ ssrcs: 1, breaks: [] });
    expect(toneShare(callee.recording, AGENT_NOTES_HZ, 100, 700)).toBeGreaterThan(HEARD_SHARE);
    expect(toneShare(result.recording, CALLEE_PITCHES_HZ, 0, 700)).toBeGreaterThan(HEARD_SHARE);
  });

  it('are quiet towards the callee until an agent comes by INFO', async () => {
    const { result, callee } = await callTo(answers, {
      agent: { by: 'info', afterMs: 300, headers: { 'X-Brusio-Agent': '1001;state=connected' } },
      hangUp: { afterMs: 800 },
    });
    expect(result.problems).toEqual([]);
    expect(callee.requests.map((request) => headerValue(request, 'x-brusio-agent'))).toEqual(['1001;state=connected']);
    expect(toneShare(callee.recording, AGENT_NOTES_HZ, 0, 250)).toBe(0);
    expect(toneShare(callee.recording, AGENT_NOTES_HZ, 300, 800)).toBeGreaterThan(HEARD_SHARE);
  });

  it('tell an agent by a callback, and say so when it fails', async () => {
    const { result } = await callTo(answers, {
      agent: { by: 'callback', afterMs: 50, report: (callId) => Promise.reject(new Error(`no call ${callId.length}`)) },
      hangUp: { afterMs: 200 },
    });
    expect(result.problems).toEqual([`agent report: no call ${result.dialerCallId.length}`]);
    expect(result.agentAtMs).not.toBeNull();
  });

  it('end when the callee hangs up', async () => {
    const { result, callee } = await callTo({ ...answers, hangUpAfterMs: 200 }, {});
    expect(result).toMatchObject({ finalStatus: 200, end: 'peer-hung-up' });
    expect(result.byeHeaders.reason).toBe('Q.850;cause=16;text="Normal call clearing"');
    expect(callee.end).toBe('callee-hung-up');
  });

  it.each([
    [486, 17],
    [603, 21],
    [503, 34],
  ])('are refused with %i', async (status, q850) => {
    const { result, callee } = await callTo({ kind: 'refuses', afterMs: 30, status, q850 }, {});
    expect(result).toMatchObject({ finalStatus: status, end: 'failed', problems: [] });
    expect(result.responseHeaders.reason).toBe(`Q.850;cause=${q850}`);
    expect(callee.end).toBe('refused');
  });

  it('give up a telephone that only rings', async () => {
    const { result, callee } = await callTo({ kind: 'never-answers' }, { cancelAfterMs: 150 });
    expect(result).toMatchObject({ finalStatus: 487, end: 'cancelled' });
    expect(callee).toMatchObject({ end: 'cancelled', answeredAtMs: null });
    expect(callee.lastRequest?.method).toBe('CANCEL');
  });

  it('answer and hang up when the 200 crosses the CANCEL', async () => {
    const { result, callee } = await callTo({ kind: 'answers-upon-cancel' }, { cancelAfterMs: 100 });
    expect(result).toMatchObject({ finalStatus: 200, end: 'cancelled' });
    expect(callee.end).toBe('caller-hung-up');
    expect(callee.acknowledgedAtMs).not.toBeNull();
  });

  it('hear the ringing tone before the answer when there is early media', async () => {
    const { result } = await callTo({ kind: 'answers', ringMs: 400, earlyMediaMs: 30 }, { hangUp: { afterMs: 500 } });
    expect(result.statuses).toEqual([100, 183, 200]);
    const before = packetsBeforeAnswer(result.recording);
    expect(before).toBeGreaterThan(5);
    const early = result.recording.packets.slice(0, before).flatMap((packet) => [...packet.samples]);
    expect(measureTone(Int16Array.from(early), RINGING_TONE_HZ, 8_000).powerShare).toBeGreaterThan(0.9);
    expect(toneShare(result.recording, [RINGING_TONE_HZ], 300, 500)).toBe(0);
  });
});
