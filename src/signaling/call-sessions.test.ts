import { describe, expect, it } from 'vitest';
import { LAW_NAMES } from '../audio/codec.ts';
import { createCallSessions } from './call-sessions.ts';
import { FORKS_MAX } from './early-forks.ts';
import { type PeerDescription, readPeerDescription } from './peer-description.ts';
import { sdpOf } from './testing/sdp-samples.ts';

const ADDRESSES = { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_004 } };
const EVENTS = ['101 telephone-event/8000'];

function offerOf(sdp: string): PeerDescription {
  const offer = readPeerDescription(sdp, null);
  if (!offer.ok) throw new Error('bad sample');
  return offer.value;
}

/** The sessions of a call whose dialer offered both laws, and whose INVITE is with the carrier. */
function dialling(offer: PeerDescription | null = offerOf(sdpOf({ payloads: '8 0 101', rtpmaps: EVENTS }))) {
  let ids = 40;
  const sessions = createCallSessions(offer, () => String(++ids));
  sessions.serve(LAW_NAMES);
  const toCarrier = sessions.offerToCarrier(ADDRESSES);
  return { sessions, toCarrier };
}

const fork = (last: number, payloads = '8') => sdpOf({ address: `127.0.0.${last}`, payloads });

describe('the sessions of a call', () => {
  it('give each side our own address, the dialer’s codecs, and the codec that both have', () => {
    const { sessions, toCarrier } = dialling();
    expect(toCarrier).toContain('m=audio 20004 RTP/AVP 8 0 101\r\n');
    sessions.calleeAnswered('a', fork(12, '0'));
    expect(sessions.answerToDialer()).toContain('m=audio 20000 RTP/AVP 0\r\n');
    expect(sessions.dialerMedia()?.codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
  });

  it('agree to nothing on either leg that the call may not use', () => {
    const offer = offerOf(sdpOf({ payloads: '9 18 8' }));
    const sessions = createCallSessions(offer, () => '42');
    sessions.serve(['PCMA', 'PCMU', 'G722']);
    expect(sessions.offerToCarrier(ADDRESSES)).toContain('RTP/AVP 9 8');
    sessions.calleeAnswered('a', fork(12, '18 8'));
    expect(sessions.answerToDialer()).toContain('m=audio 20000 RTP/AVP 8\r\n');
    // Neither then nor in a later offer.
    expect(sessions.dialerUpdated(sdpOf({ payloads: '18' }))).toBeNull();
    expect(sessions.rules.carrier.codecs).toEqual(['PCMA', 'PCMU', 'G722']);
  });

  it('offer every carrier that is tried the same', () => {
    const { sessions, toCarrier } = dialling();
    expect(sessions.offerToCarrier(ADDRESSES)).toBe(toCarrier);
  });

  it('cannot use a 2xx that refuses the stream, has no description, or one with nothing we offered', () => {
    const { sessions } = dialling();
    expect(sessions.calleeAnswered('a', sdpOf({ port: 0 }))).toBeNull();
    expect(sessions.calleeAnswered('a', '')).toBeNull();
    expect(sessions.calleeAnswered('a', fork(12, '18'))).toBeNull();
  });

  it('hear the fork that described itself last', () => {
    const { sessions } = dialling();
    expect(sessions.calleeProgressed('a', fork(12))?.rtp.address).toBe('127.0.0.12');
    expect(sessions.calleeProgressed('b', fork(13))?.rtp.address).toBe('127.0.0.13');
    expect(sessions.forks().heard()?.tag).toBe('b');
    expect(sessions.calleeProgressed('a', fork(12))?.rtp.address).toBe('127.0.0.12');
    expect(sessions.forks().heard()?.tag).toBe('a');
  });

  it('hear another fork when the one they heard is gone (199, RFC 6228)', () => {
    const { sessions } = dialling();
    sessions.calleeProgressed('a', fork(12));
    sessions.calleeProgressed('b', fork(13));
    expect(sessions.calleeGone('b')?.rtp.address).toBe('127.0.0.12');
    expect(sessions.calleeGone('b')).toBeNull();
    expect(sessions.calleeGone('a')).toBeNull();
    expect(sessions.forks().heard()).toBeNull();
  });

  it('take the answer of the fork that answers: its 2xx, else its own early description', () => {
    const { sessions } = dialling();
    sessions.calleeProgressed('a', fork(12));
    sessions.calleeProgressed('b', fork(13));
    expect(sessions.calleeAnswered('a', '')?.rtp.address).toBe('127.0.0.12');
    expect(sessions.calleeAnswered('c', fork(14))?.rtp.address).toBe('127.0.0.14');
    expect(sessions.calleeAnswered('b', fork(15))?.rtp.address).toBe('127.0.0.15');
    expect(sessions.calleeAnswered('d', '')).toBeNull();
  });

  it('answer the dialer once: what another fork says later changes nothing of it (RFC 6337 §2.1)', () => {
    const { sessions } = dialling();
    sessions.calleeProgressed('a', fork(12, '8'));
    const early = sessions.answerToDialer();
    sessions.calleeAnswered('b', fork(13, '0'));
    expect(sessions.answerToDialer()).toBe(early);
    expect(sessions.session('carrier')?.peer()?.media.codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
  });

  it('follow an UPDATE of a fork, and a 2xx that repeats what is older does not undo it (RFC 3311 §5.1)', () => {
    const { sessions } = dialling();
    expect(sessions.calleeUpdated('a', fork(20))).toBeNull();
    sessions.calleeProgressed('a', fork(12));
    const updated = sessions.calleeUpdated('a', fork(20, '8 0'));
    expect(updated).toMatchObject({ isHeard: true, media: { rtp: { address: '127.0.0.20' } } });
    expect(updated?.sdp).toContain('o=- 42 2 IN');
    expect(sessions.calleeAnswered('a', fork(12))?.rtp.address).toBe('127.0.0.20');
  });

  it('hear whom they heard when another fork is updated', () => {
    const { sessions } = dialling();
    sessions.calleeProgressed('a', fork(12));
    sessions.calleeProgressed('b', fork(13));
    expect(sessions.calleeUpdated('a', fork(20))).toMatchObject({ isHeard: false });
    expect(sessions.session('carrier')?.peer()?.media.rtp.address).toBe('127.0.0.13');
    expect(sessions.calleeAnswered('a', '')?.rtp.address).toBe('127.0.0.20');
  });

  it('follow the dialer’s UPDATE before the 200', () => {
    const { sessions } = dialling();
    sessions.calleeProgressed('a', fork(12));
    sessions.answerToDialer();
    const updated = sessions.dialerUpdated(sdpOf({ address: '127.0.0.99', payloads: '0' }));
    expect(updated?.media).toMatchObject({
      rtp: { address: '127.0.0.99' },
      codecs: [{ name: 'PCMU', payloadType: 0 }],
    });
    expect(sessions.dialerUpdated('v=0')).toBeNull();
  });

  it('refuse what would leave the legs without a codec in common before the 200, too', () => {
    const every = { codecs: ['PCMA', 'G722'], family: 4, srtp: 'accept' } as const;
    const offer = readPeerDescription(sdpOf({ payloads: '8 9' }), null, every);
    if (!offer.ok) throw new Error('bad sample');
    const sessions = createCallSessions(offer.value, () => '42', { dialer: every, carrier: every });
    sessions.offerToCarrier(ADDRESSES);
    sessions.calleeProgressed('a', fork(12));
    sessions.answerToDialer();
    expect(sessions.calleeUpdated('a', fork(12, '9'))).toBeNull();
    expect(sessions.dialerUpdated(sdpOf({ payloads: '9' }))).toBeNull();
    expect(sessions.dialerUpdated(sdpOf({ payloads: '9 8' }))?.sdp).toContain('RTP/AVP 8\r\n');
  });

  it('make the offer themselves when the dialer made none, and read the answer', () => {
    const { sessions, toCarrier } = dialling(null);
    expect(toCarrier).toContain('RTP/AVP 8 0 101');
    sessions.calleeAnswered('a', fork(12, '0'));
    expect(sessions.answerToDialer()).toContain('m=audio 20000 RTP/AVP 0 8\r\n');
    expect(sessions.dialerAnswered('v=0')).toBeNull();
    expect(sessions.dialerAnswered(sdpOf({ port: 0 }))).toBeNull();
    expect(sessions.dialerAnswered(sdpOf({ payloads: '0' }))?.rtp.address).toBe('127.0.0.11');
  });

  it('answer a dialog that takes the place of the dialer’s on the same port, as a new session (RFC 3891 §3)', () => {
    const { sessions } = dialling();
    expect(sessions.dialerReplaced(offerOf(fork(30))), 'before the callee has said anything').toBeNull();
    sessions.calleeAnswered('a', fork(12, '8'));
    const first = sessions.answerToDialer();
    const before = sessions.session('dialer');

    expect(sessions.dialerReplaced(offerOf(fork(30, '9'))), 'nothing in common with the callee').toBeNull();
    const replaced = sessions.dialerReplaced(offerOf(fork(30, '0 8')));
    expect(replaced?.sdp).toContain('m=audio 20000 RTP/AVP 8\r\n');
    expect(replaced?.sdp).toContain('o=- 43 1 IN');
    expect(first).toContain('o=- 41 1 IN');
    expect(sessions.session('dialer'), 'until it is taken').toBe(before);
    replaced?.take();
    expect(sessions.dialerMedia()).toMatchObject({ rtp: { address: '127.0.0.30' }, codecs: [{ name: 'PCMA' }] });
  });

  it('offer in a dialog that takes the place of the dialer’s without an offer, and read the answer', () => {
    const { sessions } = dialling();
    sessions.calleeAnswered('a', fork(12, '8'));
    sessions.answerToDialer();
    const replaced = sessions.dialerReplaced(null);
    expect(replaced?.sdp).toContain('m=audio 20000 RTP/AVP 8 0\r\n');
    replaced?.take();
    expect(sessions.dialerOffered).toBe(false);
    expect(sessions.dialerAnswered(fork(31))?.rtp.address).toBe('127.0.0.31');
  });

  it('remember so many forks and no more', () => {
    const { sessions } = dialling();
    for (let n = 0; n <= FORKS_MAX; n++) sessions.calleeProgressed(`f${n}`, fork(20 + n));
    expect(sessions.forks().descriptionOf('f0')).toBeNull();
    expect(sessions.forks().descriptionOf('f1')).not.toBeNull();
  });
});
