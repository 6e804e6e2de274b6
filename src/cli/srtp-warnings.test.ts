import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../config/settings.ts';
import { srtpWarnings } from './srtp-warnings.ts';

const carrier = (uri: string, srtp: 'accept' | 'require') => settingsSchema.parse({ carriers: [{ uri, srtp }] });
const named = { name: 'pbx', sources: ['127.0.0.11'], srtp: 'require' as const };

describe('RFC 4568 §8.1: keys that everybody can read', () => {
  it.each([
    ['sip:carrier.example', 'require', true],
    ['sip:carrier.example;transport=tcp', 'require', true],
    ['sip:carrier.example;transport=tls', 'require', false],
    ['sips:carrier.example', 'require', false],
    ['sip:carrier.example', 'accept', false],
  ] as const)('are told for a carrier at %s that has srtp: %s: %s', (uri, srtp, isTold) => {
    expect(srtpWarnings(carrier(uri, srtp)).includes('carriers[0].srtp')).toBe(isTold);
  });

  it('are told for a dialer where nobody takes TLS, and every line is a comment', () => {
    const told = srtpWarnings(settingsSchema.parse({ dialers: { named: [named] } }));
    expect(told).toContain('dialers.named[0].srtp');
    for (const line of told.trim().split('\n')) expect(line).toMatch(/^#/);
    const tls = { listen: ['tls/127.0.0.1:5061'], tls: { certificate: 'a.pem', key: 'b.pem' } };
    expect(srtpWarnings(settingsSchema.parse({ sip: tls, dialers: { named: [named] } }))).toBe('');
  });
});
