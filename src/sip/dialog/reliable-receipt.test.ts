import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientBench, clientBench } from '../testing/client-bench.ts';
import { field } from '../testing/raw-peer.ts';
import { FORKS_MAX } from './invite-responses.ts';
import { rackOf } from './reliable-receipt.ts';

let bench: ClientBench;

beforeEach(() => {
  bench = clientBench();
});

const CONTACT = 'Contact: <sip:callee@10.0.0.9>';

/** The callee's reliable response. */
function reliably(rseq: number, toTag = 'callee', status = 183, body = ''): void {
  bench.answer('INVITE', status, { toTag, extra: [CONTACT, 'Require: 100rel', `RSeq: ${rseq}`], body });
}

function invite(): string {
  return bench.send('INVITE', {
    headers: [
      ['CSeq', '7 INVITE'],
      ['Supported', '100rel'],
    ],
    body: 'v=0\r\noffer\r\n',
  });
}

const lastPrack = () => bench.peer.last('PRACK');

describe('RFC 3262 §4 reliable provisional responses of the peer', () => {
  it('are delivered once and in order; repeated ones and those that overtake are dropped', () => {
    invite();
    reliably(11);
    reliably(11);
    reliably(13);
    reliably(12, 'callee', 180);
    reliably(11);
    reliably(13, 'callee', 182);
    expect(bench.heard()).toEqual(['183', '180', '182']);
    expect(bench.station.counters.repeatedProvisionals).toBe(3);
  });

  it('are acknowledged by the application’s PRACK in the early dialog, whose outcome it hears', () => {
    invite();
    reliably(11);
    const outcome = bench.sendWithin('PRACK', { headers: [['RAck', '11 7 INVITE']] });
    expect(lastPrack()).toMatch(/^PRACK sip:callee@10\.0\.0\.9 SIP/);
    expect([field(lastPrack(), 'RAck'), field(lastPrack(), 'CSeq'), field(lastPrack(), 'To')]).toEqual([
      '11 7 INVITE',
      '8 PRACK',
      '<sip:peer@10.0.0.9>;tag=callee',
    ]);
    bench.answer('PRACK', 200);
    expect(bench.station.heard.at(-1)).toMatchObject({
      kind: 'response',
      transactionId: outcome.ok && outcome.transactionId,
      message: { status: 200 },
    });
  });

  it('get the RAck of the engine where the application gave none', () => {
    invite();
    reliably(11);
    bench.sendWithin('PRACK');
    expect(field(lastPrack(), 'RAck')).toBe('11 7 INVITE');
  });

  it('are acknowledged once: another PRACK finds nothing', () => {
    invite();
    expect(bench.sendWithin('PRACK').ok).toBe(false);
    reliably(11);
    expect(bench.sendWithin('PRACK').ok).toBe(true);
    expect(bench.sendWithin('PRACK').ok).toBe(false);
  });

  it('of several forks: the PRACK goes to the one whose number its RAck has', () => {
    invite();
    reliably(100, 'fork-1');
    reliably(200, 'fork-2');
    bench.sendWithin('PRACK', { headers: [['RAck', '200 7 INVITE']] });
    expect(field(lastPrack(), 'To')).toContain('tag=fork-2');
    bench.sendWithin('PRACK', { headers: [['RAck', '100 7 INVITE']] });
    expect(field(lastPrack(), 'To')).toContain('tag=fork-1');
  });

  it('of several forks that chose the same number: in the order in which they were heard', () => {
    invite();
    reliably(1, 'fork-1');
    reliably(1, 'fork-2');
    bench.sendWithin('PRACK', { headers: [['RAck', '1 7 INVITE']] });
    expect(field(lastPrack(), 'To')).toContain('tag=fork-1');
    bench.sendWithin('PRACK', { headers: [['RAck', '1 7 INVITE']] });
    expect(field(lastPrack(), 'To')).toContain('tag=fork-2');
  });

  it('may still be acknowledged after the 2xx, in the same dialog with counted numbers', () => {
    invite();
    reliably(11);
    bench.answer('INVITE', 200);
    bench.ack();
    bench.sendWithin('PRACK');
    expect(field(lastPrack(), 'CSeq')).toBe('8 PRACK');
    bench.sendWithin('INFO');
    expect(field(bench.peer.last('INFO'), 'CSeq')).toBe('9 INFO');
    expect(field(bench.peer.last('ACK'), 'CSeq')).toBe('7 ACK');
  });

  it('without a readable RSeq are plain ones', () => {
    invite();
    bench.answer('INVITE', 183, { extra: [CONTACT, 'Require: 100rel', 'RSeq: 0'] });
    bench.answer('INVITE', 183, { extra: [CONTACT, 'Require: 100rel', 'RSeq: 0'] });
    expect(bench.heard()).toEqual(['183', '183']);
    expect(bench.sendWithin('PRACK').ok).toBe(false);
  });

  it('make no more than FORKS_MAX early dialogs', () => {
    invite();
    for (let fork = 1; fork <= FORKS_MAX + 1; fork++) reliably(fork, `fork-${fork}`);
    expect(bench.heard()).toHaveLength(FORKS_MAX);
    expect(bench.station.core.dialogs.size()).toBe(FORKS_MAX);
    expect(bench.station.counters.forkLimit).toBe(1);
    bench.answer('INVITE', 486);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });
});

describe('RFC 3262 §7.2 RAck', () => {
  it.each([
    ['776656 1 INVITE', { rseq: 776_656, cseqNumber: 1 }],
    ['1  2  INVITE', { rseq: 1, cseqNumber: 2 }],
    ['1 2 INFO', null],
    ['1 INVITE', null],
    ['', null],
  ])('%s', (value, expected) => {
    const headers = [{ key: 'rack', name: 'RAck', value }];
    expect(rackOf({ kind: 'request', method: 'PRACK', uri: 'sip:a', headers, body: '' })).toEqual(expected);
  });
});
