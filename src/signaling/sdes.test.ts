import { describe, expect, it } from 'vitest';
import { masterOctets, SRTP_SUITES, type SrtpSuite } from '../call/srtp.ts';
import { createCallSessions } from './call-sessions.ts';
import { answerTo, offerOf, openOffer } from './codec-choice.ts';
import { BOTH_WAYS } from './direction.ts';
import { createLegSession, type LegSession } from './leg-session.ts';
import { ALL_SERVED, type PeerDescription, readPeerDescription } from './peer-description.ts';
import { chosenCrypto, cryptoAttributes } from './sdes.ts';
import { warningOf } from './sdp-problem.ts';
import { type SdpParts, sdpOf } from './testing/sdp-samples.ts';

const OURS = { address: '127.0.0.1', port: 20_000 };
const SHA80 = 'AES_CM_128_HMAC_SHA1_80';
const SHA32 = 'AES_CM_128_HMAC_SHA1_32';
const GCM = 'AEAD_AES_128_GCM';

function inline(fill: number, suite: SrtpSuite = SHA80): string {
  return `inline:${Buffer.alloc(masterOctets(suite), fill).toString('base64')}`;
}

function secure(...attributes: string[]): string {
  return secureWith({}, ...attributes);
}

function secureWith(parts: SdpParts, ...attributes: string[]): string {
  return sdpOf({ ...parts, protocol: 'RTP/SAVP', attributes: attributes.map((one) => `crypto:${one}`) });
}

function taken(result: ReturnType<LegSession['readOffer']>): PeerDescription {
  if (!result.ok) throw new Error(result.problem.kind);
  return result.value;
}

function answered(session: LegSession, sdp: string) {
  const offer = taken(session.readOffer(sdp));
  return session.answer(offer, answerTo(offer, null), BOTH_WAYS);
}

/** Tag, suite and key of every `a=crypto`. */
function cryptoOf(sdp: string): string[][] {
  return [...sdp.matchAll(/^a=crypto:(\d+) (\S+) (inline:\S+)\r$/gm)].map(([, ...parts]) => parts);
}

describe('RFC 4568 §9: a=crypto', () => {
  it.each([
    ['a key alone', `1 ${SHA80} ${inline(1)}`],
    ['a lifetime as a power', `1 ${SHA80} ${inline(1)}|2^31`],
    ['a lifetime as a number', `999999999 ${SHA80} ${inline(1)}|2097152`],
    ['a window size', `1 ${SHA32} ${inline(1)} WSH=64`],
    ['an extension that may be passed over', `1 ${GCM} ${inline(1, GCM)} -foo=1 WSH=128`],
  ])('with %s is understood', (_what, attribute) => {
    expect(cryptoAttributes(secure(attribute))).toMatchObject([[{ tag: Number(attribute.split(' ')[0]) }]]);
  });

  it.each([
    ['a suite that is not served', `1 AES_256_CM_HMAC_SHA1_80 ${inline(1)}`],
    ['a key of the wrong length', `1 ${SHA80} ${inline(1, GCM)}`],
    ['no base64', `1 ${SHA80} inline:????`],
    ['a master key identifier', `1 ${SHA80} ${inline(1)}|2^31|1:4`],
    ['two keys', `1 ${SHA80} ${inline(1)}|2^31|1:1;${inline(2)}|2^31|2:1`],
    ['a lifetime that ends within a call', `1 ${SHA80} ${inline(1)}|2^10`],
    ['another key method', `1 ${SHA80} uri:https://keys.example`],
    ['no encryption', `1 ${SHA80} ${inline(1)} UNENCRYPTED_SRTP`],
    ['no authentication behind what is understood', `1 ${SHA80} ${inline(1)} WSH=64 UNAUTHENTICATED_SRTP`],
    ['a key derivation rate', `1 ${SHA80} ${inline(1)} KDR=4`],
    ['no tag', `${SHA80} ${inline(1)}`],
  ])('with %s is refused', (_what, attribute) => {
    expect(cryptoAttributes(secure(attribute))).toEqual([[]]);
  });

  it('belongs to its m-line', () => {
    const before = `m=video 3000 RTP/SAVP 97\r\na=crypto:1 ${SHA80} ${inline(9)}\r\n`;
    const [video, audio] = cryptoAttributes(secureWith({ before }, `2 ${SHA80} ${inline(1)}`));
    expect([video?.map(({ tag }) => tag), audio?.map(({ tag }) => tag)]).toEqual([[1], [2]]);
  });
});

describe('an offer of SRTP', () => {
  const offer = secure(`1 ${SHA32} ${inline(1)}`, `2 ${GCM} ${inline(2, GCM)}`, `3 ${SHA80} ${inline(3)}`);

  it('is answered with the suite that stands first with us, under its tag and with a key of our own', () => {
    expect(SRTP_SUITES[0]).toBe(SHA80);
    const { sdp, peer } = answered(createLegSession('42', OURS), offer);
    expect(sdp).toContain('m=audio 20000 RTP/SAVP 8');
    const [[tag, suite, key] = []] = cryptoOf(sdp);
    expect([cryptoOf(sdp).length, tag, suite]).toEqual([1, '3', SHA80]);
    expect(key).not.toBe(inline(3));
    expect(peer.media.srtp).toEqual({
      send: { suite: SHA80, master: key?.slice('inline:'.length) },
      receive: { suite: SHA80, master: inline(3).slice('inline:'.length) },
    });
  });

  it('without any usable key is refused with 488 and a Warning that says what is served, and shows none of its keys', () => {
    const read = readPeerDescription(secure(`1 ${SHA80} ${inline(7)}|2^31|1:4`), null);
    expect(read).toMatchObject({ ok: false, problem: { kind: 'unsupported', warning: 306 } });
    if (!read.ok) expect(warningOf(read.problem)).toContain(SHA80);
    if (!read.ok) expect(warningOf(read.problem)).not.toContain(inline(7).slice(7, 20));
  });

  it('in the profile SAVPF is answered in it (RFC 5124)', () => {
    const sdp = offer.replace('RTP/SAVP', 'RTP/SAVPF');
    expect(answered(createLegSession('42', OURS), sdp).sdp).toContain('m=audio 20000 RTP/SAVPF 8');
  });

  it('beside one in clear is taken where it stands first', () => {
    const clear = 'm=audio 3000 RTP/AVP 8\r\n';
    const [first, second] = [secure(`1 ${SHA80} ${inline(1)}`), sdpOf({})].map((sdp) => sdp);
    expect(taken(readPeerDescription(`${first}${clear}`, null))).toMatchObject({ audio: 0, profile: 'RTP/SAVP' });
    const savp = `m=audio 3000 RTP/SAVP 8\r\na=crypto:1 ${SHA80} ${inline(1)}\r\n`;
    expect(taken(readPeerDescription(`${second}${savp}`, null))).toMatchObject({ audio: 0, profile: 'RTP/AVP' });
  });

  it('in clear is refused where SRTP is required, and taken with its a=crypto passed over where it is not', () => {
    const clear = sdpOf({ attributes: [`crypto:1 ${SHA80} ${inline(1)}`] });
    expect(readPeerDescription(clear, null, { ...ALL_SERVED, srtp: 'require' })).toMatchObject({
      problem: { kind: 'unsupported', warning: 302, problem: expect.stringContaining('RTP/SAVP') },
    });
    const { sdp, peer } = answered(createLegSession('42', OURS), clear);
    expect(cryptoOf(sdp)).toEqual([]);
    expect(peer.media).not.toHaveProperty('srtp');
  });

  it('chooses nothing where there is nothing', () => {
    expect(chosenCrypto([])).toBeNull();
  });
});

describe('SRTP that we offer', () => {
  function required() {
    const session = createLegSession('42', OURS);
    const sdp = session.offer(offerOf(null, ['PCMA']), BOTH_WAYS, 'require');
    return { session, sdp, ours: cryptoOf(sdp) };
  }

  it('has a key for each suite in our order, each of its own, and the answer’s tag tells which is used', () => {
    const { session, sdp, ours } = required();
    expect(sdp).toContain('RTP/SAVP');
    expect(ours.map(([, suite]) => suite)).toEqual(SRTP_SUITES);
    expect(new Set(ours.map(([, , key]) => key)).size).toBe(3);
    const answer = taken(session.readAnswer(secure(`2 ${GCM} ${inline(5, GCM)}`)));
    expect(answer.media.srtp).toEqual({
      send: { suite: GCM, master: ours[1]?.[2]?.slice('inline:'.length) },
      receive: { suite: GCM, master: inline(5, GCM).slice('inline:'.length) },
    });
  });

  it.each([
    ['in clear', sdpOf({})],
    ['with a tag that was not offered', secure(`9 ${SHA80} ${inline(5)}`)],
    ['with another suite under the tag', secure(`1 ${SHA32} ${inline(5)}`)],
    ['without a key', secure()],
  ])('is not answered %s', (_what, answer) => {
    expect(required().session.readAnswer(answer)).toMatchObject({ ok: false });
  });

  it('is not what an offer in clear is answered with', () => {
    const session = createLegSession('42', OURS);
    session.offer(offerOf(null, ['PCMA']), BOTH_WAYS);
    expect(session.readAnswer(secure(`1 ${SHA80} ${inline(5)}`))).toMatchObject({ ok: false });
  });

  it('stays demanded: a later offer in clear is refused', () => {
    const { session } = required();
    session.takeAnswer(taken(session.readAnswer(secure(`1 ${SHA80} ${inline(5)}`))));
    expect(session.readOffer(sdpOf({}))).toMatchObject({ ok: false });
    expect(session.readOffer(secure(`1 ${SHA80} ${inline(6)}`))).toMatchObject({ ok: true });
  });

  it('keeps our keys in every later offer, the suite in use first, and takes the peer’s new one', () => {
    const { session, ours } = required();
    session.takeAnswer(taken(session.readAnswer(secure(`3 ${SHA32} ${inline(5)}`))));
    const again = cryptoOf(session.offer(openOffer(session.peer(), null, ['PCMA']), BOTH_WAYS));
    expect(again.map(([, suite]) => suite)).toEqual([SHA32, SHA80, GCM]);
    expect(again[0]?.[2]).toBe(ours[2]?.[2]);
    const rekeyed = session.takeAnswer(taken(session.readAnswer(secure(`1 ${SHA32} ${inline(6)}`))));
    expect(rekeyed.media.srtp?.receive.master).toBe(inline(6).slice('inline:'.length));
    expect(rekeyed.media.srtp?.send.master).toBe(ours[2]?.[2]?.slice('inline:'.length));
  });

  it('is asked of one carrier and not of the next: whoever answers is held to what it was offered', () => {
    const sessions = createCallSessions(taken(readPeerDescription(sdpOf({}), null)), () => '42');
    const addresses = { dialer: OURS, carrier: { address: '127.0.0.1', port: 20_004 } };
    expect(sessions.offerToCarrier(addresses, 'accept')).toContain('RTP/AVP 8');
    expect(sessions.offerToCarrier(addresses, 'require')).toContain('RTP/SAVP 8');
    // The first one was given up, and answers first all the same.
    expect(sessions.calleeAnswered('late', sdpOf({}))).not.toHaveProperty('srtp');
    const other = createCallSessions(null, () => '42');
    other.offerToCarrier(addresses, 'require');
    expect(other.calleeAnswered('t', sdpOf({}))).toBeNull();
  });
});

describe('a session with SRTP that goes on', () => {
  it('keeps our key when the peer offers a new one of its own, or the same again', () => {
    const session = createLegSession('42', OURS);
    const first = answered(session, secure(`1 ${SHA80} ${inline(1)}`));
    const same = answered(session, secure(`1 ${SHA80} ${inline(1)}`));
    const next = answered(session, secure(`1 ${SHA80} ${inline(2)}`));
    expect(same.sdp).toBe(first.sdp);
    expect(cryptoOf(next.sdp)).toEqual(cryptoOf(first.sdp));
    expect(next.peer.media.srtp?.receive.master).toBe(inline(2).slice('inline:'.length));
  });

  it('has its keys still when the stream was taken away and comes back', () => {
    const session = createLegSession('42', OURS);
    const first = answered(session, secure(`1 ${SHA80} ${inline(1)}`));
    expect(answered(session, secureWith({ port: 0 }, `1 ${SHA80} ${inline(1)}`)).peer.media.srtp).toEqual(
      first.peer.media.srtp,
    );
    expect(session.offerAgain()).toContain('a=crypto:');
  });

  it('shows nothing of one leg to the other', () => {
    const sessions = createCallSessions(
      taken(readPeerDescription(secure(`1 ${SHA80} ${inline(1)}`), null)),
      () => '42',
    );
    const toCarrier = sessions.offerToCarrier({ dialer: OURS, carrier: { address: '127.0.0.1', port: 20_004 } });
    expect(toCarrier).toContain('RTP/AVP 8');
    expect(toCarrier).not.toContain('crypto');
    sessions.calleeAnswered('t', sdpOf({}));
    expect(sessions.answerToDialer()).toContain('RTP/SAVP 8');
    expect(sessions.session('carrier')?.peer()?.media).not.toHaveProperty('srtp');
  });
});
