import { describe, expect, it } from 'vitest';
import { identityProblem } from './tls-identity.ts';

describe('RFC 5922 §7: whose certificate it is', () => {
  it.each([
    ['a SIP URI', 'URI:sip:example.org', 'example.org', true],
    ['a SIP URI in other case, called with a final dot', 'URI:sip:Example.ORG', 'example.org.', true],
    ['a DNS name', 'DNS:example.org', 'EXAMPLE.org', true],
    ['one of several DNS names', 'DNS:a.example, DNS:b.example', 'b.example', true],
    ['an address', 'IP Address:192.0.2.1', '192.0.2.1', true],
    ['an IPv6 address', 'IP Address:0:0:0:0:0:0:0:1', '::1', true],
    ['a DNS name beside a SIP URI of another domain', 'DNS:example.org, URI:sip:other.example', 'example.org', false],
    ['a SIP URI with a user', 'URI:sip:al@example.org', 'example.org', false],
    ['a wildcard', 'DNS:*.example.org', 'a.example.org', false],
    ['a parent domain', 'DNS:example.org', 'sip.example.org', false],
    ['a quoted entry with a name hidden in it', 'DNS:"a, DNS:example.org"', 'example.org', false],
    ['an address written as a DNS name', 'DNS:192.0.2.9', '192.0.2.1', false],
  ])('%s', (_name, subjectaltname, called, matches) => {
    expect(identityProblem({ subjectaltname, subject: { CN: 'example.org' } }, called) === null).toBe(matches);
  });

  it('§7.1: the common name counts only without any subjectAltName', () => {
    expect(identityProblem({ subject: { CN: 'example.org' } }, 'example.org')).toBeNull();
    expect(
      identityProblem({ subjectaltname: 'DNS:other.example', subject: { CN: 'example.org' } }, 'example.org'),
    ).toBe('the certificate is for other.example, not for example.org');
    expect(identityProblem({}, 'example.org')).toBe('the certificate is for nobody, not for example.org');
  });
});
