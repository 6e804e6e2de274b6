import { describe, expect, it } from 'vitest';
import type { DialerOffer } from '../guard/ports.ts';
import { createDescriptions } from './descriptions.ts';
import { readRemoteMedia } from './sdp.ts';

const ADDRESSES = { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_004 } };

/** A peer's description with these payload types. */
function sdpOf(address: string, payloads: string, direction = 'sendrecv'): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio 10000 RTP/AVP ${payloads}`,
    `a=${direction}`,
    '',
  ].join('\r\n');
}

function offerOf(sdp: string): DialerOffer {
  const media = readRemoteMedia(sdp);
  if (!media.ok) throw new Error('bad sample');
  return { kind: 'sdp', media: media.value };
}

/** A call that is answered with PCMA, by a dialer that offered both laws. */
function answeredCall() {
  const offer = sdpOf('127.0.0.11', '0 8');
  const descriptions = createDescriptions(offerOf(offer), offer, () => '42');
  descriptions.offerToCarrier(ADDRESSES);
  const callee = descriptions.readCallee(sdpOf('127.0.0.12', '8'));
  descriptions.calleeAnswered(callee);
  const answer = callee === null ? '' : descriptions.answerToDialer(callee);
  return { descriptions, answer };
}

describe('the descriptions of a call', () => {
  it('give each side our own address and the codec that both have', () => {
    const { descriptions, answer } = answeredCall();
    expect(descriptions.current().carrier).toContain('m=audio 20004 RTP/AVP 0 8');
    expect(answer).toContain('m=audio 20000 RTP/AVP 8\r\n');
  });

  it('follow a dialer that only moved, with the next version', () => {
    const { descriptions } = answeredCall();
    const taken = descriptions.dialerReoffers(sdpOf('127.0.0.99', '0 8'));
    expect(taken?.media.rtp.address).toBe('127.0.0.99');
    expect(taken?.answer).toMatch(/o=- 42 2 IN IP4 127\.0\.0\.1\r\n[\s\S]*RTP\/AVP 8\r\n/);
    expect(descriptions.current().dialer).toBe(taken?.answer);
  });

  it.each([
    ['puts the call on hold', sdpOf('127.0.0.11', '0 8', 'sendonly')],
    ['drops the codec in use', sdpOf('127.0.0.11', '0')],
    ['cannot be read', 'v=0'],
  ])('leave alone an offer that %s', (_what, sdp) => {
    const { descriptions, answer } = answeredCall();
    expect(descriptions.dialerReoffers(sdp)).toBeNull();
    expect(descriptions.current().dialer).toBe(answer);
  });

  it('give a carrier that offers more only what the dialer agreed to', () => {
    const { descriptions } = answeredCall();
    const taken = descriptions.carrierReoffers(sdpOf('127.0.0.77', '0 8'));
    expect(taken?.answer).toContain('RTP/AVP 8\r\n');
    expect(taken?.media).toMatchObject({ rtp: { address: '127.0.0.77' }, codecs: [{ name: 'PCMA', payloadType: 8 }] });
  });

  it('make the offer themselves when the dialer made none, and read its ACK', () => {
    const descriptions = createDescriptions({ kind: 'none' }, '', () => '42');
    expect(descriptions.offerToCarrier(ADDRESSES)).toContain('RTP/AVP 8 0 101');
    const callee = descriptions.readCallee(sdpOf('127.0.0.12', '0'));
    expect(callee && descriptions.answerToDialer(callee)).toContain('m=audio 20000 RTP/AVP 0');
    expect(descriptions.dialerAcknowledged(sdpOf('127.0.0.11', '0'))?.rtp.address).toBe('127.0.0.11');
    expect(descriptions.dialerAcknowledged('v=0')).toBeNull();
  });
});
