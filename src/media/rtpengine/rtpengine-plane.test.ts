import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { CallId } from '../../call/call-facts.ts';
import { INBOUND } from '../../call/media-network.ts';
import type { MediaEvent } from '../../guard/media-port.ts';
import { CALLEE_MEDIA } from '../../testing/call-samples.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { type FakeMedia, fakeMedia, SILENT_LOG, type Trace } from '../../testing/fake-ports.ts';
import { STUB_AMBIENCE } from '../../testing/stub-clip.ts';
import { readNgMessage } from './ng-message.ts';
import type { OpenNgTransport } from './ng-transport.ts';
import { createRtpenginePlane, type RtpenginePlane, type RtpengineRules } from './rtpengine-plane.ts';

const RULES: RtpengineRules = {
  timeoutMs: 500,
  lostAfterMs: 2000,
  whenDown: 'refuse',
  direct: true,
  interfaces: null,
};
const CALL = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' as CallId;
const nth = (n: number) => `call-${n}` as CallId;

/** A daemon of a test: alive or not, with room or not. */
type Daemon = { alive: boolean; full: boolean; readonly asked: string[]; readonly directions: unknown[] };

let clock: ReturnType<typeof fakeClock>;
let inner: FakeMedia;
let trace: Trace;
let events: MediaEvent[];
let daemons: Daemon[];

beforeEach(() => {
  clock = fakeClock();
  [trace, events, daemons] = [[], [], []];
  inner = fakeMedia(trace);
});

function openDaemon(daemon: Daemon, index: number): OpenNgTransport {
  let ports = 30_000 + index * 1_000;
  return ({ onAnswer }) => ({
    close: () => undefined,
    send(message) {
      const read = readNgMessage(message);
      if (read === null) return;
      const { command } = read.body;
      daemon.asked.push(`${command} ${read.body['from-tag'] ?? ''}`.trim());
      if (!daemon.alive) return;
      if (command === 'offer') daemon.directions.push(read.body.direction);
      if (command === 'ping') return onAnswer({ cookie: read.cookie, body: { result: 'pong' } });
      if (daemon.full) return onAnswer({ cookie: read.cookie, body: { result: 'load limit' } });
      ports += 2;
      const sdp = `v=0\r\nc=IN IP4 192.0.2.${index + 1}\r\nt=0 0\r\nm=audio ${ports} RTP/AVP 8\r\n`;
      onAnswer({ cookie: read.cookie, body: { result: 'ok', sdp } });
    },
  });
}

async function planeWith(weights: readonly number[], rules: Partial<RtpengineRules> = {}): Promise<RtpenginePlane> {
  daemons = weights.map(() => ({ alive: true, full: false, asked: [], directions: [] }));
  const plane = createRtpenginePlane({
    inner: { ...inner, standAside: () => trace.push('media stand-aside') },
    instances: daemons.map((daemon, index) => ({
      name: `udp/192.0.2.${index + 1}:2223`,
      weight: weights[index] ?? 1,
      open: openDaemon(daemon, index),
    })),
    rules: { ...RULES, ...rules },
    clock,
    random: seededRandom(1),
    cookiePrefix: 'k',
    log: SILENT_LOG,
  });
  await plane.start((event) => events.push(event));
  return plane;
}

/** Every instance is found silent. */
async function goDown(): Promise<void> {
  for (const daemon of daemons) daemon.alive = false;
  for (let step = 0; step < 20; step += 1) {
    clock.advance(100);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

describe('which rtpengine a call is given to', () => {
  it('follows the weights, and never one that does not answer', async () => {
    const plane = await planeWith([3, 1, 5]);
    const [first, second, third] = daemons;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were made');
    third.alive = false;
    for (let step = 0; step < 20; step += 1) {
      clock.advance(100);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    for (let n = 0; n < 200; n += 1) await plane.open(nth(n), STUB_AMBIENCE);
    const [one, two, three] = plane.status().instances.map(({ callsLive }) => callsLive);
    expect(three).toBe(0);
    expect(one).toBeGreaterThan(130);
    expect(two).toBeGreaterThan(30);
    await plane.stop();
  });

  it('is another one when the first has no room, and the call is deleted at the first', async () => {
    const plane = await planeWith([1000, 1]);
    const [full] = daemons;
    if (full === undefined) throw new Error('two were made');
    full.full = true;
    expect(await plane.open(CALL, STUB_AMBIENCE)).toMatchObject({
      dialer: { address: '192.0.2.2' },
      carrier: { address: '192.0.2.2' },
    });
    expect(full.asked.at(-1)).toBe('delete');
    expect(plane.status().instances.map(({ callsLive }) => callsLive)).toEqual([0, 1]);
    await plane.stop();
  });

  it('is none when none answers: the call is refused, and nothing stays open', async () => {
    const plane = await planeWith([1, 1]);
    expect(plane.problem()).toBeNull();
    await goDown();
    expect(plane.problem()).toBe('no rtpengine answers');
    await expect(plane.open(CALL, STUB_AMBIENCE)).rejects.toMatchObject({ code: 'media.relay-down' });
    expect(trace).toEqual([]);
    expect(plane.status()).toMatchObject({ callsRefused: 1, callsEmbedded: 0 });
    await plane.stop();
  });

  it('is none when each refuses: Brusio’s own ports are given back', async () => {
    const plane = await planeWith([1]);
    for (const daemon of daemons) daemon.full = true;
    await expect(plane.open(CALL, STUB_AMBIENCE)).rejects.toMatchObject({ code: 'media.relay-down' });
    expect(trace).toEqual(['media open stub', 'media close']);
    await plane.stop();
  });

  it('is none, and the call has Brusio’s own ports, where the settings say so', async () => {
    const plane = await planeWith([1], { whenDown: 'embedded' });
    await goDown();
    expect(plane.problem()).toBeNull();
    expect(await plane.open(CALL, STUB_AMBIENCE)).toEqual({
      dialer: { address: '127.0.0.1', port: 20_000 },
      carrier: { address: '127.0.0.1', port: 20_002 },
    });
    plane.playAmbience(CALL, CALLEE_MEDIA, clock.monotonicMs());
    plane.connect(CALL, null);
    await plane.close(CALL);
    expect(trace).toEqual([
      'media open stub',
      `media play-ambience ${CALLEE_MEDIA.rtp.address}:${CALLEE_MEDIA.rtp.port}`,
      'media connect',
      'media close',
    ]);
    expect(plane.status().callsEmbedded).toBe(1);
    await plane.stop();
  });
});

describe('a call that is being opened', () => {
  it('and is closed meanwhile is rejected, and deleted at rtpengine', async () => {
    const plane = await planeWith([1]);
    const opening = plane.open(CALL, STUB_AMBIENCE);
    await plane.close(CALL);
    await expect(opening).rejects.toMatchObject({ code: 'media.closed' });
    expect(plane.status().instances[0]?.callsLive).toBe(0);
    await plane.stop();
  });
});

describe('what the plane says', () => {
  it('a call whose rtpengine fell silent has failed, once, and is not asked for at its close', async () => {
    const plane = await planeWith([1]);
    await plane.open(CALL, STUB_AMBIENCE);
    for (const daemon of daemons) daemon.alive = false;
    for (let step = 0; step < 50; step += 1) {
      clock.advance(100);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    expect(events).toEqual([
      { type: 'failed', callId: CALL, detail: 'udp/192.0.2.1:2223 has not answered for 2000 ms' },
    ]);
    await plane.close(CALL);
    expect(daemons[0]?.asked).not.toContain('delete');
    await plane.stop();
  });

  it('the embedded plane’s events pass, but for the one that is meant for it', async () => {
    const plane = await planeWith([1]);
    inner.emit({ type: 'ambience-started', callId: CALL, afterMs: 1 });
    inner.emit({ type: 'dialer-heard', callId: CALL });
    inner.emit({ type: 'thread-died', detail: 'test' });
    expect(events.map(({ type }) => type)).toEqual(['ambience-started', 'thread-died']);
    await plane.stop();
  });

  it('gives each leg of a call from a carrier the interface of the network that its peer is in', async () => {
    const interfaces = { brusio: 'inside', dialers: 'office', carriers: 'outside' };
    const plane = await planeWith([1], { interfaces });
    await plane.open(nth(1), STUB_AMBIENCE);
    await plane.open(nth(2), STUB_AMBIENCE, INBOUND);
    const [dialerLeg, carrierLeg] = [
      ['inside', 'office'],
      ['inside', 'outside'],
    ];
    expect(daemons[0]?.directions).toEqual([dialerLeg, carrierLeg, carrierLeg, dialerLeg]);
  });
});
