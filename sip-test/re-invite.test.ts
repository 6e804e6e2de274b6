import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier } from './dialog-check.ts';
import { DIALER_ADDRESS } from './engine-under-test.ts';
import { expectSame, LATE_MS_MAX } from './pace.ts';
import { between, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { CALLEE_FRAME } from './tone.ts';

const PCMA = 8;

describe('a re-INVITE of the dialer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('that only moves its media is answered by Brusio, and the media follow', async () => {
    const movedRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const call = await bed.call({
      dialer: 'dialer-moves-its-media',
      carrier: 'carrier-answers',
      // Bridged from the start, so that no deadline is in the way.
      inviteHeaders: ['X-Brusio-Agent: 1001;state=connected'],
      dialerKeys: { moved_rtp_port: String(movedRtp.port) },
    });
    const invite = await call.carrier.message('INVITE received', ({ method }) => method === 'INVITE');
    const carrierSide = audioAddress(invite);
    if (carrierSide === null) throw new Error('Brusio’s INVITE has no SDP');
    await call.carrier.message('200 sent', ({ status }) => status === 200);
    call.calleeRtp.talk(carrierSide, CALLEE_FRAME, PCMA);
    const { dialer, carrier, outcome } = await call.ended();

    expect(carrier.received('INVITE'), 'the carrier saw none of them').toHaveLength(1);
    const [first, moved] = dialer.received(200, 'INVITE');
    if (first === undefined || moved === undefined) throw new Error('a 200 is missing');
    expect(header(moved, 'CSeq')).toBe('2 INVITE');
    expect(audioAddress(moved), 'Brusio stays where it is').toEqual(audioAddress(first));

    const before = call.dialerRtp.packets;
    expect(before.length).toBeGreaterThan(10);
    expect(between(before, moved.atMs + LATE_MS_MAX, Number.POSITIVE_INFINITY), 'RTP to where it was').toEqual([]);
    const after = movedRtp.packets;
    const [last, next] = [before.at(-1), after[0]];
    expectSame(next?.atMs ?? Number.NaN, moved.atMs, 'the first packet where it went, and the 200');
    expect(next?.sequence, 'one stream, here and there').toBe(((last?.sequence ?? 0) + 1) & 0xffff);
    const byeAtMs = firstOf(dialer.sent('BYE'), 'BYE sent').atMs;
    expectSame(after.at(-1)?.atMs ?? Number.NaN, byeAtMs, 'the last packet, and the BYE');
    expect(soundsOf(after)).toEqual(['callee']);
    expect(streamProblems(after)).toEqual([]);
    byeToCarrier(carrier);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer' });
  });
});
