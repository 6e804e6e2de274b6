import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { RtpEndpoint } from './rtp-endpoint.ts';
import type { PeerInvite } from './sip-peer.ts';
import { audioAddress, firstOf, header, type SipMessage } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME, type Sound, soundOf } from './tone.ts';

const PCMA = 8;
const PBX = { address: loopback(38), port: 5060 };
const MANUAL_TRUNK = loopback(36);
const STRICT = loopback(35);
const SHOWN = '+390212345678';

/** Longer than a guarded call may wait, and than the silence that ambience would fill. */
const BEYOND_THE_LIMIT_MS = 3_300;

const SETTINGS = {
  carriers: [
    { name: 'primary', uri: `sip:${CARRIER.address}:${CARRIER.port}`, username: 'brusio', password: 'secret-1' },
  ],
  dialers: {
    sources: [DIALER_ADDRESS],
    named: [
      { name: 'desk', sources: [MANUAL_TRUNK], kind: 'manual' },
      { name: 'strict', sources: [STRICT], mayDeclare: [] },
    ],
  },
  exempt: { callers: [{ prefix: '+390299', kind: 'callback' }] },
  inbound: [
    { number: '+3902', target: `sip:${loopback(39)}:5060` },
    { number: SHOWN, target: `sip:${PBX.address}:${PBX.port}` },
  ],
};

describe('a call that is not guarded', () => {
  let bed: TestBed;
  const peers = peersPerTest();
  const { open } = peers;
  beforeAll(async () => {
    bed = await TestBed.open({}, SETTINGS);
    return () => bed.close();
  });

  /** Both ends talk towards where the other side's descriptions say. */
  const talk = (caller: RtpEndpoint, called: RtpEndpoint, toCaller: SipMessage, toCalled: SipMessage) => {
    caller.talk(audioAddress(toCaller) ?? expect.fail('no SDP'), AGENT_FRAME, PCMA);
    called.talk(audioAddress(toCalled) ?? expect.fail('no SDP'), CALLEE_FRAME, PCMA);
  };
  const heard = (end: RtpEndpoint): Sound[] => [...new Set(end.packets.map(({ payload }) => soundOf(payload)))];

  it('from a carrier goes to the target of its number, relayed both ways, and no carrier sees it', async () => {
    const [callerRtp, calledRtp] = [await bed.rtpEnd(CARRIER.address), await bed.rtpEnd(PBX.address)];
    const pbx = await open(PBX, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request, calledRtp);
    });
    const carrier = await open(CARRIER);
    const placed = carrier.invite({
      number: SHOWN,
      from: '<sip:+393331112233@carrier.example>',
      headers: ['X-Brusio-Agent: 1001;state=connected', 'X-Brusio-Campaign: theirs'],
      rtp: callerRtp,
    });
    const answer = await placed.final();
    const invite = firstOf(pbx.requests('INVITE'), 'INVITE at the PBX');
    talk(callerRtp, calledRtp, answer, invite);
    await sleep(BEYOND_THE_LIMIT_MS);
    await placed.bye(answer);

    expect(invite.startLine).toBe(`INVITE sip:${SHOWN}@${PBX.address}:${PBX.port} SIP/2.0`);
    expect(header(invite, 'From')).toContain('sip:+393331112233@');
    expect(carrier.requests('INVITE'), 'no relay from carrier to carrier').toEqual([]);
    expect(heard(calledRtp)).toEqual(['agent']);
    expect(heard(callerRtp)).toEqual(['callee']);
    const outcome = await bed.webhooks.outcome(placed.callId);
    expect(outcome).toMatchObject({
      kind: 'inbound',
      kindSource: 'carrier',
      dialer: null,
      campaign: 'default',
      network: 'answered',
      handling: 'relayed',
      class: null,
      endedBy: 'dialer',
      agent: null,
      comfortNoise: null,
      waitMs: 0,
      sip: { carrier: 'primary', status: 200 },
    });
    expect(outcome.talkMs).toBeGreaterThan(BEYOND_THE_LIMIT_MS - 200);
    expect(header(answer, 'X-Brusio-Call')).toBe(outcome.callId);
  });

  it('from a carrier to a number without a target is 404, and recorded', async () => {
    const carrier = await open(CARRIER);
    const placed = carrier.invite({ number: '+390612345678' });
    const final = await placed.final();
    expect(final.startLine).toBe('SIP/2.0 404 Not Found');
    expect(header(final, 'X-Brusio-Decision')).toMatch(/^inbound; /);
    expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({
      kind: 'inbound',
      network: 'blocked',
      class: null,
    });
    expect(carrier.requests('INVITE')).toEqual([]);
  });

  it('from a carrier to a target that is not there is 503, as it says, and none of our credentials are told', async () => {
    const carrier = await open(CARRIER);
    const unreachable = carrier.invite({ number: '+390299999999' });
    expect((await unreachable.final()).startLine).toBe('SIP/2.0 503 Service Unavailable');
    const pbx = await open(PBX, (request, peer) => {
      if (request.method === 'INVITE')
        peer.reply(request, 401, 'Unauthorized', { headers: ['WWW-Authenticate: Digest realm="x", nonce="n"'] });
    });
    const asked = carrier.invite({ number: SHOWN });
    expect((await asked.final()).startLine).toBe('SIP/2.0 500 Server Internal Error');
    expect(pbx.requests('INVITE')).toHaveLength(1);
  });

  /** A call to the carrier that is answered after early media, and what both ends heard by then. */
  const relayed = async (address: string, invite: Partial<PeerInvite>) => {
    const [callerRtp, calledRtp] = [await bed.rtpEnd(address), await bed.rtpEnd(CARRIER.address)];
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 183, 'Session Progress', { rtp: calledRtp });
    });
    const dialer = await open({ address, port: 0 });
    const placed = dialer.invite({ number: bed.newNumber(), rtp: callerRtp, ...invite });
    const progress = await placed.provisional(183);
    const received = firstOf(carrier.requests('INVITE'), 'INVITE at the carrier');
    talk(callerRtp, calledRtp, progress, received);
    await callerRtp.packet('the callee', () => true);
    await calledRtp.packet('the caller', () => true);
    const early = { caller: heard(callerRtp), called: heard(calledRtp) };
    carrier.reply(received, 200, 'OK', { rtp: calledRtp });
    const answer = await placed.final();
    callerRtp.hush();
    await sleep(BEYOND_THE_LIMIT_MS);
    await placed.bye(answer);
    return { early, called: heard(calledRtp), outcome: await bed.webhooks.outcome(placed.callId), invite: received };
  };

  it('since the INVITE declares it manual is relayed whole: early media both ways, no ambience, no deadline', async () => {
    const { early, called, outcome, invite } = await relayed(DIALER_ADDRESS, {
      headers: ['X-Brusio-Call-Type: manual'],
    });
    expect(early).toEqual({ caller: ['callee'], called: ['agent'] });
    expect(called, 'nothing of ours, though the dialer was silent').toEqual(['agent']);
    expect(header(invite, 'X-Brusio-Call-Type'), 'at the carrier').toBeNull();
    expect(outcome).toMatchObject({
      kind: 'manual',
      kindSource: 'header',
      dialer: 'default',
      handling: 'relayed',
      class: null,
      endedBy: 'dialer',
      comfortNoise: null,
    });
  });

  /** The outcome of a call that its dialer ends soon after the answer. */
  const brief = async (address: string, invite: Partial<PeerInvite>) => {
    await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    const placed = (await open({ address, port: 0 })).invite({ number: bed.newNumber(), ...invite });
    const answer = await placed.final();
    await placed.bye(answer);
    return bed.webhooks.outcome(placed.callId);
  };

  it('since its trunk is manual, or its caller id is of a callback line, has no class', async () => {
    expect(await brief(MANUAL_TRUNK, {})).toMatchObject({
      kind: 'manual',
      kindSource: 'dialer',
      dialer: 'desk',
      handling: 'relayed',
      class: null,
    });
    await peers.close();
    expect(await brief(DIALER_ADDRESS, { from: '<sip:+390299123456@h>' })).toMatchObject({
      kind: 'callback',
      kindSource: 'caller-range',
      class: null,
    });
  });

  it('says a dialer that may not say so, and the call is guarded: class A', async () => {
    expect(await brief(STRICT, { headers: ['X-Brusio-Call-Type: manual'] })).toMatchObject({
      kind: 'guarded',
      kindSource: 'default',
      dialer: 'strict',
      handling: 'silent',
      class: 'A',
    });
  });

  it('obeys the rules of its dialer all the same: a hidden number is refused', async () => {
    const placed = (await open({ address: DIALER_ADDRESS, port: 0 })).invite({
      number: bed.newNumber(),
      headers: ['X-Brusio-Call-Type: transfer', 'Privacy: id'],
    });
    expect((await placed.final()).startLine).toBe('SIP/2.0 433 Anonymity Disallowed');
    expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({ kind: 'transfer', network: 'blocked' });
  });
});
