import { beforeEach, describe, expect, it } from 'vitest';
import { header, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { type CorePair, corePair, type Station } from '../testing/core-pair.ts';
import { field, type RawPeer, rawPeer } from '../testing/raw-peer.ts';

let pair: CorePair;
let station: Station;
let peer: RawPeer;

beforeEach(() => {
  pair = corePair();
  station = pair.b;
  peer = rawPeer(pair, '10.0.0.9');
});

type Changes = { branch?: string; cseq?: number; toTag?: string; fromTag?: string; contact?: string; extra?: string[] };

/** What the peer sends; the network takes 1 ms each way. */
function send(method: string, changes: Changes = {}, body = ''): void {
  const {
    branch = `${method}1`,
    cseq = 1,
    toTag,
    fromTag = 'peer',
    contact = '<sip:peer@10.0.0.9>',
    extra = [],
  } = changes;
  peer.send(
    station.place,
    [
      `${method} sip:us@10.0.0.2 SIP/2.0`,
      `Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}`,
      `From: "Peer" <sip:peer@10.0.0.9>;tag=${fromTag}`,
      `To: <sip:us@10.0.0.2>${toTag === undefined ? '' : `;tag=${toTag}`}`,
      'Call-ID: call-1',
      `CSeq: ${cseq} ${method}`,
      ...(contact === '' ? [] : [`Contact: ${contact}`]),
      ...extra,
    ],
    body,
  );
  pair.clock.advance(3);
}

function respond(transactionId: string, status: number, to?: string, headers: SipResponse['headers'] = []) {
  const all = to === undefined ? headers : [header('To', to), ...headers];
  const outcome = station.core.server.respond(transactionId, {
    kind: 'response',
    status,
    reason: '',
    headers: all,
    body: '',
  });
  pair.clock.advance(3);
  return outcome;
}

function appSends(dialogId: string, method: string) {
  const message: SipRequest = { kind: 'request', method, uri: 'sip:placeholder', headers: [], body: '' };
  const outcome = station.core.client.requestInDialog(station.app, dialogId, message);
  pair.clock.advance(3);
  return outcome;
}

const heard = () => station.heard.map((item) => (item.kind === 'request' ? item.message.method : item.kind));
const lastTransaction = () => {
  const item = station.heard.findLast((candidate) => candidate.kind === 'request');
  return item?.kind === 'request' ? item.transactionId : '';
};
const statuses = () => peer.timeline().map((line) => line.split(' ').slice(1).join(' '));
const ourTag = () =>
  /tag=(.*)$/.exec(field(peer.last('SIP/2.0 200'), 'To') || field(peer.last('SIP/2.0 180'), 'To'))?.[1] ?? '';

/** A call that is up; returns our tag. */
function establish(changes: Changes = {}): string {
  send('INVITE', changes);
  respond(lastTransaction(), 200);
  const toTag = ourTag();
  send('ACK', { ...changes, branch: 'ACK1', toTag });
  return toTag;
}

describe('RFC 3261 §8.2 user agent server', () => {
  it('says 100 at once, hands the INVITE on once, and repeats its last provisional response', () => {
    send('INVITE');
    send('INVITE');
    respond(lastTransaction(), 180);
    send('INVITE');
    expect(heard()).toEqual(['INVITE']);
    expect(statuses()).toEqual(['100 INVITE', '100 INVITE', '180 INVITE', '180 INVITE']);
    expect(field(peer.last('SIP/2.0 180'), 'Contact')).toBe('<sip:10.0.0.2:5060>');
    expect(field(peer.last('SIP/2.0 180'), 'Via')).toBe(
      'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKINVITE1;rport=5060;received=10.0.0.9',
    );
  });

  it.each([
    ['an INVITE without Contact', 'INVITE', { contact: '' }, '400 INVITE'],
    ['an INVITE without From tag', 'INVITE', { fromTag: '' }, '400 INVITE'],
    ['an INVITE for a dialog that is not there', 'INVITE', { toTag: 'nobody' }, '481 INVITE'],
    ['a BYE outside a dialog', 'BYE', {}, '481 BYE'],
    ['an UPDATE outside a dialog', 'UPDATE', {}, '481 UPDATE'],
    ['an unknown method', 'FOO', {}, '501 FOO'],
    ['a CANCEL of nothing', 'CANCEL', {}, '481 CANCEL'],
  ])('refuses %s', (_name, method, changes, expected) => {
    send(method, changes);
    expect(statuses()).toEqual([expected]);
    expect(heard()).toEqual([]);
  });

  it('RFC 3261 §8.2.1: says 405 with Allow when no application asked for the method, 503 to an INVITE, 200 to OPTIONS', () => {
    station.isGone = true;
    send('INVITE');
    send('MESSAGE');
    send('OPTIONS');
    send('REFER');
    expect(statuses()).toEqual(['503 INVITE', '405 MESSAGE', '200 OPTIONS', '405 REFER']);
  });

  it('tells a merged request (§8.2.2.2) from one that comes too early', () => {
    send('INVITE');
    send('INVITE', { branch: 'other-path' });
    send('INVITE', { branch: 'other', cseq: 2 });
    expect(statuses()).toEqual(['100 INVITE', '482 INVITE', '491 INVITE']);
    expect(heard()).toEqual(['INVITE']);
  });

  it('takes a new INVITE of the same call after a refusal, as digest authentication needs', () => {
    send('INVITE');
    respond(lastTransaction(), 407);
    send('INVITE', { branch: 'again', cseq: 2 });
    expect(heard()).toEqual(['INVITE', 'INVITE']);
  });

  it('answers 500 for an application that never does: requests after 10 s, INVITEs after 64 s', () => {
    send('MESSAGE');
    send('INVITE');
    pair.clock.advance(70_000);
    const timeline = peer.timeline();
    expect(timeline).toContain('10002 500 MESSAGE');
    expect(timeline).toContain('64005 500 INVITE');
    expect(station.counters.unanswered).toBe(2);
  });

  it('refuses new INVITEs over the limit of dialogs', () => {
    for (let index = 0; index <= 1_000; index++) send('INVITE', { branch: `b${index}`, fromTag: `tag${index}` });
    expect(statuses().at(-1)).toBe('503 INVITE');
    expect(station.counters.dialogLimit).toBe(1);
  });
});

describe('RFC 3261 §13.3.1.4 the 2xx and its ACK', () => {
  it('repeats the 2xx at T1, 2*T1 … T2 and ends the call after 64*T1, telling the application', () => {
    send('INVITE');
    respond(lastTransaction(), 200);
    const dialogId = 'call-1;from-tag=peer';
    pair.clock.advance(40_000);
    expect(
      peer
        .timeline()
        .filter((line) => line.endsWith('200 INVITE'))
        .map((line) => Number(line.split(' ')[0]) - 4),
    ).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    const bye = peer.last('BYE');
    expect(field(bye, 'Reason')).toBe('SIP;cause=200;text="ACK timeout"');
    expect(peer.timeline()).toContain('32004 BYE');
    expect(station.heard.at(-1)).toEqual({ kind: 'unsolicited', dialogId, text: bye });
    expect(appSends(dialogId, 'BYE')).toEqual({
      ok: false,
      reason: 'Server error: unable to find dialog for dialog id provided',
    });
  });

  it('does the same for a re-INVITE', () => {
    const toTag = establish();
    send('INVITE', { branch: 're', cseq: 2, toTag });
    respond(lastTransaction(), 200);
    pair.clock.advance(40_000);
    expect(peer.timeline().filter((line) => line.endsWith('200 INVITE'))).toHaveLength(1 + 11);
    expect(heard().at(-1)).toBe('unsolicited');
  });

  it('hands the ACK on once, with the transaction of the INVITE', () => {
    establish();
    const invite = station.heard[0];
    const ack = station.heard[1];
    send('ACK', { branch: 'ACK2', toTag: ourTag() });
    expect(heard()).toEqual(['INVITE', 'ACK']);
    expect(ack?.kind === 'request' && ack.transactionId).toBe(invite?.kind === 'request' && invite.transactionId);
    expect(station.counters.unmatchedAcks).toBe(1);
    pair.clock.advance(60_000);
    expect(statuses().filter((line) => line === '200 INVITE')).toHaveLength(1);
  });

  it('lets no second answer out, and keeps the To tag of its first response', () => {
    send('INVITE');
    const transactionId = lastTransaction();
    expect(respond(transactionId, 180, '<sip:us@10.0.0.2>;tag=mine')).toMatchObject({
      ok: true,
      dialogId: 'call-1;from-tag=peer',
    });
    respond(transactionId, 200, '<sip:us@10.0.0.2>;tag=other');
    expect(field(peer.last('SIP/2.0 200'), 'To')).toBe('<sip:us@10.0.0.2>;tag=mine');
    expect(respond(transactionId, 486)).toEqual({ ok: false, reason: 'Response not sent due to unknown transaction' });
  });

  it('holds a BYE until the ACK is in (§15)', () => {
    send('INVITE');
    respond(lastTransaction(), 200);
    expect(appSends('call-1;from-tag=peer', 'BYE')).toMatchObject({ ok: true });
    pair.clock.advance(5_000);
    expect(statuses()).not.toContain('BYE');
    send('ACK', { branch: 'ACK1', toTag: ourTag() });
    expect(statuses().at(-1)).toBe('BYE');
  });

  it('sends the held BYE itself, and no other, when the ACK never comes', () => {
    send('INVITE');
    respond(lastTransaction(), 200);
    appSends('call-1;from-tag=peer', 'BYE');
    pair.clock.advance(32_500);
    expect(
      new Set(peer.received.filter(({ text }) => text.startsWith('BYE')).map(({ text }) => field(text, 'CSeq'))).size,
    ).toBe(1);
    expect(heard()).toEqual(['INVITE']);
  });
});

describe('RFC 3261 §9.2 CANCEL', () => {
  it('ends a pending INVITE with a 487 that is repeated until its ACK, and tells the application once', () => {
    send('INVITE');
    const transactionId = lastTransaction();
    send('CANCEL', { branch: 'INVITE1' });
    send('CANCEL', { branch: 'INVITE1' });
    send('INVITE');
    pair.clock.advance(600);
    expect(heard()).toEqual(['INVITE', 'CANCEL']);
    expect(statuses()).toEqual(['100 INVITE', '200 CANCEL', '487 INVITE', '200 CANCEL', '487 INVITE', '487 INVITE']);
    expect(respond(transactionId, 487)).toEqual({ ok: false, reason: 'Response not sent due to unknown transaction' });
    send('ACK', { branch: 'INVITE1' });
    pair.clock.advance(40_000);
    expect(statuses().filter((line) => line === '487 INVITE')).toHaveLength(3);
    expect(heard()).toEqual(['INVITE', 'CANCEL']);
  });

  it('changes nothing after the answer', () => {
    send('INVITE');
    respond(lastTransaction(), 200);
    send('CANCEL', { branch: 'INVITE1' });
    expect(statuses()).toEqual(['100 INVITE', '200 INVITE', '481 CANCEL']);
    send('ACK', { branch: 'ACK1', toTag: ourTag() });
    expect(heard()).toEqual(['INVITE', 'ACK']);
  });

  it('is what the application hears when a ringing call ends with BYE', () => {
    send('INVITE');
    respond(lastTransaction(), 180);
    send('BYE', { cseq: 2, toTag: ourTag() });
    expect(statuses()).toEqual(['100 INVITE', '180 INVITE', '487 INVITE', '200 BYE']);
    const cancel = station.heard.at(-1);
    expect(cancel?.kind === 'request' && [cancel.message.method, headerValue(cancel.message, 'cseq')]).toEqual([
      'CANCEL',
      '1 CANCEL',
    ]);
    expect(station.core.dialogs.size()).toBe(0);
  });
});

describe('RFC 3261 §12.2.2 requests inside a dialog', () => {
  it('reach the application with the dialog id; a BYE ends the dialog before it is answered', () => {
    const toTag = establish();
    send('INFO', { cseq: 2, toTag });
    send('BYE', { cseq: 3, toTag });
    expect(station.heard.slice(2)).toMatchObject([
      { dialogId: 'call-1;from-tag=peer', message: { method: 'INFO' } },
      { dialogId: 'call-1;from-tag=peer', message: { method: 'BYE' } },
    ]);
    expect(station.core.dialogs.size()).toBe(0);
    respond(lastTransaction(), 200);
    expect(statuses().at(-1)).toBe('200 BYE');
  });

  it('are refused when they are out of order, overlap or cross ours', () => {
    const toTag = establish({ cseq: 5 });
    send('INFO', { cseq: 4, toTag });
    expect(statuses().at(-1)).toBe('500 INFO');
    send('INVITE', { branch: 'a', cseq: 6, toTag });
    send('INVITE', { branch: 'b', cseq: 7, toTag });
    expect(statuses().at(-1)).toBe('500 INVITE');
    expect(field(peer.last('SIP/2.0 500'), 'Retry-After')).toMatch(/^([0-9]|10)$/);
    respond(lastTransaction(), 488);
    send('ACK', { branch: 'a', cseq: 6, toTag });
    appSends('call-1;from-tag=peer', 'INVITE');
    send('INVITE', { branch: 'c', cseq: 8, toTag });
    expect(statuses().at(-1)).toBe('491 INVITE');
  });

  it('are heard once, however late the network brings them again', () => {
    const toTag = establish();
    send('INFO', { branch: 'info', cseq: 2, toTag });
    respond(lastTransaction(), 200);
    const heard = lastTransaction();
    pair.clock.advance(33_000);
    send('INFO', { branch: 'info', cseq: 2, toTag });
    expect(statuses().at(-1)).toBe('500 INFO');
    expect(lastTransaction()).toBe(heard);
  });

  it('move the remote target', () => {
    const toTag = establish();
    rawPeer(pair, '10.0.0.9', 5070);
    send('INVITE', { branch: 're', cseq: 2, toTag, contact: '<sip:moved@10.0.0.9>' });
    respond(lastTransaction(), 200);
    send('ACK', { branch: 'ACK2', cseq: 2, toTag });
    appSends('call-1;from-tag=peer', 'INFO');
    expect(peer.last('INFO')).toMatch(/^INFO sip:moved@10\.0\.0\.9 SIP/);
  });

  it('go to where the peer really is when its Contact lies behind a NAT', () => {
    establish({ contact: '<sip:peer@192.168.1.7:5062>' });
    appSends('call-1;from-tag=peer', 'BYE');
    expect(peer.last('BYE')).toMatch(/^BYE sip:peer@192\.168\.1\.7:5062 SIP/);
  });

  it('follow the recorded route, loose or strict (§12.2.1.1)', () => {
    const proxy = rawPeer(pair, '10.0.0.8');
    establish({ extra: ['Record-Route: <sip:10.0.0.8;lr>, <sip:10.0.0.7;lr>'] });
    appSends('call-1;from-tag=peer', 'INFO');
    expect(proxy.last('INFO')).toContain('INFO sip:peer@10.0.0.9 SIP/2.0\r\n');
    expect(proxy.last('INFO')).toContain('Route: <sip:10.0.0.8;lr>\r\nRoute: <sip:10.0.0.7;lr>\r\n');
    establish({ branch: 'second', fromTag: 'strict', extra: ['Record-Route: <sip:10.0.0.8>'] });
    appSends('call-1;from-tag=strict', 'INFO');
    expect(proxy.last('INFO')).toContain('INFO sip:10.0.0.8 SIP/2.0\r\n');
    expect(proxy.last('INFO')).toContain('Route: <sip:peer@10.0.0.9>\r\n');
  });

  it('end with the application: 503 for what it has not answered, BYE for what is up', () => {
    establish();
    send('INVITE', { branch: 'second', fromTag: 'second' });
    station.isGone = true;
    station.core.onAppGone(station.app, 0);
    pair.clock.advance(3);
    expect(statuses().slice(-2).sort()).toEqual(['503 INVITE', 'BYE']);
    expect(station.core.dialogs.size()).toBe(0);
  });
});
