import { describe, expect, it } from 'vitest';
import type { CallId } from '../../call/call-facts.ts';
import { answerRequest, type Exchange, offerRequest, packetsFrom } from './ng-requests.ts';

const EXCHANGE: Exchange = {
  callId: 'call-1' as CallId,
  from: 'dialer',
  to: 'callee',
  sdp: 'v=0\r\n',
  nat: false,
  family: 4,
};

describe('an offer or an answer', () => {
  it('keeps ports, and lets only the signalled address and port be heard', () => {
    expect(answerRequest(EXCHANGE)).toMatchObject({
      command: 'answer',
      'call-id': 'call-1',
      'from-tag': 'dialer',
      'to-tag': 'callee',
      flags: ['port-latching', 'strict-source', 'asymmetric'],
    });
  });

  it('lets rtpengine learn where a peer behind a NAT is, and keep to it', () => {
    expect(answerRequest({ ...EXCHANGE, nat: true }).flags).toEqual(['port-latching', 'strict-source']);
  });

  it('asks for a port in the family of the end that is told of it', () => {
    expect(offerRequest({ ...EXCHANGE, family: 6 }, 'callee', null)['address-family']).toBe('IP6');
    expect(answerRequest(EXCHANGE)['address-family']).toBe('IP4');
  });

  it('names the interfaces of both ends where rtpengine has several', () => {
    const interfaces = { brusio: 'inside', dialers: 'office', carriers: 'outside' };
    expect(offerRequest(EXCHANGE, 'callee', interfaces).direction).toEqual(['office', 'outside']);
    const first = { ...EXCHANGE, from: 'brusio-dialer', to: null } as const;
    expect(offerRequest(first, 'dialer', interfaces).direction).toEqual(['inside', 'office']);
    expect(offerRequest(first, 'dialer', null)).not.toHaveProperty('direction');
    expect(offerRequest(first, 'dialer', null)).not.toHaveProperty('to-tag');
  });
});

describe('the packets of an end', () => {
  it.each([
    ['no tags', {}],
    ['another end alone', { tags: { callee: { medias: [{ streams: [{ stats: { packets: 5 } }] }] } } }],
    ['lists and texts where dictionaries should be', { tags: { dialer: { medias: ['x', { streams: [[]] }] } } }],
  ])('%s: none', (_what, query) => {
    expect(packetsFrom('dialer', query)).toBe(0);
  });
});
