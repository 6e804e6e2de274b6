import { describe, expect, it } from 'vitest';
import { contactOf } from '../dialog/faces.ts';
import type { Listener } from './hop.ts';
import { facingContact } from './own-contact.ts';

const udp: Listener = { protocol: 'udp', address: '10.0.0.1', port: 5060, host: '10.0.0.1' };
const tcp: Listener = { ...udp, protocol: 'tcp' };
const tls: Listener = { ...udp, protocol: 'tls', port: 5061 };
const v6: Listener = { ...udp, address: '::', host: '2001:db8::1' };
const isOwn = (host: string, port: number) => host === '10.0.0.1' && (port === 5060 || port === 5061);

describe('RFC 3261 §8.1.1.8: a Contact names the listener that faces the peer', () => {
  it.each([
    ['<sip:al@10.0.0.1>', tcp, '<sip:al@10.0.0.1:5060;transport=tcp>'],
    ['"Al" <sip:al@10.0.0.1:5060;transport=tcp;x=y>;expires=3', udp, '"Al" <sip:al@10.0.0.1:5060;x=y>;expires=3'],
    ['sip:al@10.0.0.1:5060;expires=3', tls, '<sip:al@10.0.0.1:5061;transport=tls>;expires=3'],
    ['<sips:al@10.0.0.1>', tls, '<sips:al@10.0.0.1:5061>'],
    ['<sip:10.0.0.1:5060>', v6, '<sip:[2001:db8::1]:5060>'],
    ['<sip:al@192.0.2.1:5060>', tcp, '<sip:al@192.0.2.1:5060>'],
    ['<sip:al@10.0.0.1:5099>', tcp, '<sip:al@10.0.0.1:5099>'],
    ['*', tcp, '*'],
  ])('%s', (value, listener, expected) => {
    expect(facingContact(value, isOwn, listener)).toBe(expected);
  });

  it('is ours by default, with its transport; sips where the request is', () => {
    expect(contactOf(udp, 'sip:b@192.0.2.1')).toBe('<sip:10.0.0.1:5060>');
    expect(contactOf(tcp, 'sip:b@192.0.2.1')).toBe('<sip:10.0.0.1:5060;transport=tcp>');
    expect(contactOf(tls, 'sip:b@192.0.2.1')).toBe('<sip:10.0.0.1:5061;transport=tls>');
    expect(contactOf(tls, 'sips:b@192.0.2.1')).toBe('<sips:10.0.0.1:5061>');
    expect(contactOf(v6, 'sip:b@192.0.2.1')).toBe('<sip:[2001:db8::1]:5060>');
  });
});
