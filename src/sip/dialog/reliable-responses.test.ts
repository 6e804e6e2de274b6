import { beforeEach, describe, expect, it } from 'vitest';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, type ServerBench, serverBench } from '../testing/server-bench.ts';
import { RELIABLE_WAITING_MAX } from './reliable-responses.ts';

let bench: ServerBench;
let invite: string;

beforeEach(() => {
  bench = serverBench();
});

const RELIABLY: [string, string][] = [['Require', '100rel']];

/** An INVITE with an offer from a peer that says this about 100rel. */
function invited(extra: string[] = ['Supported: 100rel'], body = 'v=0\r\noffer\r\n'): void {
  bench.send('INVITE', { extra, body });
  invite = bench.lastTransaction();
}

const lastRSeq = () => Number(field(bench.peer.last('SIP/2.0 18'), 'RSeq'));

function prack(cseq: number, rack = `${lastRSeq()} 1 INVITE`, body = ''): void {
  bench.send('PRACK', { cseq, toTag: bench.ourTag(), extra: [`RAck: ${rack}`], body });
}

describe('RFC 3262 §3 reliable provisional responses of ours', () => {
  it('go out with Require and a random RSeq, the next one higher by one', () => {
    invited();
    expect(bench.respond(invite, 183, { headers: RELIABLY, body: 'v=0\r\nanswer\r\n' })).toMatchObject({
      ok: true,
      isOnTheWire: true,
      dialogId: DIALOG_ID,
    });
    const first = bench.peer.last('SIP/2.0 183');
    expect(field(first, 'Require')).toBe('100rel');
    expect(field(first, 'Contact')).toBe('<sip:10.0.0.2:5060>');
    const rseq = lastRSeq();
    expect(rseq).toBeGreaterThan(0);
    expect(rseq).toBeLessThan(2 ** 31);
    prack(2);
    bench.respond(invite, 180, { headers: RELIABLY });
    expect(lastRSeq()).toBe(rseq + 1);
  });

  it('are repeated at T1, 2*T1, 4*T1 … until the PRACK, which the application gets with the INVITE’s id', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    bench.pair.clock.advance(7_600);
    const times = bench.peer.timeline().filter((line) => line.endsWith('183 INVITE'));
    expect(times.map((line) => Number(line.split(' ')[0]) - 4)).toEqual([0, 500, 1_500, 3_500, 7_500]);
    prack(2);
    expect(bench.lastHeard()).toMatchObject({
      transactionId: invite,
      dialogId: DIALOG_ID,
      message: { method: 'PRACK' },
    });
    expect(bench.respond(invite, 200, { headers: [['CSeq', '2 PRACK']] })).toMatchObject({ dialogId: DIALOG_ID });
    expect(bench.received().at(-1)).toBe('200 PRACK');
    bench.pair.clock.advance(40_000);
    expect(bench.received().filter((line) => line === '183 INVITE')).toHaveLength(5);
    // The INVITE itself was not answered by the PRACK's 200.
    expect(bench.respond(invite, 200, { headers: [['CSeq', '1 INVITE']] })).toMatchObject({ ok: true });
    expect(bench.received().at(-1)).toBe('200 INVITE');
  });

  it('end the INVITE with 504 after 64*T1 without PRACK, and the application hears a CANCEL that says so', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    bench.pair.clock.advance(31_995);
    expect(bench.received()).not.toContain('504 INVITE');
    bench.pair.clock.advance(10);
    expect(bench.received()).toContain('504 INVITE');
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL']);
    expect(bench.lastHeard()).toMatchObject({ transactionId: invite, dialogId: DIALOG_ID });
    expect(bench.respond(invite, 200)).toEqual({ ok: false, reason: 'Response not sent due to unknown transaction' });
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('wait for the PRACK of the one before', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    expect(bench.respond(invite, 180, { headers: RELIABLY })).toMatchObject({ ok: true, isOnTheWire: false });
    expect(bench.received()).not.toContain('180 INVITE');
    prack(2);
    expect(bench.received().at(-1)).toBe('180 INVITE');
  });

  it('are refused beyond RELIABLE_WAITING_MAX, and counted', () => {
    invited();
    for (let index = 0; index <= RELIABLE_WAITING_MAX; index++) bench.respond(invite, 183, { headers: RELIABLY });
    expect(bench.respond(invite, 183, { headers: RELIABLY })).toMatchObject({ ok: false });
    expect(bench.station.counters.reliableLimit).toBe(1);
  });

  it('hold a 2xx back while one with a session description has no PRACK', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY, body: 'v=0\r\nanswer\r\n' });
    expect(bench.respond(invite, 200)).toMatchObject({ ok: true, isOnTheWire: false, dialogId: DIALOG_ID });
    expect(bench.respond(invite, 486)).toEqual({ ok: false, reason: 'Response not sent due to unknown transaction' });
    expect(bench.received()).not.toContain('200 INVITE');
    prack(2);
    expect(bench.received()).toContain('200 INVITE');
    bench.send('ACK', { branch: 'ack', toTag: bench.ourTag() });
    expect(bench.heard()).toEqual(['INVITE', 'PRACK', 'ACK']);
  });

  it('do not hold a 2xx back, nor are repeated after it, when they had no session description', () => {
    invited();
    bench.respond(invite, 180, { headers: RELIABLY });
    expect(bench.respond(invite, 200)).toMatchObject({ isOnTheWire: true });
    const rseq = lastRSeq();
    bench.send('ACK', { branch: 'ack', toTag: bench.ourTag() });
    bench.pair.clock.advance(40_000);
    expect(bench.received().filter((line) => line === '180 INVITE')).toHaveLength(1);
    // A PRACK on its way is still taken.
    prack(2, `${rseq} 1 INVITE`);
    expect(bench.heard().at(-1)).toBe('PRACK');
  });

  it.each([
    ['another number', (rseq: number) => `${rseq + 1} 1 INVITE`],
    ['another INVITE', (rseq: number) => `${rseq} 2 INVITE`],
    ['another method', (rseq: number) => `${rseq} 1 INFO`],
    ['nothing readable', () => 'x'],
  ])('take no PRACK of %s: 481', (_name, rack) => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    prack(2, rack(lastRSeq()));
    expect(bench.received().at(-1)).toBe('481 PRACK');
    expect(bench.heard()).toEqual(['INVITE']);
  });

  it('take each PRACK once', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    prack(2);
    bench.respond(invite, 200, { headers: [['CSeq', '2 PRACK']] });
    prack(3);
    expect(bench.received().at(-1)).toBe('481 PRACK');
    expect(bench.heard()).toEqual(['INVITE', 'PRACK']);
  });

  it('are not to be had from a peer without 100rel', () => {
    invited([]);
    expect(bench.respond(invite, 183, { headers: RELIABLY })).toEqual({
      ok: false,
      reason: 'Remote endpoint does not support 100rel',
    });
    expect(bench.respond(invite, 183)).toMatchObject({ ok: true });
    expect(field(bench.peer.last('SIP/2.0 183'), 'RSeq')).toBe('');
  });

  it('are all that a peer gets which requires 100rel, 100 excepted', () => {
    invited(['Require: 100rel']);
    expect(field(bench.peer.last('SIP/2.0 100'), 'RSeq')).toBe('');
    bench.respond(invite, 180);
    expect(field(bench.peer.last('SIP/2.0 180'), 'Require')).toBe('100rel');
    expect(lastRSeq()).toBeGreaterThan(0);
  });

  it('are answered 200 for an application that leaves a PRACK unanswered', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    prack(2);
    bench.pair.clock.advance(10_000);
    expect(bench.received().at(-1)).toBe('200 PRACK');
  });
});

describe('RFC 3262 races', () => {
  it('CANCEL against a 2xx that waits for its PRACK: 487, and the application, which believes in the call, a BYE', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY, body: 'v=0\r\nanswer\r\n' });
    bench.respond(invite, 200);
    bench.send('CANCEL', { branch: 'INVITE1' });
    expect(bench.received().slice(-2)).toEqual(['200 CANCEL', '487 INVITE']);
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL', 'unsolicited']);
    prack(2);
    expect(bench.received().at(-1)).toBe('481 PRACK');
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('no PRACK at all for a 2xx that waits for it: 504, and a BYE for the application', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY, body: 'v=0\r\nanswer\r\n' });
    bench.respond(invite, 200);
    bench.pair.clock.advance(32_010);
    expect(bench.heard()).toEqual(['INVITE', 'CANCEL', 'unsolicited']);
    expect(bench.received()).toContain('504 INVITE');
    expect(bench.received()).not.toContain('200 INVITE');
  });

  it('the application’s BYE for a 2xx that waits for its PRACK: the INVITE ends with 480, the BYE is answered 200', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY, body: 'v=0\r\nanswer\r\n' });
    bench.respond(invite, 200);
    expect(bench.appSends('BYE')).toMatchObject({ ok: true });
    expect(bench.received().at(-1)).toBe('480 INVITE');
    expect(bench.heard()).toEqual(['INVITE', '200']);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('PRACK and CANCEL crossing: both are answered, the INVITE ends once', () => {
    invited();
    bench.respond(invite, 183, { headers: RELIABLY });
    prack(2);
    bench.send('CANCEL', { branch: 'INVITE1' });
    expect(bench.heard()).toEqual(['INVITE', 'PRACK', 'CANCEL']);
    expect(bench.respond(invite, 200, { headers: [['CSeq', '2 PRACK']] })).toMatchObject({ ok: true });
    expect(bench.received().slice(-3)).toEqual(['200 CANCEL', '487 INVITE', '200 PRACK']);
  });
});
