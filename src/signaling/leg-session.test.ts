import { describe, expect, it } from 'vitest';
import { answerTo, firstOffer, offerOf, openOffer } from './codec-choice.ts';
import { BOTH_WAYS, directionOf, flowOf } from './direction.ts';
import { createLegSession, type LegSession } from './leg-session.ts';
import type { PeerDescription } from './peer-description.ts';
import { sdpOf } from './testing/sdp-samples.ts';

const OURS = { address: '127.0.0.1', port: 20_000 };

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
    session.offer(openOffer(peer.media, null), flowOf('sendonly'));
    expect(directionOf(session.told())).toBe('sendrecv');
    expect(session.peer()).toEqual(peer);
    session.takeAnswer(read(session.readAnswer(sdpOf({ payloads: '8', direction: 'recvonly' }))));
    expect(directionOf(session.told())).toBe('sendonly');
    expect(session.peer()?.media).toMatchObject({ direction: 'recvonly', codecs: [{ name: 'PCMA', payloadType: 8 }] });
  });

  it('may be answered by several forks', () => {
    const session = createLegSession('42', OURS);
    session.offer(firstOffer(null), BOTH_WAYS);
    expect(read(session.readAnswer(sdpOf({ address: '127.0.0.12' }))).media.rtp.address).toBe('127.0.0.12');
    session.takeAnswer(read(session.readAnswer(sdpOf({ address: '127.0.0.13' }))));
    expect(session.peer()?.media.rtp.address).toBe('127.0.0.13');
  });
});

describe('RFC 3264 §6.1: an answer', () => {
  it('with more than was offered is cut to it, and one with nothing of it cannot be used', () => {
    const session = createLegSession('42', OURS);
    session.offer(
      { codecs: [{ name: 'PCMA', payloadType: 8 }], telephoneEventPayloadType: null, ptimeMs: 20 },
      BOTH_WAYS,
    );
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
    session.offer(openOffer(session.peer()?.media ?? null, null), flowOf('inactive'));
    expect(reoffered(session, sdpOf({ address: '127.0.0.99' })).sdp).toContain('o=- 42 3 IN');
  });

  it('§8: never loses an m-line, nor moves one', () => {
    const video = 'm=video 30000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n';
    const { session } = answered(sdpOf({ before: video }));
    const offer = session.offer(openOffer(session.peer()?.media ?? null, null), BOTH_WAYS);
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
    expect(session.offer(openOffer(session.peer()?.media ?? null, null), BOTH_WAYS)).toContain(
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
    session.offer(openOffer(peer.media, null), flowOf('sendonly'));
    session.takeAnswer(read(session.readAnswer(sdpOf({ direction: 'recvonly' }))));
    expect(directionOf(session.wish())).toBe('sendrecv');
    // Its session refresh repeats what is in force: no hold of its own.
    reoffered(session, sdpOf({ direction: 'recvonly' }), flowOf('sendonly'));
    expect(directionOf(session.wish())).toBe('sendrecv');
    reoffered(session, sdpOf({ direction: 'inactive' }), flowOf('sendonly'));
    expect(directionOf(session.wish())).toBe('inactive');
  });
});

describe('the codecs of a description', () => {
  const both = read(
    createLegSession('1', OURS).readOffer(sdpOf({ payloads: '0 8 96', rtpmaps: ['96 telephone-event/8000'] })),
  );
  const alaw = read(createLegSession('1', OURS).readOffer(sdpOf({ payloads: '8', ptime: 30 })));
  const mulaw = read(createLegSession('1', OURS).readOffer(sdpOf({ payloads: '0' })));

  it('are, first, those of the dialer, and all we have when it offered none', () => {
    expect(firstOffer(both)).toMatchObject({ codecs: both.media.codecs, telephoneEventPayloadType: 96, ptimeMs: 20 });
    expect(firstOffer(null)).toMatchObject({
      codecs: [{ payloadType: 8 }, { payloadType: 0 }],
      telephoneEventPayloadType: 101,
    });
  });

  it('answer with what the other side uses, its packet time and its events', () => {
    expect(answerTo(both, alaw)).toEqual({
      codecs: [{ name: 'PCMA', payloadType: 8 }],
      telephoneEventPayloadType: null,
      ptimeMs: 30,
    });
  });

  it('answer with the offer itself where nothing is common: the relay turns one law into the other', () => {
    expect(answerTo(mulaw, alaw).codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
  });

  it('offer one side what the other wants, under that side’s numbers', () => {
    const odd = { ...alaw.media, codecs: [{ name: 'PCMA' as const, payloadType: 96 }], telephoneEventPayloadType: 100 };
    expect(offerOf(both, odd)).toEqual({
      codecs: [
        { name: 'PCMU', payloadType: 0 },
        { name: 'PCMA', payloadType: 96 },
      ],
      telephoneEventPayloadType: 100,
      ptimeMs: 20,
    });
  });
});
