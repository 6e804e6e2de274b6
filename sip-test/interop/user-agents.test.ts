/** Softphones that people use, on either side of Brusio. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clipFile, framesOfClip } from '../ambience-clip.ts';
import { CARRIER, DIALER_ADDRESS, TARGET } from '../engine-under-test.ts';
import { between, soundsOf } from '../rtp-stream.ts';
import { audioAddress, firstOf } from '../sip-trace.ts';
import { TestBed } from '../test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME } from '../tone.ts';
import { workFolder } from '../work-folder.ts';
import { startBaresip } from './baresip.ts';
import { startLinphone } from './linphone.ts';
import { soundingStretches, toneFile, toneStretches } from './tone-file.ts';
import { softphoneSettings, type UserAgent, type UserAgentOptions } from './user-agent.ts';

const PCMA = 8;
const TELEPHONE_EVENT = 101;

/** What the callee or the agent says into its softphone. */
const SAYS_HZ = 700;

/** tone.ts: the agent of the SIPp side. */
const AGENT_HZ = 1_000;
const CALLEE_HZ = 500;

const SOFTPHONES: readonly (readonly [name: string, start: (options: UserAgentOptions) => Promise<UserAgent>])[] = [
  ['baresip', startBaresip],
  ['linphone', startLinphone],
];

describe.each(SOFTPHONES)('%s', (_name, start) => {
  let bed: TestBed;
  let says: string;
  const phones: UserAgent[] = [];
  beforeAll(async () => {
    bed = await TestBed.open({}, softphoneSettings());
    says = toneFile(join(workFolder('tone'), 'says.wav'), SAYS_HZ, 30);
    return () => bed.close();
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.close();
  });

  async function callee(number: string): Promise<UserAgent> {
    const phone = await start({ local: CARRIER, transport: 'udp', server: TARGET, user: number, says });
    phones.push(phone);
    return phone;
  }

  async function dialer(): Promise<UserAgent> {
    const local = { address: DIALER_ADDRESS, port: 5060 };
    const phone = await start({ local, transport: 'udp', server: TARGET, user: 'agent', says });
    phones.push(phone);
    return phone;
  }

  /** The dialer leg's Call-ID of the one call that lives. */
  async function liveCallId(): Promise<string> {
    const { body } = await bed.brusio.api.liveCalls();
    const [call] = (body as { calls: readonly { dialerCallId: string }[] }).calls;
    if (call === undefined) throw new Error('no call lives');
    return call.dialerCallId;
  }

  it('as callee hears ambience for three seconds, and is let go', async () => {
    const number = bed.newNumber();
    const phone = await callee(number);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const sipp = bed.dialer('dialer-waits-for-bye', dialerRtp, number);
    await phone.ended();
    await sipp.finished();
    const outcome = await bed.webhooks.outcome(sipp.callIds[0] ?? '');

    const heard = phone.heard();
    expect(soundingStretches(heard), '100 ms stretches of ambience').toBeGreaterThan(20);
    // Five frames a stretch; where the softphone's jitter buffer slipped, a frame is of two places of the clip.
    expect(
      framesOfClip(clipFile('open-plan-office', 'pcma.al'), heard),
      'frames that are the clip, to the last bit',
    ).toBeGreaterThan(0.8 * 5 * soundingStretches(heard));
    expect(toneStretches(heard, AGENT_HZ)).toBe(0);
    expect(soundsOf(dialerRtp.packets), 'the dialer hears the callee').toContain('other');
    expect(outcome).toMatchObject({ network: 'answered', handling: 'silent', class: 'A', endCause: 'deadline' });
  });

  it('as callee hears the agent after the ambience', async () => {
    const number = bed.newNumber();
    const phone = await callee(number);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const sipp = bed.dialer('dialer-reports-agent-by-info', dialerRtp, number);
    const answer = await sipp.message(
      '200 received',
      ({ status, direction }) => status === 200 && direction === 'received',
    );
    const to = audioAddress(answer);
    if (to === null) throw new Error('Brusio sent no SDP');
    dialerRtp.talk(to, AGENT_FRAME, PCMA);
    await phone.ended();
    await sipp.finished();
    const outcome = await bed.webhooks.outcome(sipp.callIds[0] ?? '');

    const heard = phone.heard();
    expect(soundingStretches(heard), 'heard in all').toBeGreaterThan(15);
    expect(toneStretches(heard, AGENT_HZ), '100 ms stretches of the agent, who talked for 1.5 s').toBeGreaterThan(7);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer' });
  });

  it('as dialer hears the callee at once, and its agent is heard when reported, keys too; it hangs up', async () => {
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const sipp = await bed.carrier('carrier-answers', calleeRtp);
    const phone = await dialer();
    await phone.dial(bed.newNumber());
    const invite = await sipp.message('INVITE received', ({ method }) => method === 'INVITE');
    const to = audioAddress(invite);
    if (to === null) throw new Error('Brusio sent no SDP');
    calleeRtp.talk(to, CALLEE_FRAME, PCMA);
    await phone.established();
    const dialerCallId = await liveCallId();
    await calleeRtp.packet('ambience', () => true);
    expect((await bed.brusio.api.agentConnected(dialerCallId, '1001')).status).toBe(200);
    const bridgedAtMs = Date.now();
    await untilMs(bridgedAtMs + 1_000);
    await phone.press('5');
    await calleeRtp.packet('telephone-event (RFC 4733)', ({ payloadType }) => payloadType === TELEPHONE_EVENT);
    await untilMs(bridgedAtMs + 2_000);
    await phone.hangUp();
    const carrier = await sipp.finished();
    const outcome = await bed.webhooks.outcome(dialerCallId);

    const speech = calleeRtp.packets.filter(({ payloadType }) => payloadType === PCMA);
    expect(new Set(speech.map(({ ssrc }) => ssrc)).size, 'one stream').toBe(1);
    const afterBridge = between(speech, bridgedAtMs + 300, Number.POSITIVE_INFINITY);
    expect(afterBridge.length, 'the agent’s packets').toBeGreaterThan(20);
    expect(toneStretches(phone.heard(), CALLEE_HZ), 'the callee is heard').toBeGreaterThan(7);
    expect(firstOf(carrier.received('BYE'), 'BYE').startLine).toContain('BYE sip:callee@');
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer', agent: { source: 'http' } });
  });
});

async function untilMs(atMs: number): Promise<void> {
  await sleep(Math.max(0, atMs - Date.now()));
}
