import { beforeAll, describe, expect, it } from 'vitest';
import { clipFile, isStretchOf } from './ambience-clip.ts';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { BRUSIO_ADDRESS } from './engine-under-test.ts';
import { between, distinctPayloads, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf, header, headers } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

/** The law's 3.000 s; the tolerance is for a machine that does other things too, precision is measured elsewhere. */
const WAIT_LIMIT_MS = 3_000;
const TOLERANCE_MS = 100;

describe('a call that is answered while no agent is free', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('has ambience from the answer, and both legs a BYE at 3.000 s', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();

    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200 sent').atMs;
    const carrierBye = byeToCarrier(carrier);
    const dialerBye = byeToDialer(dialer);
    expect(Math.abs(carrierBye.atMs - answeredAtMs - WAIT_LIMIT_MS)).toBeLessThan(TOLERANCE_MS);
    expect(Math.abs(dialerBye.atMs - carrierBye.atMs)).toBeLessThan(TOLERANCE_MS);
    expect(header(carrierBye, 'Reason')).toMatch(/^Q\.850;cause=16;text=/);
    expect(header(dialerBye, 'Reason')).toBe(header(carrierBye, 'Reason'));
    expect(header(dialerBye, 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(headers(carrierBye, 'X-Brusio-Outcome'), 'the outcome is none of the carrier’s business').toEqual([]);
    for (const response of [...dialer.received(180), ...dialer.received(200, 'INVITE')])
      expect(header(response, 'X-Brusio-Call'), response.startLine).toBe(outcome.callId);

    const { packets } = call.calleeRtp;
    const offered = audioAddress(firstOf(carrier.received('INVITE'), 'INVITE received'));
    expect(offered?.address).toBe(BRUSIO_ADDRESS);
    expect(new Set(packets.map(({ from }) => `${from.address}:${from.port}`)), 'from where the offer said').toEqual(
      new Set([`${offered?.address}:${offered?.port}`]),
    );
    expect(between(packets, 0, answeredAtMs), 'RTP before the answer').toEqual([]);
    expect((packets[0]?.atMs ?? Number.NaN) - answeredAtMs).toBeLessThan(TOLERANCE_MS);
    expect(streamProblems(packets)).toEqual([]);
    expect(new Set(packets.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    expect(soundsOf(packets)).toEqual(['other']);
    expect(distinctPayloads(packets)).toBeGreaterThan(packets.length * 0.9);
    const clip = clipFile('open-plan-office', 'pcma.al');
    expect(isStretchOf(clip, packets), 'an unbroken stretch of the clip').toBe(true);
    expect(Math.abs(packets.length - WAIT_LIMIT_MS / 20)).toBeLessThan(TOLERANCE_MS / 20);
    expect(between(packets, carrierBye.atMs + TOLERANCE_MS, Number.POSITIVE_INFINITY), 'RTP after BYE').toEqual([]);

    expect(outcome).toMatchObject({
      network: 'answered',
      answeredBy: 'not-classified',
      handling: 'silent',
      class: 'A',
      endedBy: 'guard',
      endCause: 'deadline',
      agent: null,
      campaign: 'default',
      sip: { status: 200, q850: 16 },
      talkMs: 0,
      comfortNoise: { codec: 'PCMA', clip: 'open-plan-office', clipSha256: clip.sha256, packets: packets.length },
    });
    expect(Math.abs(outcome.waitMs - WAIT_LIMIT_MS)).toBeLessThan(TOLERANCE_MS);
    expect(bed.webhooks.outcomesOf(call.dialerCallId)).toBe(1);
  });
});
