/** Fax over UDPTL (T.38): a call turns to it and back by re-INVITE, between an agent's side and the callee's alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bothTalk, rtpBetween } from './conversation.ts';
import type { RtpEndpoint } from './rtp-endpoint.ts';
import { heardOf, soundsOf } from './rtp-stream.ts';
import { audioAddress, firstOf, header, type SipMessage } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];
const SETTLED_MS = 200;

/** A UDPTL packet (T.38 §9.1): its number, then what nobody on the way looks into. */
function udptl(number: number, says: string): Buffer {
  return Buffer.concat([Buffer.from([0, number]), Buffer.from(says)]);
}

function faxLine(message: SipMessage | undefined): string | undefined {
  return /^m=.*$/m.exec(message?.body ?? '')?.[0]?.trim();
}

async function faxHeard(end: RtpEndpoint, what: string): Promise<void> {
  await expect.poll(() => end.otherDatagrams.map(String), { timeout: 5_000 }).toContain(what);
}

describe('fax', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('passes to the other leg with what the terminals can do, datagrams as they are, and the audio comes back', async () => {
    const call = await bed.call({ dialer: 'dialer-faxes', carrier: 'carrier-takes-fax', inviteHeaders: AGENT_FIRST });
    const isFaxAnswer = ({ status, direction, body }: SipMessage) =>
      status === 200 && direction === 'received' && body.includes('m=image');
    const answer = await call.dialer.message('200 with fax', isFaxAnswer, 10_000);
    const invites = call.carrier.trace().received('INVITE');
    const [toDialerSide, toCalleeSide] = [firstOf(call.dialer.trace().received(200, 'INVITE'), '200'), invites[0]];
    const [dialerSide, calleeSide] = [audioAddress(toDialerSide), toCalleeSide && audioAddress(toCalleeSide)];
    if (dialerSide === null || !calleeSide) throw new Error('Brusio said no address');
    call.dialerRtp.say(dialerSide, udptl(1, 'from the dialer'));
    call.calleeRtp.say(calleeSide, udptl(1, 'from the callee'));
    await faxHeard(call.calleeRtp, String(udptl(1, 'from the dialer')));
    await faxHeard(call.dialerRtp, String(udptl(1, 'from the callee')));
    const { dialer, carrier, outcome } = await call.ended();

    const [, offered, back] = carrier.received('INVITE');
    expect(faxLine(offered)).toBe(`m=image ${calleeSide.port} udptl t38`);
    expect(offered?.body).toContain('a=T38MaxBitRate:14400');
    expect(offered?.body).toContain('a=T38FaxMaxDatagram:176');
    expect(faxLine(answer)).toBe(`m=image ${dialerSide.port} udptl t38`);
    expect(answer.body).toContain('a=T38MaxBitRate:9600');
    expect(answer.body).toContain('a=T38FaxMaxDatagram:400');
    expect(answer.body).not.toContain('rtpmap');
    expect(faxLine(back)).toMatch(/^m=audio /);
    // Nothing of ours goes into a fax; when it is over the silent agent's place is filled again.
    const faxAtMs = answer.atMs + SETTLED_MS;
    const backAtMs = dialer.received(200, 'INVITE')[2]?.atMs ?? 0;
    expect(rtpBetween(call.calleeRtp, { fromMs: faxAtMs, toMs: (back?.atMs ?? 0) - 20 })).toEqual([]);
    const after = rtpBetween(call.calleeRtp, { fromMs: backAtMs, toMs: Number.POSITIVE_INFINITY });
    expect(soundsOf(after)).toContain('other');
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('that the callee refuses is refused with its status, and the audio goes on', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused-fax',
      carrier: 'carrier-refuses-a-codec',
      inviteHeaders: AGENT_FIRST,
    });
    await bothTalk(call);
    const { dialer, carrier } = await call.ended();
    const refusedAtMs = firstOf(dialer.received(488, 'INVITE'), '488').atMs;
    expect(faxLine(carrier.received('INVITE')[1])).toContain('udptl t38');
    const byeAtMs = firstOf(dialer.sent('BYE'), 'BYE').atMs;
    const heard = { fromMs: refusedAtMs + SETTLED_MS, toMs: byeAtMs };
    expect(soundsOf(rtpBetween(call.dialerRtp, heard))).toEqual(['callee']);
    expect(soundsOf(heardOf(call.dialerRtp, rtpBetween(call.calleeRtp, heard)))).toEqual(['agent']);
  });

  it('is refused with 488 while the callee waits for an agent, and ambience goes on', async () => {
    const call = await bed.call({ dialer: 'dialer-is-refused-fax', carrier: 'carrier-answers' });
    const { dialer, carrier } = await call.ended();
    const refused = firstOf(dialer.received(488, 'INVITE'), '488');
    expect(header(refused, 'Warning')).toMatch(/^304 /);
    expect(carrier.received('INVITE')).toHaveLength(1);
    const byeAtMs = firstOf(dialer.sent('BYE'), 'BYE').atMs;
    const heard = rtpBetween(call.calleeRtp, { fromMs: refused.atMs + SETTLED_MS, toMs: byeAtMs });
    expect(soundsOf(heard)).toEqual(['other']);
  });
});
