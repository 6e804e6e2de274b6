import { beforeAll, describe, expect, it } from 'vitest';
import { calleeTalks, sdpDirection } from './conversation.ts';
import { CARRIER } from './engine-under-test.ts';
import { LATE_MS_MAX, STAMP_LATE_MS_MAX } from './pace.ts';
import type { RtpArrival, RtpEndpoint } from './rtp-endpoint.ts';
import { between, soundRuns, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf, header, type SipMessage } from './sip-trace.ts';
import { type LiveCall, TestBed } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME, type Sound, soundOf } from './tone.ts';

const PCMA = 8;

describe('what is heard before the answer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  /** A call with a second telephone at the carrier, which says what the agent says: another tone than the first one. */
  async function callWithTwo(
    carrier: string,
    dialer = 'dialer-waits-for-bye',
  ): Promise<{ call: LiveCall; second: RtpEndpoint }> {
    const second = await bed.rtpEnd(CARRIER.address);
    const call = await bed.call({ dialer, carrier, carrierKeys: { second_rtp_port: String(second.port) } });
    const invite = await call.carrier.message('INVITE', ({ method }) => method === 'INVITE');
    const side = audioAddress(invite);
    if (side === null) throw new Error('Brusio’s INVITE has no SDP');
    call.calleeRtp.talk(side, CALLEE_FRAME, PCMA);
    second.talk(side, AGENT_FRAME, PCMA);
    return { call, second };
  }

  it('is the telephone that described itself last; the other one’s RTP is dropped', async () => {
    const { call, second } = await callWithTwo('carrier-forks');
    const { dialer, carrier, outcome } = await call.ended();
    const later = carrier.sent(183)[1];
    const answer = firstOf(carrier.sent(200, 'INVITE'), '200');
    const heard = call.dialerRtp.packets;
    expect(soundRuns(fromTheNamed(heard))).toEqual(['callee', 'agent']);
    expectBegins('agent', heard, later);
    expect(streamProblems(heard), 'one stream to the dialer').toEqual([]);
    expect(new Set(dialer.received(183).map(({ body }) => body)).size, 'one answer for the dialer').toBe(1);

    expect(call.calleeRtp.packets, 'no ambience to the telephone that did not answer').toEqual([]);
    expect(between(second.packets, 0, answer.atMs - STAMP_LATE_MS_MAX), 'none before the answer').toEqual([]);
    expect(soundsOf(second.packets)).toEqual(['other']);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('yields to the telephone that answers, and ambience goes to that one', async () => {
    const { call, second } = await callWithTwo('carrier-forks-and-the-first-answers');
    const { carrier } = await call.ended();
    const answer = firstOf(carrier.sent(200, 'INVITE'), '200');
    const heard = call.dialerRtp.packets;
    const runs = soundRuns(fromTheNamed(heard));
    expect(runs).toEqual(['callee', 'agent', 'callee']);
    expectBegins('agent', heard, carrier.sent(183)[1]);
    expectBegins('callee', heard.slice(heard.findLastIndex(isOf('agent'))), answer);
    expect(second.packets).toEqual([]);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
  });

  it('is the other telephone again when one gives up, which the dialer is not told (199, RFC 6228)', async () => {
    const { call } = await callWithTwo('carrier-fork-gives-up');
    const { dialer, carrier } = await call.ended();
    const gone = firstOf(carrier.sent(199), '199');
    const heard = call.dialerRtp.packets;
    expect(soundRuns(fromTheNamed(heard))).toEqual(['callee', 'agent', 'callee']);
    expectBegins('callee', heard.slice(heard.findLastIndex(isOf('agent'))), gone);
    const told = dialer.messages.filter(({ atMs, status }) => status !== null && atMs > gone.atMs && status < 200);
    expect(told).toEqual([]);
  });

  it('comes with a reliable 183, which gets its PRACK; the 200 then needs no SDP (RFC 3262)', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-progresses-reliably' });
    await calleeTalks(call, call.calleeRtp);
    const { carrier, outcome } = await call.ended();
    const invite = firstOf(carrier.received('INVITE'), 'INVITE');
    expect(header(invite, 'Supported')).toBe('100rel, timer');
    expect(header(firstOf(carrier.received('PRACK'), 'PRACK'), 'RAck')).toBe(`1 ${header(invite, 'CSeq')}`);
    const answer = firstOf(carrier.sent(200, 'INVITE'), '200');
    expect(between(call.dialerRtp.packets, 0, answer.atMs).length).toBeGreaterThan(10);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('moves with an UPDATE of the carrier’s (RFC 3311), and ambience goes where that said', async () => {
    const { call, second } = await callWithTwo('carrier-updates-early-media');
    const { carrier, dialer } = await call.ended();
    const updated = firstOf(carrier.received(200, 'UPDATE'), '200 to the UPDATE');
    expect(sdpDirection(updated)).toBe('sendrecv');
    expect(dialer.received('UPDATE')).toEqual([]);
    const heard = call.dialerRtp.packets;
    expect(soundRuns(fromTheNamed(heard))).toEqual(['callee', 'agent']);
    expectBegins('agent', heard, updated);
    expect(soundsOf(second.packets)).toEqual(['other']);
    expect(call.calleeRtp.packets).toEqual([]);
  });

  it('may be elsewhere, in another codec, than what the 200 says: the dialer’s answer stays, and both hear', async () => {
    const second = await bed.rtpEnd(CARRIER.address);
    const call = await bed.call({
      dialer: 'dialer-waits-for-bye',
      carrier: 'carrier-answers-elsewhere',
      carrierKeys: { second_rtp_port: String(second.port) },
    });
    const { dialer, outcome } = await call.ended();
    const [progress, answer] = [firstOf(dialer.received(183), '183'), firstOf(dialer.received(200, 'INVITE'), '200')];
    expect(answer.body).toBe(progress.body);
    expect(new Set(second.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    expect(soundsOf(second.packets)).toEqual(['other']);
    expect(call.calleeRtp.packets).toEqual([]);
    expect(outcome.comfortNoise).toMatchObject({ codec: 'PCMU' });
  });

  it('is told reliably to a dialer that requires it, and the 200 waits for the PRACK (RFC 3262)', async () => {
    const call = await bed.call({ dialer: 'dialer-requires-reliability', carrier: 'carrier-sends-early-media' });
    const { dialer, outcome } = await call.ended();
    const progress = firstOf(dialer.received(183), '183');
    expect(header(progress, 'Require')).toContain('100rel');
    expect(header(progress, 'RSeq')).toMatch(/^\d+$/);
    expect(progress.body).toContain('m=audio');
    expect(firstOf(dialer.received(200, 'INVITE'), '200').body.trim(), 'agreed by the PRACK').toBe('');
    expect(outcome).toMatchObject({ class: 'A', endedBy: 'dialer' });
  });
});

const isOf = (sound: Sound) => (packet: RtpArrival) => soundOf(packet.payload) === sound;

/** From the first telephone's first packet on: until that one speaks, another at the same address may be heard. */
function fromTheNamed(heard: readonly RtpArrival[]): readonly RtpArrival[] {
  return heard.slice(heard.findIndex(isOf('callee')));
}

/** The first packet of a sound came with a message of the carrier's, not before it and not long after. */
function expectBegins(sound: Sound, heard: readonly RtpArrival[], cause: SipMessage | undefined): void {
  const first = fromTheNamed(heard).find(isOf(sound));
  if (first === undefined || cause === undefined) throw new Error(`no ${sound}, or no message that brought it`);
  const afterMs = first.atMs - cause.atMs;
  expect(afterMs, `${sound} after ${cause.startLine}`).toBeGreaterThan(-STAMP_LATE_MS_MAX);
  expect(afterMs, `${sound} after ${cause.startLine}`).toBeLessThan(LATE_MS_MAX);
}
