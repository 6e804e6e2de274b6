import { describe, expect, it } from 'vitest';
import { CODEC_NAMES, LAW_NAMES } from '../audio/codec.ts';
import { answerTo, offerOf, openOffer, passes, payloadNumbers } from './codec-choice.ts';
import { BOTH_WAYS, directionOf, flowOf } from './direction.ts';
import { createLegSession, type LegSession } from './leg-session.ts';
import type { PeerDescription, SdpRules } from './peer-description.ts';
import { sdpOf } from './testing/sdp-samples.ts';

const OURS = { address: '127.0.0.1', port: 20_000 };
const EVERY: SdpRules = { codecs: CODEC_NAMES, family: 4, srtp: 'accept' };
const OPUS_111 = ['111 opus/48000/2', '101 telephone-event/8000'];
const OPUS_WISHES = 'fmtp:111 minptime=10;stereo=0; useinbandfec=1;x-secret=7;maxaveragebitrate=1';

function read(result: ReturnType<LegSession['readOffer']>): PeerDescription {
  if (!result.ok) throw new Error(result.problem.kind);
  return result.value;
}

/** A session in which the peer offered `sdp` and we answered with all of it, both ways. */
function answered(sdp: string) {
  const session = createLegSession('42', OURS);
  const offer = read(session.readOffer(sdp));
  return { session, ...session.answer(offer, answerTo(offer, null), BOTH_WAYS) };
}

/** What an offer in a running session is answered with. */
function reoffered(session: LegSession, sdp: string, flow = BOTH_WAYS) {
  const offer = read(session.readOffer(sdp));
  return session.answer(offer, answerTo(offer, null), flow);
}

describe('RFC 3264 §5: an offer of ours', () => {
  it('changes nothing until its answer is taken', () => {
    const { session, peer } = answered(sdpOf({ payloads: '8 0' }));
    session.offer(openOffer(peer, null, CODEC_NAMES), flowOf('sendonly'));
    expect(directionOf(session.told())).toBe('sendrecv');
    expect(session.peer()).toEqual(peer);
    session.takeAnswer(read(session.readAnswer(sdpOf({ payloads: '8', direction: 'recvonly' }))));
    expect(directionOf(session.told())).toBe('sendonly');
    expect(session.peer()?.media).toMatchObject({ direction: 'recvonly', codecs: [{ name: 'PCMA', payloadType: 8 }] });
  });

  it('may be answered by several forks', () => {
    const session = createLegSession('42', OURS);
    session.offer(offerOf(null, CODEC_NAMES), BOTH_WAYS);
    expect(read(session.readAnswer(sdpOf({ address: '127.0.0.12' }))).media.rtp.address).toBe('127.0.0.12');
    session.takeAnswer(read(session.readAnswer(sdpOf({ address: '127.0.0.13' }))));
    expect(session.peer()?.media.rtp.address).toBe('127.0.0.13');
  });
});

describe('RFC 3264 §6.1: an answer', () => {
  it('with more than was offered is cut to it, and one with nothing of it cannot be used', () => {
    const session = createLegSession('42', OURS);
    session.offer(offerOf(null, ['PCMA']), BOTH_WAYS);
    expect(read(session.readAnswer(sdpOf({ payloads: '0 8' }))).media.codecs).toEqual([
      { name: 'PCMA', payloadType: 8 },
    ]);
    expect(session.readAnswer(sdpOf({ payloads: '0' }))).toMatchObject({ ok: false });
  });

  it.each([
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ] as const)('of ours to %s is %s when we want both', (offered, ours) => {
    const { session } = answered(sdpOf({}));
    expect(reoffered(session, sdpOf({ direction: offered })).sdp).toContain(`a=${ours}\r\n`);
  });

  it('of ours allows no more than we want', () => {
    const { session } = answered(sdpOf({}));
    const { sdp, peer } = reoffered(session, sdpOf({}), flowOf('sendonly'));
    expect(sdp).toContain('a=sendonly\r\n');
    expect(peer.media.direction).toBe('recvonly');
    expect(directionOf(session.told())).toBe('sendonly');
  });
});

describe('RFC 3264 §8: a session that is modified', () => {
  it('raises the version of o= by one with every change, and keeps it without one', () => {
    const { session, sdp } = answered(sdpOf({}));
    expect(sdp).toContain('o=- 42 1 IN');
    expect(reoffered(session, sdpOf({})).sdp).toBe(sdp);
    expect(reoffered(session, sdpOf({ direction: 'sendonly' })).sdp).toContain('o=- 42 2 IN');
    expect(reoffered(session, sdpOf({})).sdp).toContain('o=- 42 3 IN');
  });

  it('§8: gives a new version after a refused offer too', () => {
    const { session } = answered(sdpOf({}));
    session.offer(openOffer(session.peer(), null, CODEC_NAMES), flowOf('inactive'));
    expect(reoffered(session, sdpOf({ address: '127.0.0.99' })).sdp).toContain('o=- 42 3 IN');
  });

  it('§8: never loses an m-line, nor moves one', () => {
    const video = 'm=video 30000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n';
    const { session } = answered(sdpOf({ before: video }));
    const offer = session.offer(openOffer(session.peer(), null, CODEC_NAMES), BOTH_WAYS);
    expect(offer.match(/^m=.*$/gm)).toEqual([
      'm=video 0 RTP/AVP 97',
      expect.stringMatching(/^m=audio 20000 RTP\/AVP 8 /),
    ]);
  });

  it('§8.2: answers a stream that is taken away with port 0, and takes it back', () => {
    const { session } = answered(sdpOf({}));
    const gone = reoffered(session, sdpOf({ port: 0 }));
    expect(gone.sdp).toContain('m=audio 0 RTP/AVP 8');
    expect(gone.peer.media.direction).toBe('inactive');
    const back = reoffered(session, sdpOf({ port: 10_002 }));
    expect(back.sdp).toContain('m=audio 20000 RTP/AVP 8');
    expect(back.peer.media).toMatchObject({ direction: 'sendrecv', rtp: { port: 10_002 } });
  });

  it('§8.3.2: offers a codec under the number it has, and answers under the numbers of the offer', () => {
    const { session } = answered(sdpOf({ payloads: '96 101', rtpmaps: ['96 PCMA/8000', '101 telephone-event/8000'] }));
    expect(session.offer(openOffer(session.peer(), null, LAW_NAMES), BOTH_WAYS)).toContain(
      'm=audio 20000 RTP/AVP 96 0 101',
    );
    const { sdp } = reoffered(session, sdpOf({ payloads: '8 99', rtpmaps: ['99 telephone-event/8000'] }));
    expect(sdp).toContain('m=audio 20000 RTP/AVP 8 99');
  });

  it.each([
    ['a=sendonly', { direction: 'sendonly' }, 'sendonly'],
    ['a=inactive', { direction: 'inactive' }, 'inactive'],
    ['a=recvonly', { direction: 'recvonly' }, 'recvonly'],
    ['a=sendonly of the session', { session: 'a=sendonly\r\n', direction: null }, 'sendonly'],
    ['c=0.0.0.0 and no attribute', { address: '0.0.0.0', direction: null }, 'sendonly'],
    ['c=0.0.0.0 of the stream', { streamAddress: '0.0.0.0' }, 'sendonly'],
    ['c=0.0.0.0 and a=inactive', { address: '0.0.0.0', direction: 'inactive' }, 'inactive'],
    ['port 0', { port: 0 }, 'inactive'],
  ] as const)('§8.4: %s is a hold', (_what, parts, direction) => {
    const { session } = answered(sdpOf({}));
    reoffered(session, sdpOf(parts));
    expect(directionOf(session.wish())).toBe(direction);
    reoffered(session, sdpOf({}));
    expect(directionOf(session.wish())).toBe('sendrecv');
  });

  it('knows what a peer wants though our offer allowed it less', () => {
    const { session, peer } = answered(sdpOf({}));
    session.offer(openOffer(peer, null, CODEC_NAMES), flowOf('sendonly'));
    session.takeAnswer(read(session.readAnswer(sdpOf({ direction: 'recvonly' }))));
    expect(directionOf(session.wish())).toBe('sendrecv');
    // Its session refresh repeats what is in force: no hold of its own.
    reoffered(session, sdpOf({ direction: 'recvonly' }), flowOf('sendonly'));
    expect(directionOf(session.wish())).toBe('sendrecv');
    reoffered(session, sdpOf({ direction: 'inactive' }), flowOf('sendonly'));
    expect(directionOf(session.wish())).toBe('inactive');
  });
});

describe('RFC 3264 §8.3.2, §6.1: payload type numbers', () => {
  it('of an answer that has others than our offer: each side sends under the other’s', () => {
    const session = createLegSession('42', OURS, EVERY);
    expect(session.offer(offerOf(null, ['opus', 'PCMA']), BOTH_WAYS)).toContain('RTP/AVP 111 8 101 110');
    const answer = sdpOf({ payloads: '96 8 100', rtpmaps: ['96 opus/48000/2', '100 telephone-event/8000'] });
    expect(read(session.readAnswer(answer)).media).toMatchObject({
      codecs: [
        { name: 'opus', payloadType: 96 },
        { name: 'PCMA', payloadType: 8 },
      ],
      telephoneEventPayloadType: 100,
      sendsAs: {
        codecs: [
          { name: 'opus', payloadType: 111 },
          { name: 'PCMA', payloadType: 8 },
        ],
        telephoneEventPayloadType: 101,
      },
    });
  });

  it('of an answer that has ours are told once', () => {
    const session = createLegSession('42', OURS, EVERY);
    session.offer(offerOf(null, ['opus', 'PCMA']), BOTH_WAYS);
    const same = read(session.readAnswer(sdpOf({ payloads: '111 101', rtpmaps: OPUS_111 })));
    expect(same.media).toMatchObject({ codecs: [{ name: 'opus', payloadType: 111 }], telephoneEventPayloadType: 101 });
    expect(same.media).not.toHaveProperty('sendsAs');
  });

  it('never change their meaning: what the peer calls 111 and 101 is not ours to take', () => {
    const taken = ['111 iLBC/8000', '101 speex/8000', '96 G726-32/8000'];
    const { session } = answered(sdpOf({ payloads: '8 111 101 96', rtpmaps: taken }));
    const offer = session.offer(openOffer(session.peer(), null, ['PCMA', 'opus']), BOTH_WAYS);
    expect(offer).toContain('m=audio 20000 RTP/AVP 8 97 98 110\r\n');
    expect(offer).toContain('a=rtpmap:97 opus/48000/2\r\n');
    expect(offer).toContain('a=rtpmap:98 telephone-event/8000\r\n');
    // And what we have called 97 once stays so.
    expect(session.offer(openOffer(session.peer(), null, ['opus']), BOTH_WAYS)).toContain('RTP/AVP 8 97 98 110\r\n');
  });
});

describe('RFC 5761: RTP and RTCP over one port', () => {
  const muxed = { attributes: ['rtcp-mux'] };

  it('is agreed to when the peer offers it, and kept in offers of ours after that', () => {
    const { session, sdp, peer } = answered(sdpOf(muxed));
    expect(sdp).toContain('a=rtcp-mux\r\n');
    expect(peer.media.rtcpMux).toBe(true);
    const again = session.offer(openOffer(peer, null, ['PCMA']), BOTH_WAYS);
    expect(again).toContain('a=rtcp-mux\r\n');
    expect(read(session.readAnswer(sdpOf(muxed))).media.rtcpMux).toBe(true);
    const split = session.takeAnswer(read(session.readAnswer(sdpOf({}))));
    expect(split.media).not.toHaveProperty('rtcpMux');
    expect(session.offer(openOffer(peer, null, ['PCMA']), BOTH_WAYS)).not.toContain('rtcp-mux');
  });

  it('is not offered by us, and an answer that has it all the same means nothing by it', () => {
    const session = createLegSession('42', OURS);
    expect(session.offer(offerOf(null, ['PCMA']), BOTH_WAYS)).not.toContain('rtcp-mux');
    expect(read(session.readAnswer(sdpOf(muxed))).media).not.toHaveProperty('rtcpMux');
  });
});

describe('RFC 4585: a peer of the profile AVPF', () => {
  it('is answered in it without any feedback message, and offered the same again', () => {
    const { session, sdp, peer } = answered(sdpOf({ protocol: 'RTP/AVPF', attributes: ['rtcp-fb:* nack'] }));
    expect(sdp).toContain('m=audio 20000 RTP/AVPF 8\r\n');
    expect(sdp).not.toContain('rtcp-fb');
    expect(session.offer(openOffer(peer, null, ['PCMA']), BOTH_WAYS)).toContain('RTP/AVPF 8');
  });
});

describe('the codecs of a description', () => {
  const description = (sdp: string) => read(createLegSession('1', OURS, EVERY).readOffer(sdp));
  const both = description(sdpOf({ payloads: '0 8 96', rtpmaps: ['96 telephone-event/8000'] }));
  const alaw = description(sdpOf({ payloads: '8', ptime: 30, attributes: ['maxptime:40'] }));
  const mulaw = description(sdpOf({ payloads: '0' }));
  const opus = description(
    sdpOf({ payloads: '111 8 101 97', rtpmaps: [...OPUS_111, '97 telephone-event/48000'], attributes: [OPUS_WISHES] }),
  );

  it('are, first, those of the dialer, and all we have when it offered none', () => {
    expect(offerOf(both, CODEC_NAMES)).toMatchObject({
      codecs: both.media.codecs,
      telephoneEventPayloadType: 96,
      ptimeMs: 20,
    });
    expect(offerOf(null, CODEC_NAMES).codecs.map(({ name }) => name)).toEqual(CODEC_NAMES);
    expect(offerOf(null, CODEC_NAMES)).toMatchObject({
      telephoneEventPayloadType: 101,
      telephoneEvent48kPayloadType: 110,
    });
    expect(offerOf(null, ['PCMA'])).toMatchObject({ telephoneEvent48kPayloadType: null });
    expect(offerOf(opus, ['PCMA']).codecs).toEqual([{ name: 'PCMA', payloadType: 8 }]);
  });

  it('answer with what the other side uses, its packet times and its events', () => {
    expect(answerTo(both, alaw)).toEqual({
      codecs: [{ name: 'PCMA', payloadType: 8 }],
      parameters: {},
      telephoneEventPayloadType: null,
      telephoneEvent48kPayloadType: null,
      ptimeMs: 30,
      maxptimeMs: 40,
    });
    expect(answerTo(opus, opus)).toMatchObject({ telephoneEventPayloadType: 101, telephoneEvent48kPayloadType: 97 });
    // No Opus, no events with its clock (RFC 4733 §2.1).
    expect(answerTo(opus, both)).toMatchObject({ telephoneEvent48kPayloadType: null });
  });

  it('answer with the laws of the offer where nothing is common: the relay turns one law into the other', () => {
    expect(answerTo(mulaw, alaw).codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
    const g722too = description(sdpOf({ payloads: '9 0' }));
    expect(answerTo(g722too, alaw).codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
  });

  it('pass between legs that have one in common, or one law each, and else not', () => {
    expect(passes(['G722', 'PCMA'], ['PCMU'])).toBe(true);
    expect(passes(['opus', 'G729'], ['G729'])).toBe(true);
    expect(passes(['opus', 'PCMA'], ['G722', 'G729'])).toBe(false);
  });

  it('of an open offer are those that pass to the other side, which is bound to its own', () => {
    const names = openOffer(null, alaw, CODEC_NAMES).codecs.map(({ name }) => name);
    expect(names).toEqual(['PCMA', 'PCMU']);
    const opusToo = openOffer(null, opus, CODEC_NAMES).codecs.map(({ name }) => name);
    expect(opusToo).toEqual(['opus', 'PCMA', 'PCMU']);
  });

  it('carry what the one who decodes would like of Opus to the one who encodes, and nothing else of its fmtp', () => {
    const offer = createLegSession('42', OURS, EVERY).offer(offerOf(opus, CODEC_NAMES), BOTH_WAYS);
    expect(offer).toContain('a=fmtp:111 stereo=0;useinbandfec=1\r\n');
    expect(offer).not.toContain('x-secret');
    expect(offer).toContain('a=rtpmap:111 opus/48000/2\r\n');
  });

  it('say annexb=no of G.729, whatever the peer says: no comfort noise frame will come (RFC 7261)', () => {
    const g729 = description(sdpOf({ payloads: '18', attributes: ['fmtp:18 annexb=yes'] }));
    const session = createLegSession('42', OURS, EVERY);
    expect(session.answer(g729, answerTo(g729, null), BOTH_WAYS).sdp).toContain('a=fmtp:18 annexb=no\r\n');
  });

  it('have the numbers that all the world has where they have one, and the other leg’s where they have none', () => {
    const odd = description(sdpOf({ payloads: '96 98', rtpmaps: ['96 PCMA/8000', '98 opus/48000/2'] }));
    expect(payloadNumbers(offerOf(odd, CODEC_NAMES), new Map()).codecs).toEqual([
      { name: 'PCMA', payloadType: 8 },
      { name: 'opus', payloadType: 98 },
    ]);
  });
});
