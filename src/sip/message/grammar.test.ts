import { describe, expect, it } from 'vitest';
import { capitalizedHeaderName, headerKey } from './header-name.ts';
import {
  addressParameter,
  displayNameOf,
  tagOf,
  uriOf,
  withoutTag,
  withQuotedDisplayName,
  withTag,
} from './name-addr.ts';
import { parameter, withoutParameter } from './parameters.ts';
import { splitList } from './sip-message.ts';
import { formatHostPort, parseSipUri, uriParameter } from './uri.ts';
import { parseVia } from './via.ts';

describe('RFC 3261 §19.1 SIP URIs', () => {
  it.each([
    ['sip:example.com', { user: null, host: 'example.com', port: null, parameters: '' }],
    [
      'sip:+39333@10.0.0.1:5062;transport=UDP;lr',
      { user: '+39333', host: '10.0.0.1', port: 5062, parameters: ';transport=UDP;lr' },
    ],
    [
      'SIPS:a;b=c?d@[2001:db8::1]:5061?Subject=x',
      { scheme: 'sips', user: 'a;b=c?d', host: '2001:db8::1', port: 5061, headers: '?Subject=x' },
    ],
    ['sip:a:secret@host', { user: 'a:secret', host: 'host' }],
  ])('reads %s', (text, expected) => {
    expect(parseSipUri(text)).toMatchObject(expected);
  });

  it.each([
    '',
    'sip:',
    'sip:a@',
    'tel:+39333',
    'sip:a@host:0',
    'sip:a@host:65536',
    'sip:a@[::1',
    'sip:a@ho st',
    'sip:a@host>',
    'sip:a@-',
  ])('does not read %j', (text) => {
    expect(parseSipUri(text)).toBeNull();
  });

  it('compares parameters without case and writes IPv6 in brackets', () => {
    const uri = parseSipUri('sip:a@b;Transport=TCP;lr');
    expect(uri && [uriParameter(uri, 'transport'), uriParameter(uri, 'lr'), uriParameter(uri, 'maddr')]).toEqual([
      'tcp',
      '',
      undefined,
    ]);
    expect([formatHostPort('::1', 5060), formatHostPort('a', null)]).toEqual(['[::1]:5060', 'a']);
  });
});

describe('RFC 3261 §20.10 names and addresses', () => {
  it.each([
    ['<sip:a@b;tag=uri>;tag=header', 'sip:a@b;tag=uri', 'header', ''],
    ['"a <b>;tag=no \\" x" <sip:a@b> ; tag = yes', 'sip:a@b', 'yes', '"a <b>;tag=no \\" x"'],
    ['sip:a@b;tag=bare', 'sip:a@b', 'bare', ''],
    ['Bob Smith <tel:+39333>', 'tel:+39333', null, 'Bob Smith'],
    ['<sip:a@b>;tag=', 'sip:a@b', null, ''],
  ])('reads %s', (value, uri, tag, display) => {
    expect([uriOf(value), tagOf(value), displayNameOf(value)]).toEqual([uri, tag, display]);
  });

  it('changes a tag and nothing else', () => {
    expect(withTag('"A, B" <sip:a@b;x=y>;tag=1;k=v', '2')).toBe('"A, B" <sip:a@b;x=y>;k=v;tag=2');
    expect(withTag('sip:a@b;k=v', '2')).toBe('<sip:a@b>;k=v;tag=2');
    expect(withoutTag('<sip:a@b>;tag=1')).toBe('<sip:a@b>');
    expect(addressParameter('<sip:a@b;expires=1>;expires=2', 'expires')).toBe('2');
  });

  it.each([
    ['José <sip:a@b>', '"José" <sip:a@b>'],
    ["O'Neil, Bob <sip:a@b>;tag=1", '"O\'Neil, Bob" <sip:a@b>;tag=1'],
    ['Bob Smith <sip:a@b>', 'Bob Smith <sip:a@b>'],
    ['"quoted, name" <sip:a@b>', '"quoted, name" <sip:a@b>'],
    ['sip:a@b', 'sip:a@b'],
    ['*', '*'],
  ])('quotes the display name of %s where it must', (value, expected) => {
    expect(withQuotedDisplayName(value)).toBe(expected);
  });
});

describe('RFC 3261 §7.3.1 headers, lists and parameters', () => {
  it('know every spelling of a name', () => {
    expect(['v', 'VIA', 'Via', 'k', 'y', 'x'].map(headerKey)).toEqual([
      'via',
      'via',
      'via',
      'supported',
      'identity',
      'session-expires',
    ]);
    expect(['foo-bar', 'x-foo', 'X-FOO', 'call-id', 'cseq', 'p-asserted-identity'].map(capitalizedHeaderName)).toEqual([
      'Foo-Bar',
      'x-foo',
      'X-FOO',
      'Call-ID',
      'CSeq',
      'P-Asserted-Identity',
    ]);
  });

  it('are split at commas outside quotes and brackets', () => {
    expect(splitList('<sip:a,b@c>, "x, y" <sip:d>,,e')).toEqual(['<sip:a,b@c>', '"x, y" <sip:d>', 'e']);
  });

  it('have parameters with and without value', () => {
    const text = 'x;a=1; B = "q;b=2" ;lr;c=3';
    expect(['a', 'b', 'lr', 'c', 'd'].map((name) => parameter(text, name))).toEqual([
      '1',
      '"q;b=2"',
      '',
      '3',
      undefined,
    ]);
    expect(withoutParameter(text, 'b')).toBe('x;a=1;lr;c=3');
  });
});

describe('RFC 3261 §20.42 Via', () => {
  it.each([
    ['SIP/2.0/UDP host:5062;rport;branch=z9hG4bK1', { transport: 'UDP', host: 'host', port: 5062, branch: 'z9hG4bK1' }],
    ['SIP / 2.0 / tcp [2001:db8::1] ;branch=x', { transport: 'TCP', host: '2001:db8::1', port: null, branch: 'x' }],
  ])('reads %s', (text, expected) => {
    expect(parseVia(text)).toMatchObject(expected);
  });

  it.each(['', 'SIP/2.0/UDP', 'SIP/3.0/UDP host', 'host;branch=x'])('does not read %j', (text) => {
    expect(parseVia(text)).toBeNull();
  });
});
