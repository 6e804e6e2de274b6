import { beforeEach, describe, expect, it } from 'vitest';
import { headerValue } from '../message/sip-message.ts';
import { field, rawPeer } from '../testing/raw-peer.ts';
import { DIALOG_ID, type ServerBench, serverBench } from '../testing/server-bench.ts';

let bench: ServerBench;

beforeEach(() => {
  bench = serverBench();
});

describe('RFC 3261 §8.2 user agent server', () => {
  it('says 100 at once, hands the INVITE on once, and repeats its last provisional response', () => {
    bench.send('INVITE');
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 180);
    bench.send('INVITE');
    expect(bench.heard()).toEqual(['INVITE']);
    expect(bench.received()).toEqual(['100 INVITE', '100 INVITE', '180 INVITE', '180 INVITE']);
    expect(field(bench.peer.last('SIP/2.0 180'), 'Contact')).toBe('<sip:10.0.0.2:5060>');
    expect(field(bench.peer.last('SIP/2.0 180'), 'Via')).toBe(
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
    bench.send(method, changes);
    expect(bench.received()).toEqual([expected]);
    expect(bench.heard()).toEqual([]);
  });

  it('RFC 3261 §8.2.1: says 405 with Allow when no application asked for the method, 503 to an INVITE, 200 to OPTIONS', () => {
    bench.station.isGone = true;
    bench.send('INVITE');
    bench.send('MESSAGE');
    bench.send('OPTIONS');
    bench.send('REFER');
    expect(bench.received()).toEqual(['503 INVITE', '405 MESSAGE', '200 OPTIONS', '405 REFER']);
  });

  it('tells a merged request (§8.2.2.2) from one that comes too early', () => {
    bench.send('INVITE');
    bench.send('INVITE', { branch: 'other-path' });
    bench.send('INVITE', { branch: 'other', cseq: 2 });
    expect(bench.received()).toEqual(['100 INVITE', '482 INVITE', '491 INVITE']);
    expect(bench.heard()).toEqual(['INVITE']);
  });

  it('takes a new INVITE of the same call after a refusal, as digest authentication needs', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 407);
    bench.send('INVITE', { branch: 'again', cseq: 2 });
    expect(bench.heard()).toEqual(['INVITE', 'INVITE']);
  });

  it('answers 500 for an application that never does: requests after 10 s, INVITEs after 64 s', () => {
    bench.send('MESSAGE');
    bench.send('INVITE');
    bench.pair.clock.advance(70_000);
    const timeline = bench.peer.timeline();
    expect(timeline).toContain('10002 500 MESSAGE');
    expect(timeline).toContain('64005 500 INVITE');
    expect(bench.station.counters.unanswered).toBe(2);
  });

  it('refuses new INVITEs over the limit of dialogs', () => {
    for (let index = 0; index <= 1_000; index++) bench.send('INVITE', { branch: `b${index}`, fromTag: `tag${index}` });
    expect(bench.received().at(-1)).toBe('503 INVITE');
    expect(bench.station.counters.dialogLimit).toBe(1);
  });
});

describe('RFC 3261 §13.3.1.4 the 2xx and its ACK', () => {
  it('repeats the 2xx at T1, 2*T1 … T2 and ends the call after 64*T1, telling the application', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 200);
    bench.pair.clock.advance(40_000);
    expect(
      bench.peer
        .timeline()
        .filter((line) => line.endsWith('200 INVITE'))
        .map((line) => Number(line.split(' ')[0]) - 4),
    ).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    const bye = bench.peer.last('BYE');
    expect(field(bye, 'Reason')).toBe('SIP;cause=200;text="ACK timeout"');
    expect(bench.peer.timeline()).toContain('32004 BYE');
    expect(bench.station.heard.at(-1)).toEqual({ kind: 'unsolicited', dialogId: DIALOG_ID, text: bye });
    expect(bench.appSends('BYE')).toEqual({
      ok: false,
      reason: 'Server error: unable to find dialog for dialog id provided',
    });
  });

  it('does the same for a re-INVITE', () => {
    const toTag = bench.establish();
    bench.send('INVITE', { branch: 're', cseq: 2, toTag });
    bench.respond(bench.lastTransaction(), 200);
    bench.pair.clock.advance(40_000);
    expect(bench.peer.timeline().filter((line) => line.endsWith('200 INVITE'))).toHaveLength(1 + 11);
    expect(bench.heard().at(-1)).toBe('unsolicited');
  });

  it('hands the ACK on once, with the transaction of the INVITE', () => {
    bench.establish();
    const invite = bench.station.heard[0];
    const ack = bench.station.heard[1];
    bench.send('ACK', { branch: 'ACK2', toTag: bench.ourTag() });
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
    expect(ack?.kind === 'request' && ack.transactionId).toBe(invite?.kind === 'request' && invite.transactionId);
    expect(bench.station.counters.unmatchedAcks).toBe(1);
    bench.pair.clock.advance(60_000);
    expect(bench.received().filter((line) => line === '200 INVITE')).toHaveLength(1);
  });

  it('lets no second answer out, and keeps the To tag of its first response', () => {
    bench.send('INVITE');
    const transactionId = bench.lastTransaction();
    expect(bench.respond(transactionId, 180, { headers: [['To', '<sip:us@10.0.0.2>;tag=mine']] })).toMatchObject({
      ok: true,
      dialogId: DIALOG_ID,
    });
    bench.respond(transactionId, 200, { headers: [['To', '<sip:us@10.0.0.2>;tag=other']] });
    expect(field(bench.peer.last('SIP/2.0 200'), 'To')).toBe('<sip:us@10.0.0.2>;tag=mine');
    expect(bench.respond(transactionId, 486)).toEqual({
      ok: false,
      reason: 'Response not sent due to unknown transaction',
    });
  });

  it('holds a BYE until the ACK is in (§15)', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 200);
    expect(bench.appSends('BYE')).toMatchObject({ ok: true });
    bench.pair.clock.advance(5_000);
    expect(bench.received()).not.toContain('BYE');
    bench.send('ACK', { branch: 'ACK1', toTag: bench.ourTag() });
    expect(bench.received().at(-1)).toBe('BYE');
  });

  it('sends the held BYE itself, and no other, when the ACK never comes', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 200);
    bench.appSends('BYE');
    bench.pair.clock.advance(32_500);
    expect(
      new Set(bench.peer.received.filter(({ text }) => text.startsWith('BYE')).map(({ text }) => field(text, 'CSeq')))
        .size,
    ).toBe(1);
    expect(bench.heard()).toEqual(['INVITE']);
  });
});

describe('RFC 3261 §9.2 CANCEL', () => {
  it('ends a pending INVITE with a 487 that is repeated until its ACK, and tells the application once', () => {
    bench.send('INVITE');
    const transactionId = bench.lastTransaction();
    bench.send('CANCEL', { branch: 'INVITE1' });
    bench.send('CANCEL', { branch: 'INVITE1' });
    bench.send('INVITE');
    bench.pair.clock.advance(600);
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL']);
    expect(bench.received()).toEqual([
      '100 INVITE',
      '200 CANCEL',
      '487 INVITE',
      '200 CANCEL',
      '487 INVITE',
      '487 INVITE',
    ]);
    expect(bench.respond(transactionId, 487)).toEqual({
      ok: false,
      reason: 'Response not sent due to unknown transaction',
    });
    bench.send('ACK', { branch: 'INVITE1' });
    bench.pair.clock.advance(40_000);
    expect(bench.received().filter((line) => line === '487 INVITE')).toHaveLength(3);
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL']);
  });

  it('changes nothing after the answer', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 200);
    bench.send('CANCEL', { branch: 'INVITE1' });
    expect(bench.received()).toEqual(['100 INVITE', '200 INVITE', '481 CANCEL']);
    bench.send('ACK', { branch: 'ACK1', toTag: bench.ourTag() });
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('is what the application hears when a ringing call ends with BYE', () => {
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 180);
    bench.send('BYE', { cseq: 2, toTag: bench.ourTag() });
    expect(bench.received()).toEqual(['100 INVITE', '180 INVITE', '487 INVITE', '200 BYE']);
    const cancel = bench.station.heard.at(-1);
    expect(cancel?.kind === 'request' && [cancel.message.method, headerValue(cancel.message, 'cseq')]).toEqual([
      'CANCEL',
      '1 CANCEL',
    ]);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });
});

describe('RFC 3261 §12.2.2 requests inside a dialog', () => {
  it('reach the application with the dialog id; a BYE ends the dialog before it is answered', () => {
    const toTag = bench.establish();
    bench.send('INFO', { cseq: 2, toTag });
    bench.send('BYE', { cseq: 3, toTag });
    expect(bench.station.heard.slice(2)).toMatchObject([
      { dialogId: DIALOG_ID, message: { method: 'INFO' } },
      { dialogId: DIALOG_ID, message: { method: 'BYE' } },
    ]);
    expect(bench.station.core.dialogs.size()).toBe(0);
    bench.respond(bench.lastTransaction(), 200);
    expect(bench.received().at(-1)).toBe('200 BYE');
  });

  it('are refused when they are out of order, overlap or cross ours', () => {
    const toTag = bench.establish({ cseq: 5 });
    bench.send('INFO', { cseq: 4, toTag });
    expect(bench.received().at(-1)).toBe('500 INFO');
    bench.send('INVITE', { branch: 'a', cseq: 6, toTag });
    bench.send('INVITE', { branch: 'b', cseq: 7, toTag });
    expect(bench.received().at(-1)).toBe('500 INVITE');
    expect(field(bench.peer.last('SIP/2.0 500'), 'Retry-After')).toMatch(/^([0-9]|10)$/);
    bench.respond(bench.lastTransaction(), 488);
    bench.send('ACK', { branch: 'a', cseq: 6, toTag });
    bench.appSends('INVITE');
    bench.send('INVITE', { branch: 'c', cseq: 8, toTag });
    expect(bench.received().at(-1)).toBe('491 INVITE');
  });

  it('are heard once, however late the network brings them again', () => {
    const toTag = bench.establish();
    bench.send('INFO', { branch: 'info', cseq: 2, toTag });
    bench.respond(bench.lastTransaction(), 200);
    const heard = bench.lastTransaction();
    bench.pair.clock.advance(33_000);
    bench.send('INFO', { branch: 'info', cseq: 2, toTag });
    expect(bench.received().at(-1)).toBe('500 INFO');
    expect(bench.lastTransaction()).toBe(heard);
  });

  it('move the remote target', () => {
    const toTag = bench.establish();
    rawPeer(bench.pair, '10.0.0.9', 5070);
    bench.send('INVITE', { branch: 're', cseq: 2, toTag, contact: '<sip:moved@10.0.0.9>' });
    bench.respond(bench.lastTransaction(), 200);
    bench.send('ACK', { branch: 'ACK2', cseq: 2, toTag });
    bench.appSends('INFO');
    expect(bench.peer.last('INFO')).toMatch(/^INFO sip:moved@10\.0\.0\.9 SIP/);
  });

  it('go to where the peer really is when its Contact lies behind a NAT', () => {
    bench.establish({ contact: '<sip:peer@192.168.1.7:5062>' });
    bench.appSends('BYE');
    expect(bench.peer.last('BYE')).toMatch(/^BYE sip:peer@192\.168\.1\.7:5062 SIP/);
  });

  it('follow the recorded route, loose or strict (§12.2.1.1)', () => {
    const proxy = rawPeer(bench.pair, '10.0.0.8');
    bench.establish({ extra: ['Record-Route: <sip:10.0.0.8;lr>, <sip:10.0.0.7;lr>'] });
    bench.appSends('INFO');
    expect(proxy.last('INFO')).toContain('INFO sip:peer@10.0.0.9 SIP/2.0\r\n');
    expect(proxy.last('INFO')).toContain('Route: <sip:10.0.0.8;lr>\r\nRoute: <sip:10.0.0.7;lr>\r\n');

    const strict = serverBench();
    const strictProxy = rawPeer(strict.pair, '10.0.0.8');
    strict.establish({ extra: ['Record-Route: <sip:10.0.0.8>'] });
    strict.appSends('INFO');
    expect(strictProxy.last('INFO')).toContain('INFO sip:10.0.0.8 SIP/2.0\r\n');
    expect(strictProxy.last('INFO')).toContain('Route: <sip:peer@10.0.0.9>\r\n');
  });

  it('end with the application: 503 for what it has not answered, BYE for what is up', () => {
    bench.establish();
    bench.send('INVITE', { branch: 'second', fromTag: 'second' });
    bench.station.isGone = true;
    bench.station.core.onAppGone(bench.station.app, 0);
    bench.pair.clock.advance(3);
    expect(bench.received().slice(-2).sort()).toEqual(['503 INVITE', 'BYE']);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });
});
