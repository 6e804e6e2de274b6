import { describe, expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import type { SettingsInput } from '../config/settings.ts';
import { hostAddressProblems } from './host-addresses.ts';

async function problemsOf(input: SettingsInput): Promise<string[]> {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return (await hostAddressProblems(settings.value)).map(({ path, message }) => `${path}: ${message}`);
}

// TEST-NET-3 (RFC 5737): virtual machines have been seen with addresses of TEST-NET-1.
describe('the addresses that are bound to', () => {
  it('are of this machine, loopback without an interface of its own as well', async () => {
    const listen = ['127.0.0.1:5060', '127.77.0.1:5060', '[::1]:5060', '0.0.0.0:5070'];
    expect(await problemsOf({ sip: { listen }, rtp: { dialers: { address: '::1' } } })).toEqual([]);
  });

  it('are told when they are not, once for each setting', async () => {
    const sip = { listen: ['udp/203.0.113.1:5060', 'tcp/203.0.113.1:5060'] };
    const rtp = { address: '203.0.113.2', dialers: { address: '2001:db8::1' } };
    expect(await problemsOf({ sip, rtp, http: { listen: '203.0.113.3:8080' } })).toEqual([
      'sip.listen: 203.0.113.1 is no address of this machine',
      'rtp.dialers.address: 2001:db8::1 is no address of this machine',
      'rtp.address: 203.0.113.2 is no address of this machine',
      'http.listen: 203.0.113.3 is no address of this machine',
    ]);
  });

  it('are told when they are on a link that is not there', async () => {
    expect(await problemsOf({ rtp: { address: 'fe80::1%nowhere0' } })).toEqual([
      expect.stringMatching(/^rtp\.address: fe80::1%nowhere0 /),
    ]);
  });

  it('leave the listeners of a drachtio-server to it', async () => {
    expect(await problemsOf({ sip: { listen: '203.0.113.1:5060' }, control: { drachtio: '127.0.0.1:9022' } })).toEqual(
      [],
    );
  });
});
