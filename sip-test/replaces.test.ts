import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import { rawInvite } from './raw-invite.ts';
import { streamProblems } from './rtp-stream.ts';
import type { PeerCall, SipPeer } from './sip-peer.ts';
import { audioAddress, firstOf, header, type SipMessage } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME, soundOf } from './tone.ts';

/** Another dialer. */
const OTHER = loopback(33);
const PCMA = 8;

const tagIn = (message: SipMessage, name: string) => /;\s*tag=([^;\s]+)/.exec(header(message, name) ?? '')?.[1] ?? '';
/** The Replaces of a dialog, from its 200. */
const replaces = (answer: SipMessage, more = '') =>
  `Replaces: ${header(answer, 'Call-ID')};to-tag=${tagIn(answer, 'To')};from-tag=${tagIn(answer, 'From')}${more}`;
const inCall =
  ({ callId }: PeerCall, method: string) =>
  (one: SipMessage) =>
    one.method === method && header(one, 'Call-ID') === callId;

describe('an INVITE with Replaces (RFC 3891)', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open(
      {},
      { dialers: { sources: [DIALER_ADDRESS], named: [{ name: 'other', sources: [OTHER] }] } },
    );
    return () => bed.close();
  });

  /** A call whose callee answers. */
  const placed = async (...headers: string[]) => {
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method !== 'INVITE') return;
      // A real drachtio-server loses the 200 of a re-INVITE that was answered with 180 first.
      if (/;\s*tag=/.test(header(request, 'To') ?? '')) peer.reply(request, 200, 'OK', { rtp: calleeRtp });
      else peer.answer(request, calleeRtp);
    });
    const dialer = await open({ address: DIALER_ADDRESS, port: 0 });
    const number = bed.newNumber();
    const call = dialer.invite({ number, rtp: dialerRtp, headers });
    return { number, carrier, calleeRtp, dialer, call };
  };
  /** A call that was answered and waits for an agent. */
  const answered = async () => {
    const call = await placed();
    return { ...call, answer: await call.call.final() };
  };
  const stateOf = async (callId: string) => (await bed.brusio.api.call(callId)).body;

  it('§3: takes the dialog’s place, on the same port: the agent in From is heard, and the old dialog has its BYE', async () => {
    const { number, carrier, calleeRtp, dialer, call, answer } = await answered();
    expect(header(answer, 'Supported')).toContain('replaces');
    const invite = firstOf(carrier.requests('INVITE'), 'INVITE');
    expect(header(invite, 'Supported')).not.toContain('replaces');
    const calleeSide = audioAddress(invite);
    if (calleeSide !== null) calleeRtp.talk(calleeSide, CALLEE_FRAME, PCMA);

    const agentRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const phone = await open({ address: DIALER_ADDRESS, port: 0 });
    const agent = phone.invite({
      ...{ number, rtp: agentRtp, from: '"Anna Rossi" <sip:1002@pbx.example>' },
      headers: [replaces(answer), 'Require: replaces'],
    });
    const taken = await agent.final();
    expect(taken.startLine).toBe('SIP/2.0 200 OK');
    expect(header(taken, 'X-Brusio-Call')).toBe(header(answer, 'X-Brusio-Call'));
    const dialerSide = audioAddress(taken);
    expect(dialerSide, 'our port').toEqual(audioAddress(answer));
    if (dialerSide !== null) agentRtp.talk(dialerSide, AGENT_FRAME, PCMA);
    const bye = await dialer.message('BYE in the old dialog', inCall(call, 'BYE'));
    expect(header(bye, 'Reason')).toContain('replaced');
    await calleeRtp.packet('the agent', ({ payload }) => soundOf(payload) === 'agent');
    await agentRtp.packet('the callee', ({ payload }) => soundOf(payload) === 'callee');

    // The old dialog is no part of the call any more.
    expect((await call.bye(answer)).status).toBeGreaterThanOrEqual(200);
    expect(await stateOf(call.callId)).toMatchObject({ state: 'bridged' });
    expect(await stateOf(agent.callId), 'by the new Call-ID').toMatchObject({ dialerCallId: call.callId });
    const again = phone.invite({ number, headers: [replaces(answer)] });
    expect((await again.final()).startLine, 'a dialog that has terminated').toMatch(/^SIP\/2\.0 603 /);

    // And for the next agent once more, whose name is in our header.
    const next = phone.invite({ number, headers: [replaces(taken), 'X-Brusio-Agent: 1003'] });
    const nextTaken = await next.final();
    expect(nextTaken.startLine).toBe('SIP/2.0 200 OK');
    await phone.message('BYE in the second dialog', inCall(agent, 'BYE'));
    await next.bye(nextTaken);
    await carrier.message('BYE to the carrier', ({ method }) => method === 'BYE');
    expect(carrier.requests('INVITE'), 'the callee was told nothing').toHaveLength(1);
    expect(streamProblems(calleeRtp.packets), 'one stream to the callee').toEqual([]);
    const outcome = await bed.webhooks.outcome(call.callId);
    expect(outcome).toMatchObject({
      ...{ handling: 'agent', class: 'B', endedBy: 'dialer' },
      agent: { id: '1003', source: 'sip-replaces' },
    });
    expect(outcome.waitMs, 'until the first agent').toBeLessThan(3_000);
  });

  it('takes back the hold that the callee was told in the old dialog', async () => {
    const { number, carrier, dialer, call, answer } = await answered();
    const told = (direction: string) =>
      carrier.message(
        `re-INVITE with ${direction}`,
        ({ method, body }) => method === 'INVITE' && body.includes(direction),
      );
    const phone = await open({ address: DIALER_ADDRESS, port: 0 });
    const music = phone.invite({ number, direction: 'sendonly', headers: [replaces(answer)] });
    const held = await music.final();
    await told('a=sendonly');
    await dialer.message('BYE in the old dialog', inCall(call, 'BYE'));
    carrier.messages.length = 0;
    const agent = phone.invite({ number, headers: [replaces(held)] });
    const taken = await agent.final();
    expect(taken.startLine).toBe('SIP/2.0 200 OK');
    await told('a=sendrecv');
    await agent.bye(taken);
    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({ class: 'B' });
  });

  it('§3: that cannot take it is refused, and the dialog is as it was', async () => {
    // Its agent is there from the beginning, so that the wait does not end meanwhile.
    const { number, carrier, dialer, call } = await placed('X-Brusio-Agent: 1001;state=connected');
    const refusal = async (from: SipPeer, ...headers: string[]) =>
      (await from.invite({ number, headers }).final()).startLine.slice('SIP/2.0 '.length, 11);
    const unacknowledged = await dialer.message('200', ({ status }) => status === 200);
    expect(await refusal(dialer, replaces(unacknowledged)), 'before the ACK').toBe('491');
    const answer = await call.final();
    const other = await open({ address: OTHER, port: 0 });
    expect(await refusal(dialer, replaces(answer).replace('to-tag=', 'to-tag=x')), 'no such dialog').toBe('481');
    expect(await refusal(other, replaces(answer)), 'another dialer’s').toBe('481');
    expect(await refusal(dialer, replaces(answer, ';early-only')), 'confirmed').toBe('486');
    expect(await refusal(dialer, 'Replaces: a@b;to-tag=1'), 'malformed').toBe('400');
    expect(await refusal(dialer, replaces(answer), 'Join: a@b;to-tag=1;from-tag=2'), 'contradictory').toBe('400');
    expect(await refusal(dialer, replaces(answer), replaces(answer)), 'two').toBe('400');
    const unheard = rawInvite({ from: dialer.local, number, callId: `raw-${call.callId}` });
    dialer.send(unheard.replace('RTP/AVP 8', 'RTP/AVP 9').replace('CSeq', `${replaces(answer)}\r\nCSeq`));
    const incompatible = await dialer.message('488', ({ status }) => status === 488);
    expect(header(incompatible, 'Warning')).toContain('305');
    expect((await call.request('INFO', answer, [replaces(answer)])).status, 'in another request').toBe(400);

    expect(dialer.requests('BYE')).toEqual([]);
    expect(await stateOf(call.callId)).toMatchObject({ state: 'bridged' });
    await call.bye(answer);
    await carrier.message('BYE to the carrier', ({ method }) => method === 'BYE');
    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({
      agent: { id: '1001', source: 'invite-header' },
    });
    expect(await refusal(dialer, replaces(answer)), 'the call is over').toBe('481');
  });

  it('has the BYE of a new start after a crash, in place of the dialog that it replaced', async () => {
    const { number, carrier, dialer, call, answer } = await answered();
    const phone = await open({ address: DIALER_ADDRESS, port: 0 });
    const agent = phone.invite({ number, headers: [replaces(answer), 'X-Brusio-Agent: 1002'] });
    await agent.final();
    await dialer.message('BYE in the old dialog', inCall(call, 'BYE'));
    await bed.committed();
    await bed.brusio.crash();
    await bed.brusio.start();
    await phone.message('BYE in the new dialog', inCall(agent, 'BYE'));
    await carrier.message('BYE to the carrier', ({ method }) => method === 'BYE');
    expect(dialer.requests('BYE'), 'BYEs in the old dialog').toHaveLength(1);
    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({
      ...{ class: 'B', endCause: 'guard-restarted' },
      agent: { id: '1002', source: 'sip-replaces' },
    });
  });
});
