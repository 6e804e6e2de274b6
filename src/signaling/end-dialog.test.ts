import { describe, expect, it } from 'vitest';
import type { DialogRecord } from '../guard/journal.ts';
import { byeByHand } from './end-dialog.ts';
import { hostOf, hostPortOf, splitAddresses, userOf, withoutTag, withUser } from './sip-uri.ts';

const DIALOG: DialogRecord = {
  drachtioDialogId: 'c;from-tag=l',
  callId: 'c',
  localUri: '"Al" <sip:1@127.0.0.1:5060>',
  localTag: 'l',
  remoteUri: '<sip:2@127.0.0.12>',
  remoteTag: 'r',
  remoteTarget: 'sip:2@127.0.0.12:5060',
  routeSet: [],
  localCseq: 5,
  peer: '127.0.0.12:5060',
};

describe('RFC 3261 §15.1.1 a BYE built from the journal', () => {
  it('carries every identifier of the dialog, and a CSeq above all that went before', () => {
    expect(byeByHand(DIALOG, 'SIP;cause=500')).toEqual({
      method: 'BYE',
      headers: {
        From: '"Al" <sip:1@127.0.0.1:5060>;tag=l',
        To: '<sip:2@127.0.0.12>;tag=r',
        'Call-ID': 'c',
        CSeq: '1005 BYE',
        Reason: 'SIP;cause=500',
      },
    });
    expect(byeByHand({ ...DIALOG, localCseq: 0 }, 'x').headers.CSeq).toBe(`${2 ** 27 + 1000} BYE`);
  });

  it('follows the route set', () => {
    const routeSet = ['<sip:p1.example;lr>', '<sip:p2.example;lr>'];
    expect(byeByHand({ ...DIALOG, routeSet }, 'x')).toMatchObject({
      proxy: 'sip:p1.example;lr',
      headers: { Route: '<sip:p1.example;lr>, <sip:p2.example;lr>' },
    });
  });

  it("goes to where the peer's messages came from when its Contact says otherwise", () => {
    expect(byeByHand({ ...DIALOG, peer: '203.0.113.9:40000' }, 'x').proxy).toBe('sip:203.0.113.9:40000');
    expect(byeByHand(DIALOG, 'x').proxy).toBeUndefined();
  });
});

describe('RFC 3261 §19.1 SIP URIs', () => {
  it('gives user and host', () => {
    expect(userOf('sip:+39333;phone-context=x:secret@host')).toBe('+39333');
    expect(userOf('tel:+39333;ext=1')).toBe('+39333');
    expect(userOf('sip:host')).toBe('');
    expect(hostPortOf('sip:a@[::1]:5060;transport=tcp')).toBe('[::1]:5060');
    expect(hostOf('sip:a@[::1]:5060')).toBe('::1');
    expect(hostOf('127.0.0.1:5060')).toBe('127.0.0.1');
    expect(withUser('sip:trunk@carrier:5080;x=y', '+39333')).toBe('sip:+39333@carrier:5080;x=y');
  });

  it('splits lists outside angle brackets and quotes', () => {
    expect(splitAddresses('<sip:a;lr>, "x,y" <sip:b;p="1,2">,<sip:c>')).toEqual([
      '<sip:a;lr>',
      '"x,y" <sip:b;p="1,2">',
      '<sip:c>',
    ]);
    expect(splitAddresses('')).toEqual([]);
    expect(withoutTag('<sip:a@b>;tag=x1;y=z')).toBe('<sip:a@b>;y=z');
  });
});
