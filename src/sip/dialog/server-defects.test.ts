import { describe, expect, it } from 'vitest';
import { clientBench } from '../testing/client-bench.ts';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, serverBench } from '../testing/server-bench.ts';

const OFFER = 'v=0\r\noffer\r\n';
const ANSWER = 'v=0\r\nanswer\r\n';

/** What drachtio-server 0.9.10 was seen to do wrong, each by the words of the list of its defects. */
describe('defects of drachtio-server that this engine does not repeat', () => {
  it('a different To tag on a later response goes on the wire, and the ACK never matches', () => {
    const bench = serverBench();
    bench.send('INVITE');
    const invite = bench.lastTransaction();
    bench.respond(invite, 180, { headers: [['To', '<sip:us@10.0.0.2>;tag=A']] });
    bench.respond(invite, 200, { headers: [['To', '<sip:us@10.0.0.2>;tag=LATE']] });
    expect(bench.ourTag()).toBe('A');
    bench.send('ACK', { toTag: 'A', branch: 'ack' });
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('no target refresh by a re-INVITE, an UPDATE or a 2xx to ours', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag, contact: '<sip:one@10.0.0.9>' });
    bench.respond(bench.lastTransaction(), 200);
    bench.send('ACK', { cseq: 2, branch: 'ack2', toTag });
    bench.appSends('INFO');
    expect(bench.peer.last('INFO')).toMatch(/^INFO sip:one@/);
    bench.send('UPDATE', { cseq: 3, toTag, contact: '<sip:two@10.0.0.9>' });
    bench.respond(bench.lastTransaction(), 200);
    bench.appSends('INFO');
    expect(bench.peer.last('INFO')).toMatch(/^INFO sip:two@/);
    const caller = clientBench();
    caller.establish();
    caller.sendWithin('UPDATE');
    caller.answer('UPDATE', 200, { extra: ['Contact: <sip:three@10.0.0.9>'] });
    caller.sendWithin('INFO');
    expect(caller.peer.last('INFO')).toMatch(/^INFO sip:three@/);
  });

  it('an 18x on a re-INVITE loses the 200', () => {
    const bench = clientBench();
    bench.establish({ body: OFFER });
    bench.sendWithin('INVITE', { body: OFFER });
    bench.answer('INVITE', 180);
    bench.answer('INVITE', 200, { body: ANSWER });
    expect(bench.heard()).toEqual(['200', '180', '200']);
  });

  it('the ACK of a re-INVITE has the number of an INFO sent in between', () => {
    const bench = clientBench();
    bench.establish({ headers: [['CSeq', '1 INVITE']] });
    bench.sendWithin('INVITE');
    bench.answer('INVITE', 200);
    bench.sendWithin('INFO');
    bench.ack();
    expect([field(bench.peer.last('INFO'), 'CSeq'), field(bench.peer.last('ACK'), 'CSeq')]).toEqual([
      '3 INFO',
      '2 ACK',
    ]);
  });

  it('a bogus ACK goes out when the application acknowledges a failed re-INVITE', () => {
    const bench = clientBench();
    bench.establish();
    bench.sendWithin('INVITE');
    bench.answer('INVITE', 488);
    const before = bench.received().length;
    expect(bench.ack()).toMatchObject({ ok: false });
    expect(bench.received()).toHaveLength(before);
  });

  it('the second fork’s 2xx gets the first one’s ACK', () => {
    const bench = clientBench();
    bench.send('INVITE');
    bench.answer('INVITE', 200, { toTag: 'f1' });
    bench.ack();
    bench.answer('INVITE', 200, { toTag: 'f2' });
    expect(bench.received().slice(-2)).toEqual(['ACK', 'BYE']);
    expect(field(bench.peer.last('ACK'), 'To')).toContain('tag=f2');
  });

  it('a 2xx to a re-INVITE is neither repeated nor timed', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag });
    bench.respond(bench.lastTransaction(), 200);
    bench.pair.clock.advance(32_100);
    expect(bench.received().filter((line) => line === '200 INVITE')).toHaveLength(12);
    expect(bench.heard().at(-1)).toBe('unsolicited');
  });

  it('a re-INVITE that comes again after 32 s is taken for a new one', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag });
    bench.pair.clock.advance(33_000);
    bench.send('INVITE', { cseq: 2, toTag });
    expect(bench.heard()).toEqual(['INVITE', 'ACK', 'INVITE']);
  });

  it('a CANCEL without final response is never reported', () => {
    const bench = clientBench();
    const invite = bench.send('INVITE');
    bench.answer('INVITE', 180);
    bench.cancel(invite);
    bench.answer('CANCEL', 200);
    bench.pair.clock.advance(32_000);
    expect(bench.heard()).toEqual(['180', '487']);
  });

  it('an answer that the application never acknowledges leaves the callee without ACK and BYE', () => {
    const bench = clientBench();
    bench.send('INVITE');
    bench.answer('INVITE', 200);
    bench.pair.clock.advance(32_000);
    expect(bench.received().slice(0, 3)).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(bench.heard()).toEqual(['200', 'unsolicited']);
  });

  it('the 487 of a re-INVITE is swallowed when a BYE follows it', () => {
    const bench = clientBench();
    bench.establish();
    bench.sendWithin('INVITE');
    bench.answer('INVITE', 100);
    bench.sendWithin('BYE');
    bench.answer('INVITE', 487);
    bench.answer('BYE', 200);
    expect(bench.heard()).toEqual(['200', '487', '200']);
  });

  it('a 2xx without Contact leaves a call that cannot be acknowledged or hung up', () => {
    const bench = clientBench();
    bench.send('INVITE');
    bench.answer('INVITE', 200, { extra: [] });
    expect(bench.ack()).toMatchObject({ ok: true });
    expect(bench.sendWithin('BYE')).toMatchObject({ ok: true });
    expect(bench.received()).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  it('an INVITE that comes again right after a quick CANCEL is a new call', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.send('CANCEL', { branch: 'INVITE1' });
    bench.send('INVITE');
    bench.send('INVITE');
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL']);
    expect(bench.received().filter((line) => line === '487 INVITE').length).toBeGreaterThan(1);
  });

  it('the 487 after a quick CANCEL is sent once and never again', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.send('CANCEL', { branch: 'INVITE1' });
    bench.pair.clock.advance(1_600);
    expect(bench.received().filter((line) => line === '487 INVITE')).toHaveLength(3);
  });

  it('a duplicate ACK is delivered again, with another id', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('ACK', { toTag, branch: 'ack-again' });
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('a second answer of the application gets OK', () => {
    const bench = serverBench();
    bench.send('INVITE');
    const invite = bench.lastTransaction();
    bench.respond(invite, 200);
    expect(bench.respond(invite, 486)).toMatchObject({ ok: false });
  });

  it('an INVITE that the application never answers hangs for ever', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 180);
    bench.pair.clock.advance(601_000);
    expect(bench.received()).toContain('500 INVITE');
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL']);
    expect(bench.station.counters.unanswered).toBe(1);
  });

  it('a BYE before the answer gets 481, the INVITE 500, and the application hears nothing', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 180);
    bench.send('BYE', { cseq: 2, toTag: bench.ourTag() });
    expect(bench.received().slice(-2)).toEqual(['487 INVITE', '200 BYE']);
    expect(bench.lastHeard()).toMatchObject({ dialogId: DIALOG_ID, message: { method: 'CANCEL' } });
  });

  it('an INFO in an early dialog gets 500 while the application still answers it', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 183);
    bench.send('INFO', { cseq: 2, toTag: bench.ourTag() });
    expect(bench.respond(bench.lastTransaction(), 200)).toMatchObject({ ok: true });
    expect(bench.received().at(-1)).toBe('200 INFO');
  });

  it('a lower CSeq inside a dialog is delivered', () => {
    const bench = serverBench();
    const toTag = bench.establish({ cseq: 5 });
    bench.send('INFO', { cseq: 4, toTag });
    expect(bench.received().at(-1)).toBe('500 INFO');
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('glaring and overlapping re-INVITEs are all delivered', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag });
    bench.send('INVITE', { cseq: 3, toTag });
    expect(bench.received().at(-1)).toBe('500 INVITE');
    bench.respond(bench.lastTransaction(), 488);
    bench.send('ACK', { cseq: 2, branch: 'INVITE2', toTag });
    bench.appSends('INVITE');
    bench.send('INVITE', { cseq: 4, toTag });
    expect(bench.received().at(-1)).toBe('491 INVITE');
    expect(bench.heard()).toEqual(['INVITE', 'ACK', 'INVITE']);
  });

  it('a 202 to an INVITE is never acknowledged', () => {
    const bench = clientBench();
    bench.send('INVITE');
    bench.answer('INVITE', 202);
    expect(bench.ack()).toMatchObject({ ok: true });
    expect(bench.received()).toEqual(['INVITE', 'ACK']);
  });

  it('a digest retry’s 2xx gets an ACK without credentials', () => {
    const bench = clientBench();
    bench.establish({ headers: [['Authorization', 'Digest x']] });
    expect(field(bench.peer.last('ACK'), 'Authorization')).toBe('Digest x');
  });

  it('a call whose application has gone stands until its peers give up', () => {
    const bench = serverBench();
    bench.establish();
    bench.station.isGone = true;
    bench.station.core.onAppGone(bench.station.app, 5_000);
    bench.pair.clock.advance(5_010);
    expect(bench.received().at(-1)).toBe('BYE');
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('a reliable 180 that the stack makes reliable lacks its Contact', () => {
    const bench = serverBench();
    bench.send('INVITE', { extra: ['Require: 100rel'] });
    bench.respond(bench.lastTransaction(), 180);
    expect(field(bench.peer.last('SIP/2.0 180'), 'Contact')).toBe('<sip:10.0.0.2:5060>');
    expect(field(bench.peer.last('SIP/2.0 180'), 'RSeq')).not.toBe('');
  });
});
