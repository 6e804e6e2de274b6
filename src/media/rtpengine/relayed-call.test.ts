import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../base/errors.ts';
import type { CallId } from '../../call/call-facts.ts';
import type { RemoteMedia } from '../../call/remote-media.ts';
import type { MediaReport } from '../../guard/media-port.ts';
import { instantAt } from '../../testing/call-samples.ts';
import { AMBIENCE_REPORT, fakeMedia, type Trace } from '../../testing/fake-ports.ts';
import type { BencodedDictionary } from './bencode.ts';
import type { NgRequest } from './ng-message.ts';
import { type InnerPlane, RelayedCall, type RelayedCallParts, STEPS_MAX } from './relayed-call.ts';

const callId = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' as CallId;
const AT = instantAt(0).monotonicMs;
const OWN = {
  dialer: { address: '192.0.2.1', port: 20_000 },
  carrier: { address: '192.0.2.1', port: 20_002 },
};

/** rtpengine's port for each end of Brusio's and each peer. */
const PORTS: Readonly<Record<string, number>> = {
  dialer: 30_000,
  'brusio-dialer': 30_002,
  callee: 30_004,
  'brusio-callee': 30_006,
};

const callee: RemoteMedia = {
  rtp: { address: '192.0.2.3', port: 40_000 },
  codecs: [{ name: 'PCMA', payloadType: 8 }],
  telephoneEventPayloadType: 101,
  direction: 'sendrecv',
};
const dialer: RemoteMedia = { ...callee, rtp: { address: '192.0.2.2', port: 50_000 } };

/** The trace of a coupling, and of its end. */
const COUPLING = [
  'ng offer dialer to callee 192.0.2.2:50000 (8 101)',
  'ng answer dialer to callee 192.0.2.3:40000 (8 101)',
  'media stand-aside',
];
const BACK_TO_BRUSIO = [
  'ng offer brusio-dialer to dialer 192.0.2.1:20000 (8 101)',
  'ng answer brusio-dialer to dialer 192.0.2.2:50000 (8 101)',
  'ng offer brusio-callee to callee 192.0.2.1:20002 (8 101)',
  'ng answer brusio-callee to callee 192.0.2.3:40000 (8 101)',
  'media set-dialer 192.0.2.9:30002',
  'media connect 192.0.2.9:30006',
];

/** The embedded plane's lines, and rtpengine's, in one order. */
let trace: Trace;
let report: MediaReport | null;
let failures: string[];
let coupled: (string | null)[];
/** rtpengine's answer; a test may put another in its place. */
let answerOf: (request: NgRequest) => Promise<BencodedDictionary>;

beforeEach(() => {
  trace = [];
  [report, failures, coupled] = [AMBIENCE_REPORT, [], []];
  answerOf = async (request) => ({ result: 'ok', sdp: sdpAt(portFor(request)) });
});

/** An offer is answered with the port for who is to answer it, an answer with the port for who offered. */
function portFor({ command, 'from-tag': from, 'to-tag': to }: NgRequest): number {
  const end = command === 'offer' ? (to ?? String(from).replace('brusio-', '')) : from;
  return PORTS[String(end)] ?? 0;
}

function sdpAt(port: number): string {
  return `v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`;
}

function lineOf({ command, 'from-tag': from, 'to-tag': to, sdp }: NgRequest): string {
  const described = /c=IN IP4 (\S+)[\s\S]*m=audio (\d+) RTP\/AVP ([\d ]+)/.exec(String(sdp ?? ''));
  const where = described === null ? '' : ` ${described[1]}:${described[2]} (${described[3]})`;
  return `ng ${command}${from === undefined ? '' : ` ${from} to ${to ?? '?'}`}${where}`;
}

function newCall(parts: Partial<RelayedCallParts> = {}): RelayedCall {
  return new RelayedCall(
    {
      callId,
      inner: innerPlane(),
      instance: {
        name: 'one',
        ask: (request) => {
          trace.push(lineOf(request));
          return answerOf(request);
        },
        gaveUp: () => undefined,
      },
      interfaces: null,
      direct: true,
      onFailed: (detail) => failures.push(detail),
      onCoupled: (hindrance) => coupled.push(hindrance),
      ...parts,
    },
    OWN,
  );
}

function innerPlane(): InnerPlane {
  return { ...fakeMedia(trace, report), standAside: () => void trace.push('media stand-aside') };
}

async function openCall(parts: Partial<RelayedCallParts> = {}): Promise<RelayedCall> {
  const call = newCall(parts);
  await call.open();
  return call;
}

/** Every answer of rtpengine's that is due has come. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

/** Bridged, coupled, with nothing in the trace. */
async function coupledCall(): Promise<RelayedCall> {
  const call = await openCall();
  call.setDialer(dialer);
  call.playAmbience(callee, AT);
  call.connect(null);
  call.dialerHeard();
  await settled();
  expect(coupled).toEqual([null]);
  trace.length = 0;
  return call;
}

describe('while Brusio stands between the peers', () => {
  it('both peers are given ports of rtpengine’s before either is known', async () => {
    expect(await newCall().open()).toEqual({
      dialer: { address: '192.0.2.9', port: PORTS.dialer },
      carrier: { address: '192.0.2.9', port: PORTS.callee },
    });
  });

  it('the embedded plane knows each peer at rtpengine’s inner port, once rtpengine knows the peer', async () => {
    const call = await openCall();
    trace.length = 0;
    call.setDialer(dialer);
    call.playAmbience(callee, AT);
    expect(trace).toEqual(['ng answer brusio-dialer to dialer 192.0.2.2:50000 (8 101)']);
    await settled();
    expect(trace.slice(1)).toEqual([
      'media set-dialer 192.0.2.9:30002',
      'ng answer brusio-callee to callee 192.0.2.3:40000 (8 101)',
      'media play-ambience 192.0.2.9:30006',
    ]);
  });

  it('an answer that repeats the early media’s description starts the ambience in its own turn', async () => {
    const call = await openCall();
    call.relayEarlyMedia(callee);
    await settled();
    trace.length = 0;
    call.playAmbience(callee, AT);
    expect(trace).toEqual(['media play-ambience 192.0.2.9:30006']);
  });

  it('another fork’s address takes one answer, another codec an offer before it', async () => {
    const call = await openCall();
    call.relayEarlyMedia(callee);
    await settled();
    trace.length = 0;
    call.playAmbience({ ...callee, rtp: { address: '192.0.2.4', port: 41_000 } }, AT);
    await settled();
    expect(trace).toEqual([
      'ng answer brusio-callee to callee 192.0.2.4:41000 (8 101)',
      'media play-ambience 192.0.2.9:30006',
    ]);
    trace.length = 0;
    call.setCallee({ ...callee, codecs: [{ name: 'PCMU', payloadType: 0 }] });
    await settled();
    // Both ends with the same formats: rtpengine would transcode between different ones.
    expect(trace).toEqual([
      'ng offer brusio-callee to callee 192.0.2.1:20002 (0 101)',
      'ng answer brusio-callee to callee 192.0.2.3:40000 (0 101)',
      'media set-callee 192.0.2.9:30006',
    ]);
  });

  it('RFC 3264 §8.4: a hold with 0.0.0.0 is not told to rtpengine, and heard on as one who only sends', async () => {
    const seen: RemoteMedia[] = [];
    const inner: InnerPlane = { ...innerPlane(), setDialer: (_callId, one) => void seen.push(one) };
    const call = await openCall({ inner });
    call.setDialer(dialer);
    call.setDialer({ ...dialer, rtp: { address: '0.0.0.0', port: 50_000 } });
    await settled();
    expect(seen.map(({ rtp, direction }) => [rtp.port, direction])).toEqual([
      [30_002, 'sendrecv'],
      [30_002, 'sendonly'],
    ]);
  });

  it('fails, once, when rtpengine refuses or moves a port', async () => {
    const [call, other] = [await openCall(), await openCall()];
    answerOf = () => Promise.reject(new AppError('rtpengine.refused', 'Unknown call-id'));
    call.setDialer(dialer);
    call.playAmbience(callee, AT);
    await settled();
    expect(failures).toEqual(['rtpengine one: Unknown call-id']);

    answerOf = async () => ({ result: 'ok', sdp: sdpAt(39_000) });
    other.setDialer(dialer);
    other.setDialer({ ...dialer, codecs: [{ name: 'PCMU', payloadType: 0 }] });
    await settled();
    expect(failures[1]).toBe("rtpengine one: dialer's port moved from 30000 to 39000");
  });

  it('fails when a peer renegotiates faster than rtpengine answers', async () => {
    const call = await openCall();
    answerOf = () => new Promise(() => undefined);
    for (let n = 0; n < STEPS_MAX + 2; n += 1)
      call.setDialer({ ...dialer, rtp: { address: '192.0.2.2', port: 50_002 + n } });
    expect(failures).toEqual([`${STEPS_MAX} changes wait for rtpengine`]);
  });
});

describe('at the bridge', () => {
  it('the embedded plane connects at once; the peers are coupled when the dialer is heard', async () => {
    const call = await openCall();
    call.setDialer(dialer);
    call.playAmbience(callee, AT);
    await settled();
    trace.length = 0;
    call.connect(null);
    await settled();
    expect(trace).toEqual(['media connect']);
    call.dialerHeard();
    await settled();
    expect(trace.slice(1)).toEqual(COUPLING);
    expect(coupled).toEqual([null]);
  });

  it('a call without ambience is coupled with its answer', async () => {
    const call = await openCall();
    call.setDialer(dialer);
    call.relay(callee);
    await settled();
    expect(trace.slice(-3)).toEqual(COUPLING);
  });

  it.each<[why: string, dialer: RemoteMedia, direct: boolean, told: (string | null)[]]>([
    ['numbers that mean different things', { ...dialer, telephoneEventPayloadType: 96 }, true, ['payload-numbers']],
    ['a peer on hold', { ...dialer, direction: 'sendonly' }, true, ['on-hold']],
    ['other packet times', { ...dialer, ptimeMs: 30 }, true, ['packet-time']],
    ['a setting', dialer, false, []],
  ])('%s keep Brusio between the peers', async (_why, media, direct, told) => {
    const call = await openCall({ direct });
    call.setDialer(media);
    call.connect(callee);
    call.dialerHeard();
    await settled();
    expect(trace).not.toContain('media stand-aside');
    expect(coupled).toEqual(told);
    expect(failures).toEqual([]);
  });

  it('a refusal to couple brings the audio back, and does not fail the call', async () => {
    const call = await openCall();
    call.setDialer(dialer);
    call.connect(callee);
    await settled();
    const usual = answerOf;
    answerOf = (request) =>
      request['from-tag'] === 'dialer' ? Promise.reject(new AppError('rtpengine.refused', 'no')) : usual(request);
    trace.length = 0;
    call.dialerHeard();
    await settled();
    expect(trace).toEqual(['ng offer dialer to callee 192.0.2.2:50000 (8 101)', ...BACK_TO_BRUSIO]);
    expect([failures, coupled]).toEqual([[], []]);
  });
});

describe('once the peers are coupled', () => {
  it('a hold brings the audio back to Brusio, and its end couples them again when the dialer is heard', async () => {
    const call = await coupledCall();
    call.setDialer({ ...dialer, direction: 'sendonly' });
    await settled();
    expect(trace).toEqual([...BACK_TO_BRUSIO, 'media set-dialer 192.0.2.9:30002']);
    trace.length = 0;
    call.setDialer(dialer);
    await settled();
    expect(trace).toEqual(['media set-dialer 192.0.2.9:30002']);
    call.dialerHeard();
    await settled();
    expect(trace.slice(1)).toEqual(COUPLING);
  });

  it('a re-INVITE that changes nothing changes nothing', async () => {
    const call = await coupledCall();
    call.setDialer({ ...dialer });
    call.setCallee({ ...callee });
    await settled();
    expect(trace.filter((line) => line.startsWith('ng'))).toEqual([]);
  });

  it('a way back that is refused fails the call', async () => {
    const call = await coupledCall();
    answerOf = () => Promise.reject(new AppError('rtpengine.unanswered', 'no answer within 1500 ms'));
    call.setCallee({ ...callee, rtp: { address: '192.0.2.4', port: 41_000 } });
    await settled();
    expect(failures).toEqual(['rtpengine one: no answer within 1500 ms']);
  });
});

describe('at its end', () => {
  const streams = (packets: number) => [{ streams: [{ stats: { packets } }, { stats: { packets: 3 } }] }];

  it('what rtpengine forwarded by itself is counted with what Brusio did, and the call is deleted there', async () => {
    report = {
      ...AMBIENCE_REPORT,
      packetsToCallee: 60,
      packetsFromDialer: 10,
      packetsToDialer: 50,
      packetsFromCallee: 50,
    };
    const call = await coupledCall();
    answerOf = async () => ({
      result: 'ok',
      tags: { dialer: { medias: streams(210) }, callee: { medias: streams(250) } },
    });
    expect(await call.close()).toMatchObject({
      packetsFromDialer: 210,
      packetsToCallee: 260,
      packetsFromCallee: 250,
      packetsToDialer: 250,
    });
    expect(trace).toEqual(['media close', 'ng query', 'ng delete']);
  });

  it('Brusio’s own report stands when rtpengine says nothing usable', async () => {
    const call = await coupledCall();
    answerOf = async () => ({ result: 'ok', tags: 'none' });
    expect(await call.close()).toEqual(report);
    answerOf = () => Promise.reject(new AppError('rtpengine.unanswered', 'no answer'));
    expect(await (await openFailing()).close()).toEqual(report);
  });

  it('a call that rtpengine lost is not asked for again', async () => {
    const call = await coupledCall();
    call.lost();
    call.setDialer({ ...dialer, direction: 'inactive' });
    expect(await call.close()).toEqual(report);
    expect(trace).toEqual(['media close']);
  });

  async function openFailing(): Promise<RelayedCall> {
    const failing = answerOf;
    answerOf = async (request) => ({ result: 'ok', sdp: sdpAt(portFor(request)) });
    const call = await openCall();
    answerOf = failing;
    return call;
  }
});
