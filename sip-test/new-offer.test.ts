import { beforeAll, describe, expect, it } from 'vitest';
import { bothTalk, calleeTalks, rtpBetween, sdpDirection, sdpVersion } from './conversation.ts';
import { DIALER_ADDRESS } from './engine-under-test.ts';
import { expectSame, LATE_MS_MAX } from './pace.ts';
import { heardOf, runsOf, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf, header, rtpmapNames } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];
const PCMU = 0;
const PCMA = 8;

describe('a new offer in a call', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('with another codec passes to the callee, and both legs change', async () => {
    const call = await bed.call({
      dialer: 'dialer-changes-codec',
      carrier: 'carrier-changes-codec-when-asked',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer, carrier, outcome } = await call.ended();
    const offered = carrier.received('INVITE')[1];
    const answered = dialer.received(200, 'INVITE')[1];
    expect(offered === undefined ? [] : rtpmapNames(offered)).toEqual(['PCMU', 'telephone-event']);
    expect(answered === undefined ? [] : rtpmapNames(answered)).toEqual(['PCMU', 'telephone-event']);
    expect(sdpVersion(offered), 'RFC 3264 §8').toBe(sdpVersion(carrier.received('INVITE')[0]) + 1);
    // The agent is silent, so ambience fills in, in the callee's own codec.
    expect(runsOf(call.calleeRtp.packets, ({ payloadType }) => payloadType)).toEqual([PCMA, PCMU]);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('that the callee refuses is refused, and the call goes on as it was', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused-a-codec',
      carrier: 'carrier-refuses-a-codec',
      inviteHeaders: AGENT_FIRST,
    });
    await bothTalk(call);
    const { dialer, carrier, outcome } = await call.ended();
    const refusedAtMs = firstOf(dialer.received(488, 'INVITE'), '488').atMs;
    expect(carrier.received('INVITE')).toHaveLength(2);
    const byeAtMs = firstOf(dialer.sent('BYE'), 'BYE').atMs;
    for (const [end, sound] of [
      [call.dialerRtp, 'callee'],
      [call.calleeRtp, 'agent'],
    ] as const) {
      const after = heardOf(call.dialerRtp, rtpBetween(end, { fromMs: refusedAtMs + LATE_MS_MAX, toMs: byeAtMs }));
      expect(soundsOf(after)).toEqual([sound]);
      expect(new Set(after.map(({ payloadType }) => payloadType))).toEqual(new Set([PCMA]));
    }
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('of the waiting callee with another codec gets ambience in that, and the dialer hears of nothing', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-changes-codec-while-waiting' });
    const { dialer, carrier, outcome } = await call.ended();
    const answered = firstOf(carrier.received(200, 'INVITE'), '200');
    expect(rtpmapNames(answered)[0]).toBe('PCMU');
    expect(dialer.received('INVITE')).toEqual([]);
    const { packets } = call.calleeRtp;
    expect(runsOf(packets, ({ payloadType }) => payloadType)).toEqual([PCMA, PCMU]);
    const changed = packets.find(({ payloadType }) => payloadType === PCMU);
    expectSame(changed?.atMs ?? Number.NaN, answered.atMs, 'the change, and the answer to the offer');
    expect(streamProblems(packets), 'one stream without a hole').toEqual([]);
    expect(soundsOf(packets)).toEqual(['other']);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('that the dialer asks of us has all our codecs, and its answer in the ACK moves the media (RFC 3261 §14.2)', async () => {
    const movedRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const call = await bed.call({
      dialer: 'dialer-asks-for-an-offer',
      carrier: 'carrier-answers',
      inviteHeaders: AGENT_FIRST,
      dialerKeys: { moved_rtp_port: String(movedRtp.port) },
    });
    await calleeTalks(call, call.calleeRtp);
    const { dialer, carrier, outcome } = await call.ended();
    const offer = dialer.received(200, 'INVITE')[1];
    if (offer === undefined) throw new Error('there is no second 200');
    expect(rtpmapNames(offer)).toEqual(['PCMA', 'PCMU', 'telephone-event']);
    expect(sdpDirection(offer)).toBe('sendrecv');
    expect(carrier.received('INVITE')).toHaveLength(1);
    expect(movedRtp.packets.length).toBeGreaterThan(10);
    expect(soundsOf(movedRtp.packets)).toEqual(['callee']);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('that the callee asks of us is answered in the ACK, and the hold in it passes to the dialer', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-held',
      carrier: 'carrier-asks-for-an-offer',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer, carrier, outcome } = await call.ended();
    expect(rtpmapNames(firstOf(carrier.received(200, 'INVITE'), '200'))).toEqual(['PCMA', 'PCMU', 'telephone-event']);
    expect(sdpDirection(firstOf(dialer.received('INVITE'), 're-INVITE to the dialer'))).toBe('sendonly');
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('in an UPDATE moves the media, and an UPDATE without SDP has a 200 without one (RFC 3311, RFC 4028)', async () => {
    const movedRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const call = await bed.call({
      dialer: 'dialer-refreshes-by-update',
      carrier: 'carrier-answers',
      inviteHeaders: AGENT_FIRST,
      dialerKeys: { moved_rtp_port: String(movedRtp.port) },
    });
    await calleeTalks(call, call.calleeRtp);
    const { dialer, carrier } = await call.ended();
    const [refreshed, moved] = dialer.received(200, 'UPDATE');
    if (refreshed === undefined || moved === undefined) throw new Error('a 200 is missing');
    expect(refreshed.body.trim()).toBe('');
    expect(header(refreshed, 'Session-Expires')).toBe('600;refresher=uac');
    expect(audioAddress(moved)).toEqual(audioAddress(firstOf(dialer.received(200, 'INVITE'), '200')));
    expect([carrier.received('UPDATE'), carrier.received('INVITE').length]).toEqual([[], 1]);
    expect(soundsOf(movedRtp.packets)).toEqual(['callee']);
  });
});
