import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { MediaCall } from './media-call.ts';
import { Pacer } from './pacer.ts';
import { rtpOctets } from './rtp-fixture.ts';

const CALLEE = { address: '192.0.2.1', port: 4000 };
const DIALER = { address: '192.0.2.2', port: 5000 };
const UDPTL = Buffer.from('0001060102030405', 'hex');

function media(rtp: RemoteMedia['rtp'], udptl: boolean): RemoteMedia {
  const codecs = [{ name: 'PCMA', payloadType: 8 }] as const;
  return { rtp, codecs, telephoneEventPayloadType: null, direction: 'sendrecv', ...(udptl ? { udptl } : {}) };
}

/** A connected call whose ambience fills in for a dialer that sends nothing. */
function connected() {
  let nowMs = 1000;
  const pacer = new Pacer(0 as MonotonicMs, 5, 20);
  const [toCallee, toDialer]: [string[], string[]] = [[], []];
  const to = (list: string[]) => (packet: Buffer, port: number, address: string) =>
    void list.push(`${address}:${port} ${packet.toString('hex')}`);
  const call = new MediaCall(
    callParts({
      pacer,
      sendToCallee: to(toCallee),
      sendToDialer: to(toDialer),
      now: () => nowMs as MonotonicMs,
    }),
  );
  call.setDialer(media(DIALER, false));
  call.connect(media(CALLEE, false));
  const pass = (ms: number) => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 1) pacer.run(nowMs as MonotonicMs);
  };
  return { call, toCallee, toDialer, pass };
}

describe('UDPTL (T.38) in place of RTP', () => {
  it('passes both ways as it is, from the peers alone, with nothing of ours among it', () => {
    const { call, toCallee, toDialer, pass } = connected();
    pass(400);
    expect(toCallee.length, 'ambience').toBeGreaterThan(5);
    call.setCallee(media({ ...CALLEE, port: 4002 }, true));
    call.setDialer(media(DIALER, true));
    toCallee.length = 0;
    call.fromDialer(UDPTL, DIALER.address, DIALER.port);
    call.fromCallee(UDPTL, CALLEE.address, 4002);
    call.fromCallee(UDPTL, '192.0.2.99', 4002);
    pass(1_000);
    expect(toCallee).toEqual([`192.0.2.1:4002 ${UDPTL.toString('hex')}`]);
    expect(toDialer).toEqual([`192.0.2.2:5000 ${UDPTL.toString('hex')}`]);
    expect(call.report().drops).toMatchObject({ foreign: 1, malformed: 0 });
  });

  it('goes nowhere while only one leg has it, and the audio comes back after it', () => {
    const { call, toCallee, toDialer, pass } = connected();
    call.setDialer(media(DIALER, true));
    call.fromDialer(UDPTL, DIALER.address, DIALER.port);
    call.fromCallee(rtpOctets({ payloadType: 8, ssrc: 7 }), CALLEE.address, CALLEE.port);
    expect([toCallee, toDialer]).toEqual([[], []]);
    call.setDialer(media(DIALER, false));
    call.fromCallee(rtpOctets({ payloadType: 8, ssrc: 7, sequence: 2 }), CALLEE.address, CALLEE.port);
    pass(400);
    expect(toDialer).toHaveLength(1);
    expect(toCallee.length, 'ambience fills in again').toBeGreaterThan(3);
  });
});
