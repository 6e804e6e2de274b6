import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAWS } from '../src/audio/codec.ts';
import { spokenGreeting } from '../src/testing/spoken-greeting.ts';
import { announcementFile } from './announcement-file.ts';
import { metricSum } from './brusio-api.ts';
import { bothTalk, rtpBetween, sdpDirection } from './conversation.ts';
import { byeToCarrier } from './dialog-check.ts';
import { BRUSIO_ADDRESS, DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { LATE_MS_MAX, STAMP_LATE_MS_MAX } from './pace.ts';
import type { RtpArrival } from './rtp-endpoint.ts';
import { heardOf, soundsOf, streamProblems } from './rtp-stream.ts';
import { INTERFACES, NG_PORTS, RtpengineDaemon } from './rtpengine-daemon.ts';
import { audioAddress, firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { soundOf } from './tone.ts';

const daemon = new RtpengineDaemon(loopback(61), loopback(62));

const TIMEOUT_MS = 500;
/** A daemon is started anew within it, on a busy machine too. */
const LOST_AFTER_MS = 5_000;

/** For the daemon's first answer. */
const UP_WITHIN_MS = 20_000;

/** What a callee is told under the rules of the United States, and the key that says never again. */
const MESSAGE = announcementFile(1_000);
const TELEPHONE_EVENTS = 101;
const PCMA = 8;
/** Half a second of speech, and silence that is long enough for its end. */
const GREETING = LAWS.PCMA.encode(Int16Array.from([...spokenGreeting(500, 1), ...new Int16Array(8_000)]));

/** The first has the calls, the others are asked whether they are there. */
const settingsOf = (transports: readonly (keyof typeof NG_PORTS)[], more: object = {}) => ({
  media: {
    rtpengine: {
      instances: transports.map((transport, index) => ({
        address: `${transport}/${daemon.address}:${NG_PORTS[transport]}`,
        weight: index === 0 ? 1_000 : 1,
      })),
      timeoutMs: TIMEOUT_MS,
      lostAfterMs: LOST_AFTER_MS,
      ...more,
    },
  },
});

beforeAll(() => daemon.start());
afterAll(() => daemon.kill());

/** On a busy machine the daemon's first answer may come later than Brusio is healthy. */
async function untilUp(bed: TestBed): Promise<void> {
  const endMs = Date.now() + UP_WITHIN_MS;
  while (metricSum(await bed.brusio.api.metrics(), /^brusio_rtpengine_up/) !== 1) {
    if (Date.now() > endMs) throw new Error('Brusio says that its rtpengine is not up');
    await sleep(50);
  }
}

/** The sources that some packets came from. */
function sourcesOf(packets: readonly RtpArrival[]): readonly string[] {
  return [...new Set(packets.map(({ from }) => `${from.address}:${from.port}`))];
}

/** The packets of each SSRC, in the order in which they were first heard. */
function streamsOf(packets: readonly RtpArrival[]): readonly (readonly RtpArrival[])[] {
  const sources = [...new Set(packets.map(({ ssrc }) => ssrc))];
  return sources.map((one) => packets.filter(({ ssrc }) => ssrc === one));
}

describe('with rtpengine as relay', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({}, settingsOf(['udp', 'tcp']));
    return () => bed.close();
  });

  it('ambience comes from its port from the answer on, and the agent, without Brusio, from the very same', async () => {
    const call = await bed.call({ dialer: 'dialer-reports-agent-by-info', carrier: 'carrier-answers' });
    await bothTalk(call);
    const { dialer, carrier, outcome } = await call.ended();

    const invite = firstOf(carrier.received('INVITE'), 'INVITE');
    const [toCallee, toDialer] = [audioAddress(invite), audioAddress(firstOf(dialer.received(200, 'INVITE'), '200'))];
    expect([toCallee?.address, toDialer?.address], 'both SDPs name rtpengine').toEqual([
      daemon.address,
      daemon.address,
    ]);
    const { packets } = call.calleeRtp;
    expect(sourcesOf(packets)).toEqual([`${toCallee?.address}:${toCallee?.port}`]);
    expect(sourcesOf(call.dialerRtp.packets)).toEqual([`${toDialer?.address}:${toDialer?.port}`]);

    // Brusio's stream until a packet or two after the splice, then the dialer's own.
    const [brusios, dialers, ...more] = streamsOf(packets);
    if (brusios === undefined || dialers === undefined) throw new Error('the callee heard one stream only');
    expect(more).toEqual([]);
    expect(soundsOf(brusios)[0]).toBe('other');
    expect(soundsOf(dialers), 'once the peers are coupled').toEqual(['agent']);
    for (const stream of [brusios, dialers]) expect(streamProblems(stream)).toEqual([]);
    const bridgedAtMs = firstOf(dialer.sent('INFO'), 'INFO').atMs;
    expect(dialers[0]?.atMs, 'not before there is an agent').toBeGreaterThan(bridgedAtMs - STAMP_LATE_MS_MAX);
    expect(dialers.length, 'most of what the agent says').toBeGreaterThan(40);
    expect(soundsOf(call.dialerRtp.packets)).toEqual(['callee']);

    expect(outcome).toMatchObject({ network: 'answered', handling: 'agent', class: 'B', endedBy: 'dialer' });
    expect(outcome.comfortNoise?.packets).toBeGreaterThan(30);
    const metrics = await bed.brusio.api.metrics();
    expect(metricSum(metrics, /^brusio_rtpengine_coupled_total/)).toBe(1);
    expect(metricSum(metrics, /^brusio_rtpengine_calls_live/), 'it was deleted there').toBe(0);
  });

  it('a hold brings the audio back to Brusio, and its end couples the peers again', async () => {
    const call = await bed.call({
      dialer: 'dialer-holds-and-resumes',
      carrier: 'carrier-is-held-and-resumed',
      inviteHeaders: ['X-Brusio-Agent: 1001;state=connected'],
      dialerKeys: ({ port }) => ({
        hold_address: DIALER_ADDRESS,
        hold_port: String(port),
        hold_session: '',
        hold_media: '\r\na=sendonly',
      }),
      carrierKeys: { held_answer: 'a=recvonly' },
    });
    await bothTalk(call);
    const { dialer, carrier, outcome } = await call.ended();

    const [, hold, resume] = carrier.received('INVITE');
    const [, held, resumed] = dialer.received(200, 'INVITE');
    if (hold === undefined || resume === undefined || held === undefined || resumed === undefined)
      throw new Error('the hold did not pass');
    expect([sdpDirection(hold), sdpDirection(resume)]).toEqual(['sendonly', 'sendrecv']);
    expect([hold, resume].map((message) => audioAddress(message))).toEqual(
      [hold, resume].map(() => audioAddress(firstOf(carrier.received('INVITE'), 'INVITE'))),
    );
    const during = { fromMs: held.atMs + LATE_MS_MAX, toMs: resume.atMs - STAMP_LATE_MS_MAX };
    expect(rtpBetween(call.dialerRtp, during), 'the dialer hears nobody').toEqual([]);
    expect(soundsOf(heardOf(call.dialerRtp, rtpBetween(call.calleeRtp, during)))).toEqual(['agent']);
    const after = { fromMs: resumed.atMs + LATE_MS_MAX, toMs: firstOf(dialer.sent('BYE'), 'BYE').atMs };
    expect(soundsOf(rtpBetween(call.dialerRtp, after))).toEqual(['callee']);
    expect(soundsOf(heardOf(call.dialerRtp, rtpBetween(call.calleeRtp, after)))).toEqual(['agent']);
    expect(sourcesOf(call.calleeRtp.packets)).toHaveLength(1);
    byeToCarrier(carrier);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B' });
    const coupled = metricSum(await bed.brusio.api.metrics(), /^brusio_rtpengine_coupled_total/);
    expect(coupled, 'the call before, and this one at its beginning and after the hold').toBe(3);
  });

  it('a bridged call ends soon after its rtpengine was restarted, which answers and knows nothing of it', async () => {
    const call = await bed.call({ dialer: 'dialer-has-agent-and-waits-for-bye', carrier: 'carrier-answers' });
    await bothTalk(call);
    await call.calleeRtp.packet('agent', ({ payload }) => soundOf(payload) === 'agent');
    await daemon.kill();
    await daemon.start();
    const { carrier, outcome } = await call.ended();
    byeToCarrier(carrier);
    expect(outcome).toMatchObject({ network: 'answered', handling: 'agent', class: 'B', endCause: 'media-failed' });
    const details = bed.brusio.log().map(({ detail }) => String(detail));
    expect(details.filter((detail) => detail.includes('no longer knows the call: Unknown call-id'))).toHaveLength(1);
  });

  it('a bridged call ends soon after its rtpengine died, and further calls are refused until it is back', async () => {
    const call = await bed.call({ dialer: 'dialer-has-agent-and-waits-for-bye', carrier: 'carrier-answers' });
    await bothTalk(call);
    await call.calleeRtp.packet('agent', ({ payload }) => soundOf(payload) === 'agent');
    const killedAtMs = Date.now();
    await daemon.kill();
    const { carrier, outcome } = await call.ended();

    const { atMs } = byeToCarrier(carrier);
    // The question that finds it silent may have been sent a moment before its end.
    expect(atMs - killedAtMs).toBeGreaterThan(LOST_AFTER_MS - TIMEOUT_MS);
    expect(outcome).toMatchObject({ network: 'answered', handling: 'agent', class: 'B', endCause: 'media-failed' });
    const down = await bed.brusio.api.metrics();
    expect(metricSum(down, /^brusio_rtpengine_up/)).toBe(0);
    expect(metricSum(down, /^brusio_rtpengine_calls_lost_total/)).toBe(2);

    const rtp = await bed.rtpEnd(DIALER_ADDRESS);
    const refused = await bed.dialer('dialer-is-refused', rtp, bed.newNumber()).finished();
    expect(
      firstOf(
        refused.messages.filter(({ status }) => status !== null && status >= 300),
        'refusal',
      ).status,
    ).toBe(503);
    expect(metricSum(await bed.brusio.api.metrics(), /^brusio_refused_total\{rule="media"\}/)).toBe(1);
    expect(await bed.brusio.api.healthz()).toMatchObject({
      status: 503,
      body: { detail: 'No new calls are taken: no rtpengine answers.' },
    });
    expect(bed.brusio.log().map(({ msg }) => msg)).toContain('rtpengine does not answer: no new calls for it');

    await daemon.start();
    await expect
      .poll(async () => metricSum(await bed.brusio.api.metrics(), /^brusio_rtpengine_up/), { timeout: 15_000 })
      .toBe(2);
  });
});

describe('with rtpengine between Brusio and both peers', () => {
  let bed: TestBed;
  beforeAll(async () => {
    const { first: brusio, second: outside } = INTERFACES;
    const interfaces = { brusio, dialers: outside, carriers: outside };
    bed = await TestBed.open(
      {},
      {
        ...settingsOf(['ws'], { direct: false, whenDown: 'embedded', interfaces }),
        campaigns: {
          announcement: { file: MESSAGE.path, text: 'Press 9.', optOut: { digit: '9', listenMs: 2_000 } },
          named: [{ name: 'us', jurisdiction: 'us' }],
        },
      },
    );
    await untilUp(bed);
    return () => bed.close();
  });

  it('the callee hears one stream for the whole call, from the interface that is for carriers', async () => {
    const call = await bed.call({ dialer: 'dialer-reports-agent-by-info', carrier: 'carrier-answers' });
    await bothTalk(call);
    const { outcome } = await call.ended();
    for (const { packets } of [call.calleeRtp, call.dialerRtp])
      expect(sourcesOf(packets).map((source) => source.split(':')[0])).toEqual([daemon.outerAddress]);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other', 'agent']);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B' });
  });

  it('the callee’s greeting is heard, they are told who called on the same stream, and their key comes through', async () => {
    const call = await bed.call({
      dialer: 'dialer-waits-for-bye',
      carrier: 'carrier-answers',
      inviteHeaders: ['X-Brusio-Campaign: us'],
    });
    const { from: to } = await call.calleeRtp.packet('ambience', () => true);
    call.calleeRtp.play(to, GREETING, PCMA);
    await call.calleeRtp.packet('the message', ({ payload }) => MESSAGE.isFrame(payload), 20_000);
    call.calleeRtp.press(to, 9, TELEPHONE_EVENTS);
    const { outcome } = await call.ended();
    expect(sourcesOf(call.calleeRtp.packets).map((source) => source.split(':')[0])).toEqual([daemon.outerAddress]);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({
      ...{ handling: 'message', class: 'A', endCause: 'opted-out', waitFrom: 'speech-end', waitFallback: null },
      announcement: { sha256: MESSAGE.sha256, complete: false, optOut: { digit: '9' } },
    });
  });

  it('a call has Brusio’s own ports while no rtpengine answers, where the settings say so', async () => {
    await daemon.kill();
    const first = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
    const { outcome } = await first.ended();
    expect(sourcesOf(first.calleeRtp.packets).map((source) => source.split(':')[0])).toEqual([BRUSIO_ADDRESS]);
    expect(soundsOf(first.calleeRtp.packets)).toEqual(['other']);
    expect(streamProblems(first.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
    expect(metricSum(await bed.brusio.api.metrics(), /^brusio_rtpengine_calls_embedded_total/)).toBe(1);
  });
});

describe('with rtpengine between a dialer in IPv6 and a carrier in IPv4', () => {
  let bed: TestBed;
  beforeAll(async () => {
    await daemon.start();
    const { first, second } = INTERFACES;
    const interfaces = { brusio: first, dialers: first, carriers: second };
    const settings = settingsOf(['udp'], { interfaces });
    bed = await TestBed.open({}, { ...settings, rtp: { dialers: { address: '::1' } } });
    await untilUp(bed);
    return () => bed.close();
  });

  it('each peer has a port in its own family, and the peers are coupled all the same', async () => {
    const call = await bed.call({
      dialer: 'dialer-reports-agent-by-info',
      carrier: 'carrier-answers',
      dialerSide: { rtpAddress: '::1' },
    });
    await bothTalk(call);
    const { dialer, carrier, outcome } = await call.ended();
    const [invite, answer] = [
      firstOf(carrier.received('INVITE'), 'INVITE'),
      firstOf(dialer.received(200, 'INVITE'), '200'),
    ];
    expect([audioAddress(invite)?.address, audioAddress(answer)?.address]).toEqual([daemon.outerAddress, '::1']);
    expect(soundsOf(streamsOf(call.calleeRtp.packets)[0] ?? [])[0]).toBe('other');
    expect(soundsOf(streamsOf(call.calleeRtp.packets)[1] ?? []), 'once the peers are coupled').toEqual(['agent']);
    expect(soundsOf(call.dialerRtp.packets)).toEqual(['callee']);
    expect(metricSum(await bed.brusio.api.metrics(), /^brusio_rtpengine_coupled_total/)).toBe(1);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B' });
  });
});
