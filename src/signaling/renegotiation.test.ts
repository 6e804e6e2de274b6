import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../call/remote-media.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import { type CallSessions, createCallSessions, type Side } from './call-sessions.ts';
import { INVITE_PASSED_MAX_MS, UPDATE_PASSED_MAX_MS } from './passed-offers.ts';
import { readPeerDescription, type SdpRules } from './peer-description.ts';
import { ACK_WAIT_MS, createRenegotiation } from './renegotiation.ts';
import { fakeDialogs } from './testing/fake-dialogs.ts';
import { fakeSrf, receivedRequest, type SentRequest } from './testing/fake-srf.ts';
import { type SdpParts, sdpOf } from './testing/sdp-samples.ts';

const ADDRESSES = { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_004 } };
const EVERY: SdpRules = { codecs: ['PCMA', 'PCMU', 'G722'], family: 4, srtp: 'accept' };
const DIALER = { address: '127.0.0.11', payloads: '8 0' };
const CALLEE = { address: '127.0.0.12', payloads: '8' };

/** A call whose dialer offered both laws and whose callee took A-law; both legs are up. */
function answeredCall(dialerSdp: SdpParts = DIALER, calleeSdp: SdpParts = CALLEE, before?: (s: CallSessions) => void) {
  const clock = fakeClock();
  const srf = fakeSrf();
  const offer = readPeerDescription(sdpOf(dialerSdp), null, EVERY);
  if (!offer.ok) throw new Error('bad sample');
  const sessions = createCallSessions(offer.value, () => '42', { dialer: EVERY, carrier: EVERY });
  sessions.offerToCarrier(ADDRESSES);
  before?.(sessions);
  sessions.calleeAnswered('t', sdpOf(calleeSdp));
  sessions.answerToDialer();
  const dialogs = fakeDialogs(srf);
  const state = { coupled: true };
  const media: Partial<Record<Side, RemoteMedia>> = {};
  const lost: Side[] = [];
  const renegotiation = createRenegotiation({
    clock,
    random: () => 0,
    log: SILENT_LOG,
    sessions,
    dialog: (side) => dialogs[side],
    coupled: () => state.coupled,
    media: (side, said) => {
      media[side] = said;
    },
    lost: (side) => void lost.push(side),
    refuses: () => false,
    accepted: () => ({ Allow: 'all' }),
    answered: () => undefined,
    headers: () => ({}),
  });
  let cseq = 1;
  /** A re-INVITE or UPDATE of a side, by its parts or as it is; `parts` null: without SDP. */
  const asks = (side: Side, parts: SdpParts | string | null, method = 'INVITE') => {
    cseq += 1;
    const received = receivedRequest(method, {
      headers: { cseq: `${cseq} ${method}` },
      body: typeof parts === 'string' ? parts : parts === null ? '' : sdpOf(parts),
    });
    renegotiation.modified(side, received.request, received.reply);
    const number = cseq;
    const acks = (sdp = '') =>
      renegotiation.acknowledged(
        side,
        receivedRequest('ACK', { headers: { cseq: `${number} ACK` }, body: sdp }).request,
      );
    return { ...received, acks, status: () => received.answers.map((one) => one.status) };
  };
  /** What we sent to a side. */
  const sentTo = (side: Side): SentRequest[] => srf.sent.filter(({ options }) => options.stackDialogId === side);
  const told = () => ({
    dialer: sessions.session('dialer')?.peer()?.media.direction,
    carrier: sessions.session('carrier')?.peer()?.media.direction,
  });
  return { clock, srf, sessions, dialogs, state, media, lost, renegotiation, asks, sentTo, told };
}

const HOLDS: readonly (readonly [string, SdpParts, string, string])[] = [
  ['a=sendonly', { direction: 'sendonly' }, 'sendonly', 'recvonly'],
  ['a=inactive', { direction: 'inactive' }, 'inactive', 'inactive'],
  ['a=recvonly', { direction: 'recvonly' }, 'recvonly', 'sendonly'],
  ['c=0.0.0.0', { address: '0.0.0.0', direction: null }, 'sendonly', 'recvonly'],
  ['a=sendonly of the session', { session: 'a=sendonly\r\n', direction: null }, 'sendonly', 'recvonly'],
  ['port 0', { port: 0 }, 'inactive', 'inactive'],
];

describe('RFC 3264 §8.4: a hold in a call with an agent', () => {
  it.each(HOLDS)(
    'with %s passes to the other peer as %s, and is answered when that has answered',
    (_how, hold, offered, answer) => {
      const { asks, sentTo, told } = answeredCall();
      const held = asks('dialer', { ...DIALER, ...hold });
      expect(held.answers).toEqual([]);
      expect(sentTo('carrier')[0]?.options.body).toContain(`a=${offered}\r\n`);
      expect(sentTo('carrier')[0]?.options.body).toContain('m=audio 20004');
      sentTo('carrier')[0]?.respond(200, { body: sdpOf({ ...CALLEE, direction: answer as 'recvonly' }) });
      expect(sentTo('carrier')[0]?.acknowledged).toHaveLength(1);
      expect(held.status()).toEqual([200]);
      expect(held.answers[0]?.body).toContain(`a=${answer}\r\n`);
      held.acks();
      expect(told()).toEqual({ dialer: offered, carrier: answer });

      const resumed = asks('dialer', DIALER);
      expect(sentTo('carrier')[1]?.options.body).toContain('a=sendrecv\r\n');
      sentTo('carrier')[1]?.respond(200, { body: sdpOf(CALLEE) });
      expect(resumed.answers[0]?.body).toContain('a=sendrecv\r\n');
      expect(told()).toEqual({ dialer: 'sendrecv', carrier: 'sendrecv' });
    },
  );

  it('of the callee passes to the dialer', () => {
    const { asks, sentTo, media } = answeredCall();
    const held = asks('carrier', { ...CALLEE, direction: 'sendonly' });
    sentTo('dialer')[0]?.respond(200, { body: sdpOf({ ...DIALER, direction: 'recvonly' }) });
    expect(held.answers[0]?.body).toContain('a=recvonly\r\n');
    expect([media.carrier?.direction, media.dialer?.direction]).toEqual(['sendonly', 'recvonly']);
  });

  it('that is in force is no hold of the other peer: its session refresh is answered by ourselves', () => {
    const { asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(200, { body: sdpOf({ ...CALLEE, direction: 'recvonly' }) });
    held.acks();
    const refresh = asks('carrier', { ...CALLEE, direction: 'recvonly' });
    expect(refresh.answers[0]?.body).toContain('a=sendonly\r\n');
    expect(sentTo('dialer')).toEqual([]);
  });

  it('of both sides leaves nothing but silence until both resume', () => {
    const { asks, sentTo, told } = answeredCall();
    asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(200, { body: sdpOf({ ...CALLEE, direction: 'inactive' }) });
    expect(told()).toEqual({ dialer: 'inactive', carrier: 'inactive' });
  });
});

describe('when the agent comes', () => {
  it.each([
    ['dialer', 'carrier', DIALER, CALLEE],
    ['carrier', 'dialer', CALLEE, DIALER],
  ] as const)('the hold of the waiting %s is told to the %s at once, and its end too', (side, other, own, others) => {
    const { asks, sentTo, state, told, renegotiation } = answeredCall();
    state.coupled = false;
    asks(side, { ...own, direction: 'sendonly' }).acks();
    expect(sentTo(other)).toEqual([]);
    state.coupled = true;
    renegotiation.coupled();
    expect(sentTo(other)).toHaveLength(1);
    expect(sentTo(other)[0]?.options.body).toContain('a=sendonly\r\n');
    sentTo(other)[0]?.respond(200, { body: sdpOf({ ...others, direction: 'recvonly' }) });
    expect(told()).toEqual({ [side]: 'sendonly', [other]: 'recvonly' });

    asks(side, own);
    expect(sentTo(other)[1]?.options.body).toContain('a=sendrecv\r\n');
  });

  it('nobody is told of what nobody wants', () => {
    const { sentTo, renegotiation } = answeredCall();
    renegotiation.coupled();
    expect([sentTo('dialer'), sentTo('carrier')]).toEqual([[], []]);
  });

  it('with the end of the hold in the same re-INVITE, the callee hears of no hold', () => {
    const { asks, sentTo, state, renegotiation } = answeredCall();
    state.coupled = false;
    asks('dialer', { ...DIALER, direction: 'sendonly' }).acks();
    state.coupled = true;
    asks('dialer', DIALER);
    renegotiation.coupled();
    expect(sentTo('carrier')).toEqual([]);
  });
});

describe('while the callee waits for an agent', () => {
  it.each(HOLDS)(
    'a hold of the dialer with %s is answered by ourselves and does not reach the callee',
    (_how, hold, _offered, answer) => {
      const { asks, sentTo, state, told } = answeredCall();
      state.coupled = false;
      const held = asks('dialer', { ...DIALER, ...hold });
      expect(held.answers[0]?.body).toContain(`a=${answer}\r\n`);
      expect(sentTo('carrier')).toEqual([]);
      expect(told().carrier).toBe('sendrecv');
    },
  );

  it.each([
    ['recvonly', 'sendonly'],
    ['sendonly', 'recvonly'],
    ['inactive', 'inactive'],
  ] as const)('a callee that says %s is answered %s: ambience plays where it may', (says, answer) => {
    const { asks, sentTo, state, media } = answeredCall();
    state.coupled = false;
    const held = asks('carrier', { ...CALLEE, direction: says });
    expect(held.answers[0]?.body).toContain(`a=${answer}\r\n`);
    expect(media.carrier?.direction).toBe(says);
    expect(sentTo('dialer')).toEqual([]);
  });

  it('a callee that changes its codec gets ambience in the new one, and the dialer keeps its own', () => {
    const { asks, sentTo, state, media } = answeredCall();
    state.coupled = false;
    const changed = asks('carrier', { ...CALLEE, payloads: '0' });
    expect(changed.answers[0]?.body).toContain('m=audio 20004 RTP/AVP 0\r\n');
    expect(media.carrier?.codecs).toEqual([{ name: 'PCMU', payloadType: 0 }]);
    expect(sentTo('dialer')).toEqual([]);
  });
});

describe('an offer that changes nothing for the other peer', () => {
  it.each([
    ['a new address', { ...DIALER, address: '127.0.0.99' }],
    ['the same session again', DIALER],
    ['fewer codecs, the one in use among them', { ...DIALER, payloads: '8' }],
  ])('(%s) is answered by ourselves', (_what, parts) => {
    const { asks, srf, media } = answeredCall();
    const moved = asks('dialer', parts);
    expect(moved.answers).toMatchObject([
      { status: 200, headers: { Allow: 'all', 'Content-Type': 'application/sdp' } },
    ]);
    expect(media.dialer?.rtp.address).toBe(parts.address);
    expect(srf.sent).toEqual([]);
  });

  it('and is an UPDATE is answered by ourselves too, and one without SDP without SDP', () => {
    const { asks } = answeredCall();
    expect(asks('dialer', { ...DIALER, address: '127.0.0.99' }, 'UPDATE').answers[0]?.body).toContain('m=audio 20000');
    expect(asks('dialer', null, 'UPDATE').answers).toEqual([{ status: 200, headers: { Allow: 'all' }, body: '' }]);
  });
});

describe('another codec', () => {
  it('passes to the other peer, and both use it', () => {
    const { asks, sentTo, media } = answeredCall();
    const changed = asks('dialer', { ...DIALER, payloads: '0' });
    expect(sentTo('carrier')[0]?.options.body).toContain('m=audio 20004 RTP/AVP 0\r\n');
    sentTo('carrier')[0]?.respond(200, { body: sdpOf({ ...CALLEE, payloads: '0' }) });
    expect(changed.answers[0]?.body).toContain('RTP/AVP 0\r\n');
    expect([media.carrier?.codecs[0]?.name, media.dialer?.codecs[0]?.name]).toEqual(['PCMU', 'PCMU']);
  });

  it('that the other peer refuses is refused, and both legs are as they were', () => {
    const { asks, sentTo, media, sessions } = answeredCall();
    const before = sessions.session('dialer')?.peer();
    const changed = asks('dialer', { ...DIALER, payloads: '0' });
    sentTo('carrier')[0]?.respond(488);
    expect(changed.status()).toEqual([488]);
    expect(media).toEqual({});
    expect(sessions.session('dialer')?.peer()).toEqual(before);
    expect(sessions.session('carrier')?.peer()?.media.codecs).toEqual([{ name: 'PCMA', payloadType: 8 }]);
  });

  it('that nobody serves is refused at once (RFC 3261 §14.2)', () => {
    const { asks, srf } = answeredCall();
    expect(asks('dialer', { ...DIALER, payloads: '3' }).answers).toMatchObject([
      { status: 488, headers: { Warning: expect.stringMatching(/^305/) } },
    ]);
    expect(srf.sent).toEqual([]);
  });
});

describe('a codec that the other leg has not and that nothing turns into another', () => {
  const G722 = { ...CALLEE, payloads: '9' };

  it('is refused to a callee that waits, though ambience could be played in it; both legs are as they were', () => {
    const { asks, state, media, sentTo } = answeredCall();
    state.coupled = false;
    const refused = asks('carrier', G722);
    expect(refused.answers).toMatchObject([{ status: 488, headers: { Warning: expect.stringMatching(/^305/) } }]);
    expect([media, sentTo('dialer')]).toEqual([{}, []]);
  });

  it('is not offered to a peer that asks for an offer', () => {
    const { asks } = answeredCall();
    expect(asks('carrier', null).answers[0]?.body).toContain('m=audio 20004 RTP/AVP 8 0\r\n');
  });

  it('passes to the other peer in a call with an agent, which may have it', () => {
    const { asks, sentTo } = answeredCall();
    const changed = asks('carrier', G722);
    sentTo('dialer')[0]?.respond(200, { body: sdpOf({ ...DIALER, payloads: '9' }) });
    expect(changed.status()).toEqual([200]);
  });

  it('is told to the dialer that knows of another one, when a fork answered with it (RFC 6337 §2.1)', () => {
    const dialer = { ...DIALER, payloads: '8 9' };
    const { renegotiation, sentTo, sessions, media } = answeredCall(dialer, G722, (early) => {
      early.calleeProgressed('other', sdpOf({ ...CALLEE, address: '127.0.0.13' }));
      early.answerToDialer();
    });
    expect(sessions.session('dialer')?.peer()?.media.codecs).toEqual([{ name: 'PCMA', payloadType: 8 }]);
    renegotiation.ready('dialer');
    expect(sentTo('dialer')[0]?.options.body).toContain('m=audio 20000 RTP/AVP 9\r\n');
    sentTo('dialer')[0]?.respond(200, { body: sdpOf({ ...DIALER, payloads: '9' }) });
    expect(media.dialer?.codecs).toEqual([{ name: 'G722', payloadType: 9 }]);
    expect(sentTo('carrier')).toEqual([]);
  });
});

describe('RFC 3261 §14, RFC 3311 §5.2: glare and overlap', () => {
  it('a re-INVITE or an offer in an UPDATE meets 491 while ours is under way; an UPDATE without SDP does not', () => {
    const { asks } = answeredCall();
    asks('dialer', { ...DIALER, direction: 'sendonly' });
    expect(asks('carrier', CALLEE).status()).toEqual([491]);
    expect(asks('carrier', CALLEE, 'UPDATE').status()).toEqual([491]);
    expect(asks('carrier', null, 'UPDATE').status()).toEqual([200]);
  });

  it('one that overlaps the peer’s own gets 500 and Retry-After', () => {
    const { asks } = answeredCall();
    asks('dialer', { ...DIALER, direction: 'sendonly' });
    expect(asks('dialer', DIALER).answers).toMatchObject([{ status: 500, headers: { 'Retry-After': '0' } }]);
  });

  it('ours that meets 491 is sent again, and its asker waits', () => {
    const { clock, asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(491);
    expect(held.answers).toEqual([]);
    clock.advance(2_100);
    sentTo('carrier')[1]?.respond(200, { body: sdpOf({ ...CALLEE, direction: 'recvonly' }) });
    expect(held.status()).toEqual([200]);
  });

  it('both peers’ offers at once never wait for each other: the second one gets 491', () => {
    const { clock, asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(491);
    expect(asks('carrier', { ...CALLEE, direction: 'inactive' }).status()).toEqual([491]);
    clock.advance(2_100);
    sentTo('carrier')[1]?.respond(200, { body: sdpOf({ ...CALLEE, direction: 'recvonly' }) });
    expect(held.status()).toEqual([200]);
  });

  it('none of ours goes out before the ACK of a re-INVITE', () => {
    const { asks, sentTo } = answeredCall();
    const moved = asks('carrier', { ...CALLEE, address: '127.0.0.77' });
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    expect(sentTo('carrier')).toEqual([]);
    moved.acks();
    expect(sentTo('carrier')).toHaveLength(1);
    expect(held.answers).toEqual([]);
  });
});

describe('a re-INVITE that was passed on', () => {
  it('and never gets a final response is answered 504 in time; a late answer is taken back', () => {
    const { clock, asks, sentTo, told } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    clock.advance(INVITE_PASSED_MAX_MS);
    expect(held.status()).toEqual([504]);
    expect(sentTo('carrier')[0]?.cancelled).toBe(1);
    sentTo('carrier')[0]?.respond(200, { body: sdpOf({ ...CALLEE, direction: 'recvonly' }) });
    // The dialer's session is as before, so the callee's must be, too.
    expect(sentTo('carrier')[1]?.options.body).toContain('a=sendrecv\r\n');
    sentTo('carrier')[1]?.respond(200, { body: sdpOf(CALLEE) });
    expect(told()).toEqual({ dialer: 'sendrecv', carrier: 'sendrecv' });
  });

  it('for an UPDATE has less time (RFC 3311 §5.2)', () => {
    const { clock, asks } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' }, 'UPDATE');
    clock.advance(UPDATE_PASSED_MAX_MS);
    expect(held.status()).toEqual([504]);
  });

  it('and is cancelled is cancelled there, too', () => {
    const { asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    held.request.emit('cancel', held.request);
    expect(sentTo('carrier')[0]?.cancelled).toBe(1);
    sentTo('carrier')[0]?.respond(487);
    expect(sentTo('carrier')).toHaveLength(1);
    expect(asks('dialer', { ...DIALER, address: '127.0.0.99' }).status()).toEqual([200]);
  });

  it.each([408, 481])('and gets %i has lost its peer: 504, and the leg is told', (status) => {
    const { asks, sentTo, lost } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(status);
    expect(held.status()).toEqual([504]);
    expect(lost).toEqual(['carrier']);
  });

  it.each([
    [302, 488],
    [407, 488],
    [603, 603],
  ])('and gets %i is answered %i', (theirs, ours) => {
    const { asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(theirs);
    expect(held.status()).toEqual([ours]);
  });

  it('and is answered with nothing usable is 488, and the other peer is asked back', () => {
    const { asks, sentTo } = answeredCall();
    const held = asks('dialer', { ...DIALER, direction: 'sendonly' });
    sentTo('carrier')[0]?.respond(200, { body: 'v=0' });
    expect(sentTo('carrier')[0]?.acknowledged).toHaveLength(1);
    expect(held.status()).toEqual([488]);
  });
});

describe('RFC 3261 §14.2: a re-INVITE without SDP', () => {
  it('gets our offer with all we have, at once; the ACK may move the stream', () => {
    const { asks, sentTo, media } = answeredCall();
    const asked = asks('carrier', null);
    expect(asked.answers[0]?.body).toContain('m=audio 20004 RTP/AVP 8 0');
    asked.acks(sdpOf({ ...CALLEE, address: '127.0.0.77', payloads: '0' }));
    expect(media.carrier).toMatchObject({ rtp: { address: '127.0.0.77' }, codecs: [{ name: 'PCMU' }] });
    expect(sentTo('dialer')).toEqual([]);
  });

  it('whose ACK holds tells the other peer', () => {
    const { asks, sentTo } = answeredCall();
    asks('dialer', null).acks(sdpOf({ ...DIALER, direction: 'sendonly' }));
    expect(sentTo('carrier')[0]?.options.body).toContain('a=sendonly\r\n');
  });

  it('overlaps nothing: until the ACK another offer gets 500, and an ACK with nothing usable changes nothing', () => {
    const { asks, media } = answeredCall();
    const asked = asks('dialer', null);
    expect(asks('dialer', DIALER).status()).toEqual([500]);
    asked.acks('');
    expect(media).toEqual({});
    expect(asks('dialer', DIALER).status()).toEqual([200]);
  });

  it('whose ACK never comes has lost its peer', () => {
    const { clock, asks, lost } = answeredCall();
    asks('dialer', null);
    clock.advance(ACK_WAIT_MS);
    expect(lost).toEqual(['dialer']);
  });
});

describe('T.38: fax in place of the audio', () => {
  const faxSdp = (address: string, rate: number, port = 4_000) =>
    `v=0\r\no=- 1 2 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=image ${port} udptl t38\r\na=T38MaxBitRate:${rate}\r\n`;
  const asksForFax = (call: ReturnType<typeof answeredCall>) => call.asks('dialer', faxSdp('127.0.0.11', 14_400));

  /** Both legs in fax. */
  function faxing() {
    const call = answeredCall();
    const asked = asksForFax(call);
    call.sentTo('carrier')[0]?.respond(200, { body: faxSdp('127.0.0.12', 9_600, 4_002) });
    asked.acks();
    return { ...call, asked };
  }

  it('passes to the other peer at our address, and is answered with what that can do', () => {
    const { asked, sentTo, media } = faxing();
    expect(sentTo('carrier')[0]?.options.body).toContain('m=image 20004 udptl t38\r\na=T38MaxBitRate:14400\r\n');
    expect(asked.status()).toEqual([200]);
    expect(asked.answers[0]?.body).toContain('m=image 20000 udptl t38\r\na=T38MaxBitRate:9600\r\n');
    expect(media.dialer).toMatchObject({ udptl: true, rtp: { address: '127.0.0.11', port: 4_000 } });
    expect(media.carrier).toMatchObject({ udptl: true, rtp: { address: '127.0.0.12', port: 4_002 } });
  });

  it('that is offered once more, or from elsewhere, is answered by ourselves', () => {
    const { asks, sentTo, media } = faxing();
    const moved = asks('carrier', faxSdp('127.0.0.12', 9_600, 4_010));
    expect(moved.answers[0]?.body).toContain('m=image 20004 udptl t38\r\na=T38MaxBitRate:14400');
    expect(media.carrier?.rtp.port).toBe(4_010);
    expect(sentTo('dialer')).toEqual([]);
  });

  it('goes back to audio, in the same m-line', () => {
    const { asks, sentTo, media } = faxing();
    const back = asks('carrier', CALLEE);
    expect(sentTo('dialer')[0]?.options.body).toMatch(/^m=audio 20000 RTP\/AVP 8\b/m);
    sentTo('dialer')[0]?.respond(200, { body: sdpOf(DIALER) });
    expect(back.answers[0]?.body).toContain('m=audio 20004 RTP/AVP 8');
    expect([media.dialer, media.carrier].map((one) => one?.udptl ?? false)).toEqual([false, false]);
  });

  it('is refused while the callee waits for an agent (488, Warning 304), and the callee hears of nothing', () => {
    const call = answeredCall();
    call.state.coupled = false;
    expect(asksForFax(call).answers).toMatchObject([
      { status: 488, headers: { Warning: expect.stringMatching(/^304/) } },
    ]);
    expect([call.sentTo('carrier'), call.media]).toEqual([[], {}]);
  });

  it('that the other peer refuses is refused with its status, and the audio stays', () => {
    const call = answeredCall();
    const asked = asksForFax(call);
    call.sentTo('carrier')[0]?.respond(415);
    expect(asked.status()).toEqual([415]);
    expect(call.media).toEqual({});
  });

  it('that the other peer answers without a fax stream is 488, and its audio is asked back', () => {
    const call = answeredCall();
    const asked = asksForFax(call);
    call.sentTo('carrier')[0]?.respond(200, { body: faxSdp('127.0.0.12', 9_600, 0) });
    expect(asked.status()).toEqual([488]);
    expect(call.sentTo('carrier')[1]?.options.body).toMatch(/^m=audio 20004 RTP\/AVP 8\b/m);
  });

  it('whose asker is gone by the answer is taken back', () => {
    const call = answeredCall();
    const asked = asksForFax(call);
    asked.request.emit('cancel', asked.request);
    call.sentTo('carrier')[0]?.respond(200, { body: faxSdp('127.0.0.12', 9_600) });
    expect(call.sentTo('carrier')[1]?.options.body).toMatch(/^m=audio 20004 RTP\/AVP 8\b/m);
  });

  it('is not taken where SRTP was agreed: it would go in clear', () => {
    const key = `inline:${Buffer.alloc(30, 1).toString('base64')}`;
    const secure = { ...DIALER, protocol: 'RTP/SAVP', attributes: [`crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}`] };
    const call = answeredCall(secure);
    expect(asksForFax(call).answers).toMatchObject([{ status: 488 }]);
    expect(call.asks('carrier', faxSdp('127.0.0.12', 9_600)).answers).toMatchObject([{ status: 488 }]);
    expect([...call.sentTo('carrier'), ...call.sentTo('dialer')]).toEqual([]);
  });
});

describe('the end of a call', () => {
  it('leaves no timer and sends nothing more', () => {
    const { clock, srf, asks, renegotiation } = answeredCall();
    asks('dialer', { ...DIALER, direction: 'sendonly' });
    asks('carrier', null);
    renegotiation.close();
    srf.sent[0]?.respond(491);
    clock.advance(60_000);
    expect(clock.pendingTimers()).toBe(0);
    expect(srf.sent).toHaveLength(1);
  });

  it('a leg that was not ready is told what changed when it is', () => {
    const { asks, sentTo, dialogs, renegotiation } = answeredCall();
    const { carrier } = dialogs;
    dialogs.carrier = null;
    expect(asks('dialer', { ...DIALER, direction: 'sendonly' }).status()).toEqual([200]);
    dialogs.carrier = carrier;
    renegotiation.ready('carrier');
    expect(sentTo('carrier')[0]?.options.body).toContain('a=sendonly\r\n');
  });
});
