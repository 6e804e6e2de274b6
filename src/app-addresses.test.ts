import { describe, expect, it } from 'vitest';
import { familyProblems } from './app-addresses.ts';
import { checkSettings } from './config/load-settings.ts';
import type { SettingsInput } from './config/settings.ts';

function problemsOf(input: SettingsInput): string[] {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return familyProblems(settings.value).map(({ path, message }) => `${path}: ${message}`);
}

const V6: SettingsInput = {
  sip: { externalAddress: '2001:db8::9' },
  carriers: [{ uri: 'sip:[2001:db8::1]:5060' }],
  inbound: [{ number: '', target: 'sip:[2001:db8::2]' }],
  dialers: { named: [{ name: 'six', sources: ['2001:db8::/64'] }] },
};

describe('peers of a family without a listener', () => {
  it('are told, each at its path', () => {
    expect(problemsOf(V6)).toEqual(
      ['sip.externalAddress', 'carriers[0].uri', 'inbound[0].target', 'dialers.named[0].sources'].map(
        (path) => `${path}: no listener of sip.listen is IPv6`,
      ),
    );
  });

  it('are none once there is one, and with a drachtio-server, which has its own', () => {
    expect(problemsOf({ ...V6, sip: { listen: ['[::1]:5060', '127.0.0.1:5060'] } })).toEqual([]);
    expect(problemsOf({ ...V6, control: { drachtio: '127.0.0.1:9022' } })).toEqual([]);
  });

  it('are not names, nor dialers that may come in the other family', () => {
    expect(problemsOf({ carriers: [{ uri: 'sip:carrier.example' }] })).toEqual([]);
    expect(problemsOf({ dialers: { named: [{ name: 'any', sources: ['::/0', '0.0.0.0/0'] }] } })).toEqual([]);
    expect(problemsOf({})).toEqual([]);
  });
});
