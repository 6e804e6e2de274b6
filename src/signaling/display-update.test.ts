import { describe, expect, it } from 'vitest';
import { displayUpdates, isDisplayUpdate, NO_DISPLAY_UPDATES } from './display-update.ts';
import type { SipRequest } from './drachtio-srf.ts';

const CALLEE = ['+393335551234', '9393335551234'];
const CALLER_ID = '0699999999';

function request(headers: Readonly<Record<string, string>>): SipRequest {
  return { get: (name: string) => headers[name] } as unknown as SipRequest;
}

function shown(number: string | undefined, name?: string) {
  const invite = request({ 'x-fs-support': 'update_display,send_info' });
  return displayUpdates(invite, CALLEE, CALLER_ID).agentIn(
    request({
      ...(number === undefined ? {} : { 'x-fs-display-number': number }),
      ...(name === undefined ? {} : { 'x-fs-display-name': name }),
    }),
  );
}

describe('a display update', () => {
  it.each([
    // As a FreeSWITCH 1.11 sends them: bridged to 1001, by the application or by mod_callcenter.
    ['1001', 'Outbound Call', { id: '1001', name: null, extension: '1001' }],
    ['1001', 'Anna%20Rossi', { id: '1001', name: 'Anna Rossi', extension: '1001' }],
    ['1001', '1001', { id: '1001', name: null, extension: '1001' }],
    [undefined, 'Anna Rossi', { id: 'Anna Rossi', name: null, extension: null }],
    // uuid_bridge to a leg that was originated without a caller id.
    ['0000000000', '0000000000', { id: 'unknown', name: null, extension: null }],
    ['UNKNOWN', 'UNKNOWN', { id: 'unknown', name: null, extension: null }],
    // The agent's leg was there first, and is shown what the callee is: the call's own caller id.
    ['0699999999', 'Campaign', { id: 'unknown', name: null, extension: null }],
    ['100%', '50 %', { id: '100%', name: '50 %', extension: '100%' }],
  ])('of %s, %s tells of an agent', (number, name, agent) => {
    expect(shown(number, name)).toEqual({ ...agent, source: 'sip-display' });
  });

  it.each([
    ['393335551234', 'Mario'],
    ['00393335551234', 'Mario'],
    ['9393335551234', undefined],
    ['sip:+393335551234@pbx.example', 'Mario'],
    [undefined, '+39 333 555 1234'],
    [undefined, undefined],
    ['', ' '],
  ])('of %s, %s tells of nobody: it shows the callee, or nothing', (number, name) => {
    expect(shown(number, name)).toBeNull();
  });

  it('is asked for where the dialer’s INVITE offers it, and of no other', () => {
    const offered = (support: string | undefined) =>
      displayUpdates(request(support === undefined ? {} : { 'x-fs-support': support }), CALLEE, CALLER_ID);
    expect(offered('send_info, UPDATE_display').announcement).toEqual({ 'X-FS-Support': 'update_display' });
    for (const support of [undefined, '', 'send_info', 'update_displays']) {
      expect(offered(support)).toBe(NO_DISPLAY_UPDATES);
    }
  });

  it('is known by its type', () => {
    expect(isDisplayUpdate(request({ 'content-type': 'Message/Update_Display; x=y' }))).toBe(true);
    expect(isDisplayUpdate(request({ 'content-type': 'message/update_displays' }))).toBe(false);
    expect(isDisplayUpdate(request({}))).toBe(false);
  });
});
