import { describe, expect, it } from 'vitest';
import { checkSettings } from './load-settings.ts';
import { mediaAddresses, mediaFamilies } from './rtp-settings.ts';
import type { SettingsInput } from './settings.ts';

function read(rtp: SettingsInput['rtp']) {
  return checkSettings({ rtp });
}

function settingsOf(rtp: SettingsInput['rtp']) {
  const checked = read(rtp);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problem));
  return checked.value.rtp;
}

describe('the media addresses', () => {
  it('are one for both networks unless one has its own', () => {
    const one = { bind: '192.0.2.1', advertised: '203.0.113.9' };
    expect(mediaAddresses(settingsOf({ address: '192.0.2.1', externalAddress: '203.0.113.9' }))).toEqual({
      dialers: one,
      carriers: one,
    });
    const both = settingsOf({
      address: '192.0.2.1',
      externalAddress: '203.0.113.9',
      dialers: { address: '2001:db8::1' },
    });
    expect(mediaAddresses(both)).toEqual({
      dialers: { bind: '2001:db8::1', advertised: '2001:db8::1' },
      carriers: one,
    });
    expect(mediaFamilies(both)).toEqual({ dialers: 6, carriers: 4 });
  });

  it('leave the zone of a link out of SDP', () => {
    const { carriers } = mediaAddresses(settingsOf({ carriers: { address: 'fe80::1%eth0' } }));
    expect(carriers).toEqual({ bind: 'fe80::1%eth0', advertised: 'fe80::1' });
  });

  it.each([
    ['every address of the machine, and none for peers', { address: '0.0.0.0' }, 'rtp.address'],
    ['the same in IPv6', { address: '::' }, 'rtp.address'],
    ['a link without its zone', { dialers: { address: 'FE80::1' } }, 'rtp.dialers.address'],
    ['IPv4 as IPv6', { carriers: { address: '::ffff:192.0.2.1' } }, 'rtp.carriers.address'],
    ['two families', { address: '::1', externalAddress: '192.0.2.1' }, 'rtp.externalAddress'],
    ['a zone for others', { address: '::1', externalAddress: 'fe80::1%eth0' }, 'rtp.externalAddress'],
  ])('refuse %s', (_what, rtp, path) => {
    expect(read(rtp)).toMatchObject({ ok: false, problem: [{ path }] });
  });

  it('may be every address of the machine where peers are told another', () => {
    expect(read({ address: '0.0.0.0', externalAddress: '192.0.2.1' }).ok).toBe(true);
  });

  it('of both networks leave the common one unread', () => {
    expect(read({ address: '::', dialers: { address: '::1' }, carriers: { address: '127.0.0.1' } }).ok).toBe(true);
  });
});
