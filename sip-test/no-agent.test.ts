import { beforeAll, describe, expect, it } from 'vitest';
import { callStorySchema } from '../src/ledger/story/call-story.ts';
import { clipFile, isStretchOf } from './ambience-clip.ts';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { BRUSIO_ADDRESS } from './engine-under-test.ts';
import { expectSame, expectWaitLimit, STAMP_LATE_MS_MAX, WAIT_LIMIT_MS } from './pace.ts';
import { between, distinctPayloads, lengthMs, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf, header, headers } from './sip-trace.ts';
import { expectAmbienceEnded, TestBed } from './test-bed.ts';
import { workFolder } from './work-folder.ts';

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
    expectWaitLimit(outcome.waitMs);
    expectSame(carrierBye.atMs, answeredAtMs + WAIT_LIMIT_MS, 'the callee’s BYE, and the limit');
    expectSame(dialerBye.atMs, carrierBye.atMs, 'the two BYEs');
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
    expect(between(packets, 0, answeredAtMs - STAMP_LATE_MS_MAX), 'RTP before the answer').toEqual([]);
    expectSame(packets[0]?.atMs ?? Number.NaN, answeredAtMs, 'the first packet, and the answer');
    expect(streamProblems(packets)).toEqual([]);
    expect(new Set(packets.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    expect(soundsOf(packets)).toEqual(['other']);
    expect(distinctPayloads(packets)).toBeGreaterThan(packets.length * 0.9);
    const clip = clipFile('open-plan-office', 'pcma.al');
    expect(isStretchOf(clip, packets), 'an unbroken stretch of the clip').toBe(true);
    await expectAmbienceEnded(call, outcome);
    expectSame(lengthMs(packets), WAIT_LIMIT_MS, 'the ambience, and the wait');

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
    const { stream } = outcome.comfortNoise ?? {};
    const [first, last] = [packets[0], packets.at(-1)];
    expect(stream, 'the evidence, and the wire').toEqual({
      ...{ ssrc: first?.ssrc, firstSequence: first?.sequence, firstTimestamp: first?.timestamp },
      ...{ lastSequence: last?.sequence, lastTimestamp: last?.timestamp },
    });
    const { ringing, answered, ambience, ended } = outcome.sinceInviteMs ?? {};
    expect([ringing, answered, ambience, ended]).toEqual([ringing, answered, ambience, ended].toSorted(byValue));
    expect(outcome.sip.exchange?.messages.map((line) => line.replace(/^\S+ /, ''))).toEqual(
      expect.arrayContaining([
        ...['dialer < INVITE', 'carrier/1 > INVITE', 'carrier/1 < 180', 'dialer > 180', 'carrier/1 < 200'],
        ...['carrier/1 > ACK', 'dialer > 200', 'dialer < ACK'],
        ...['dialer > BYE Q.850;cause=16', 'carrier/1 > BYE Q.850;cause=16'],
      ]),
    );
    expect(bed.webhooks.outcomesOf(call.dialerCallId)).toBe(1);

    // Years later: by the number and the time of a complaint, beside the running Brusio, and then without it.
    const around = ['--number', call.number, '--around', outcome.times.answered ?? ''];
    const told = await bed.brusio.command('call', ...around, '--json');
    expect(told.code, told.output).toBe(0);
    const story = callStorySchema.parse(JSON.parse(told.output));
    expect(story).toMatchObject({ callId: outcome.callId, verdict: { class: 'A' }, outcome: { sip: outcome.sip } });
    expect(story.entries.map(({ kind, problem }) => [kind, problem])).toEqual([
      ...[
        ['decision', null],
        ['answer', null],
        ['outcome', null],
      ],
    ]);
    expect(
      story.decision?.rules.every(({ mode }) => mode !== null),
      'the ledger says which rules were asked',
    ).toBe(true);
    expect(story.webhooks.map(({ type, deliveredAt }) => [type, deliveredAt !== null])).toEqual([
      ['call.outcome', true],
    ]);
    expect(told.output).not.toContain(call.number);
    const folder = workFolder('evidence');
    expect(await bed.brusio.command('call', outcome.callId, '--out', folder)).toMatchObject({ code: 0 });
    const verified = await bed.brusio.command('verify-report', `${folder}/call-${outcome.callId}`);
    expect(verified).toMatchObject({ code: 0, output: expect.stringContaining("PROVEN: The call's 3 entries") });
  });
});

function byValue(one: number | null | undefined, other: number | null | undefined): number {
  return (one ?? 0) - (other ?? 0);
}
