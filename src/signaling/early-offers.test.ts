import { describe, expect, it } from 'vitest';
import { LAW_NAMES } from '../audio/codec.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallSink } from '../guard/signaling-port.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createCallSessions } from './call-sessions.ts';
import { createEarlyOffers } from './early-offers.ts';
import { readPeerDescription } from './peer-description.ts';
import { receivedRequest } from './testing/fake-srf.ts';
import { sdpOf } from './testing/sdp-samples.ts';

const ADDRESSES = { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_004 } };

/** A call that rings; with an offer of the dialer's, or a late one. */
function ringing(isLate = false) {
  const offer = readPeerDescription(sdpOf({ payloads: '8 0' }), null);
  if (!offer.ok) throw new Error('bad sample');
  const sessions = createCallSessions(isLate ? null : offer.value, () => '42');
  sessions.serve(LAW_NAMES);
  sessions.offerToCarrier(ADDRESSES);
  const told: string[] = [];
  const where = (media: RemoteMedia | null): string => media?.rtp.address ?? 'nowhere';
  const sink = {
    event: (event) => told.push('media' in event ? `${event.type} ${where(event.media)}` : event.type),
    dialerMedia: (media) => told.push(`dialer ${where(media)}`),
  } as Partial<CallSink> as CallSink;
  const early = createEarlyOffers({ clock: fakeClock(), allow: 'all', sessions, sink: () => sink });
  const update = (headers: Record<string, string>, body: string) => receivedRequest('UPDATE', { headers, body });
  const dialerUpdates = (sdp: string, agreed: boolean) => {
    const { request, reply, answers } = update({}, sdp);
    early.dialerUpdates(request, reply, agreed);
    return answers[0];
  };
  const carrierUpdates = (tag: string, sdp: string) => {
    const { request, reply, answers } = update({ from: `<sip:b@c>;tag=${tag}` }, sdp);
    early.carrierUpdates(request, reply);
    return answers[0];
  };
  return { sessions, told, early, dialerUpdates, carrierUpdates };
}

describe('RFC 3311 §5.2: an UPDATE before the answer', () => {
  it('without SDP is answered without SDP, on either side', () => {
    const { dialerUpdates, carrierUpdates } = ringing();
    expect(dialerUpdates('', false)).toEqual({ status: 200, headers: { Allow: 'all' }, body: '' });
    expect(carrierUpdates('a', '')).toEqual({ status: 200, headers: { Allow: 'all' }, body: '' });
  });

  it('of the carrier meets 491 until its fork has answered our offer; then the early media moves', () => {
    const { sessions, told, carrierUpdates } = ringing();
    expect(carrierUpdates('a', sdpOf({}))?.status).toBe(491);
    sessions.calleeProgressed('a', sdpOf({ address: '127.0.0.12' }));
    expect(carrierUpdates('a', sdpOf({ address: '127.0.0.20' }))).toMatchObject({ status: 200 });
    expect(carrierUpdates('a', sdpOf({ payloads: '18' }))?.status).toBe(488);
    expect(told).toEqual(['callee-ringing 127.0.0.20']);
  });

  it('of the dialer meets 500 and Retry-After while its offer is open, 491 while ours is', () => {
    expect(ringing().dialerUpdates(sdpOf({}), false)).toMatchObject({ status: 500, headers: { 'Retry-After': '1' } });
    expect(ringing(true).dialerUpdates(sdpOf({}), false)?.status).toBe(491);
  });

  it('of the dialer that has our answer moves its media', () => {
    const { sessions, told, dialerUpdates } = ringing();
    sessions.calleeProgressed('a', sdpOf({ address: '127.0.0.12' }));
    sessions.answerToDialer();
    expect(dialerUpdates(sdpOf({ address: '127.0.0.99' }), true)?.body).toContain('m=audio 20000');
    expect(told).toEqual(['dialer 127.0.0.99']);
  });
});

describe('RFC 3262 §5: the SDP of a PRACK', () => {
  it('is the answer to our offer where the INVITE had none', () => {
    const { sessions, told, early } = ringing(true);
    sessions.calleeProgressed('a', sdpOf({ address: '127.0.0.12' }));
    sessions.answerToDialer();
    const answers: (string | null)[] = [];
    early.dialerPracks(sdpOf({}), (sdp) => answers.push(sdp));
    expect(answers).toEqual(['']);
    expect(told).toEqual(['dialer 127.0.0.11']);
  });

  it('is an offer of its own elsewhere, and answered in its 200', () => {
    const { sessions, told, early } = ringing();
    sessions.calleeProgressed('a', sdpOf({ address: '127.0.0.12' }));
    sessions.answerToDialer();
    const answers: (string | null)[] = [];
    early.dialerPracks(sdpOf({ address: '127.0.0.99' }), (sdp) => answers.push(sdp));
    early.dialerPracks('v=0', (sdp) => answers.push(sdp));
    expect(answers).toEqual([expect.stringContaining('m=audio 20000'), null]);
    expect(told).toEqual(['dialer 127.0.0.99']);
  });

  it('that cannot be used as the answer ends the call', () => {
    const { sessions, told, early } = ringing(true);
    sessions.answerToDialer();
    early.dialerAnswers('v=0');
    expect(told).toEqual(['media-failed']);
  });
});
