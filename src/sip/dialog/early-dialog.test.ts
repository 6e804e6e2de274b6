import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientBench, clientBench } from '../testing/client-bench.ts';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, type ServerBench, serverBench } from '../testing/server-bench.ts';

const OFFER = 'v=0\r\noffer\r\n';
const ANSWER = 'v=0\r\nanswer\r\n';
const NOW = 'Response not sent due to unknown transaction';

describe('RFC 3311 and RFC 6086: requests in early dialogs of a call that comes in', () => {
  let bench: ServerBench;
  let invite: string;

  beforeEach(() => {
    bench = serverBench();
    bench.send('INVITE', { body: OFFER });
    invite = bench.lastTransaction();
  });

  it('an UPDATE before the answer has the INVITE’s id, and its response does not answer the INVITE', () => {
    bench.respond(invite, 183, { body: ANSWER });
    bench.send('UPDATE', { cseq: 2, toTag: bench.ourTag(), body: OFFER });
    expect(bench.lastHeard()).toMatchObject({ transactionId: invite, dialogId: DIALOG_ID });
    bench.respond(invite, 200, { headers: [['CSeq', '2 UPDATE']], body: ANSWER });
    expect(bench.received().at(-1)).toBe('200 UPDATE');
    // Late once more: the UPDATE is done, the INVITE is not meant.
    expect(bench.respond(invite, 200, { headers: [['CSeq', '2 UPDATE']] })).toEqual({ ok: false, reason: NOW });
    bench.respond(invite, 180);
    expect(bench.received().at(-1)).toBe('180 INVITE');
  });

  it('an INFO reaches the application with the dialog id', () => {
    bench.respond(invite, 183);
    bench.send('INFO', { cseq: 2, toTag: bench.ourTag() });
    expect(bench.lastHeard()).toMatchObject({ dialogId: DIALOG_ID, message: { method: 'INFO' } });
    bench.respond(bench.lastTransaction(), 200);
    expect(bench.received().at(-1)).toBe('200 INFO');
    expect(bench.station.core.dialogs.size()).toBe(1);
  });

  it('RFC 3311 §5.2: a second UPDATE before the first is answered gets 500 with Retry-After', () => {
    bench.respond(invite, 183, { body: ANSWER });
    bench.send('UPDATE', { cseq: 2, toTag: bench.ourTag() });
    bench.send('UPDATE', { cseq: 3, toTag: bench.ourTag() });
    expect(bench.received().at(-1)).toBe('500 UPDATE');
    expect(field(bench.peer.last('SIP/2.0 500'), 'Retry-After')).toMatch(/^([0-9]|10)$/);
    expect(bench.heard()).toEqual(['INVITE', 'UPDATE']);
  });

  it('RFC 3311 §5.2: an UPDATE with an offer while the INVITE’s offer has no answer gets 500 with Retry-After', () => {
    bench.respond(invite, 180);
    bench.send('UPDATE', { cseq: 2, toTag: bench.ourTag(), body: OFFER });
    expect(bench.received().at(-1)).toBe('500 UPDATE');
    expect(field(bench.peer.last('SIP/2.0 500'), 'Retry-After')).not.toBe('');
    bench.send('UPDATE', { cseq: 3, toTag: bench.ourTag() });
    expect(bench.heard()).toEqual(['INVITE', 'UPDATE']);
  });

  it('RFC 3311 §5.2: an UPDATE with an offer that meets an offer of ours gets 491', () => {
    bench.respond(invite, 183, { body: ANSWER });
    expect(bench.appSends('UPDATE', { body: OFFER })).toMatchObject({ ok: true });
    bench.send('UPDATE', { cseq: 2, toTag: bench.ourTag(), body: OFFER });
    expect(bench.received().at(-1)).toBe('491 UPDATE');
  });

  it('RFC 3261 §14.2: a re-INVITE before the answer gets 500 with Retry-After', () => {
    bench.respond(invite, 183);
    bench.send('INVITE', { cseq: 2, toTag: bench.ourTag() });
    expect(bench.received().at(-1)).toBe('500 INVITE');
  });

  it('the application’s UPDATE goes out in the early dialog; its BYE and re-INVITE do not', () => {
    bench.respond(invite, 183, { body: ANSWER });
    expect(bench.appSends('UPDATE')).toMatchObject({ ok: true, dialogId: DIALOG_ID });
    expect(bench.received().at(-1)).toBe('UPDATE');
    expect(bench.appSends('BYE').ok).toBe(false);
    expect(bench.appSends('INVITE').ok).toBe(false);
  });

  it('the early dialog survives what is answered in it', () => {
    bench.respond(invite, 183);
    bench.send('INFO', { cseq: 2, toTag: bench.ourTag() });
    bench.pair.clock.advance(10_100);
    expect(bench.received().at(-1)).toBe('500 INFO');
    expect(bench.respond(invite, 200)).toMatchObject({ ok: true });
    expect(bench.station.core.dialogs.size()).toBe(1);
  });
});

describe('requests in early dialogs of a call that goes out', () => {
  let bench: ClientBench;

  beforeEach(() => {
    bench = clientBench();
    bench.send('INVITE', { headers: [['CSeq', '7 INVITE']], body: OFFER });
  });

  it('the callee’s UPDATE reaches the application, and the target moves with it', () => {
    bench.answer('INVITE', 183, { body: ANSWER });
    bench.peerSends('UPDATE', 1, { body: OFFER, extra: ['Contact: <sip:moved@10.0.0.9>'] });
    const update = bench.station.heard.at(-1);
    expect(update).toMatchObject({ dialogId: bench.dialogId(), message: { method: 'UPDATE' } });
    const response = { kind: 'response', status: 200, reason: '', headers: [], body: ANSWER } as const;
    bench.station.core.server.respond(update?.kind === 'request' ? update.transactionId : '', response);
    bench.sendWithin('INFO');
    expect(bench.peer.last('INFO')).toMatch(/^INFO sip:moved@10\.0\.0\.9 SIP/);
  });

  it('RFC 3311 §5.2: the callee’s offer that meets the INVITE’s own gets 491', () => {
    bench.answer('INVITE', 180);
    bench.peerSends('UPDATE', 1, { body: OFFER });
    expect(bench.received().at(-1)).toBe('491 UPDATE');
  });

  it('RFC 3261 §15: the callee’s BYE before its answer gets 481, and the call rings on', () => {
    bench.answer('INVITE', 180);
    bench.peerSends('BYE', 1);
    expect(bench.received().at(-1)).toBe('481 BYE');
    expect(bench.heard()).toEqual(['180']);
    bench.answer('INVITE', 200);
    expect(bench.heard()).toEqual(['180', '200']);
  });

  it('of several forks: a request goes to the one its To names, else to the one heard last', () => {
    bench.answer('INVITE', 183, { toTag: 'fork-1' });
    bench.answer('INVITE', 183, { toTag: 'fork-2' });
    bench.sendWithin('INFO');
    expect(field(bench.peer.last('INFO'), 'To')).toContain('tag=fork-2');
    bench.sendWithin('INFO', { headers: [['To', '<sip:peer@10.0.0.9>;tag=fork-1']] });
    expect(field(bench.peer.last('INFO'), 'To')).toContain('tag=fork-1');
  });

  it('the caller’s BYE ends one fork, the others ring on (RFC 3261 §15)', () => {
    bench.answer('INVITE', 183, { toTag: 'fork-1' });
    bench.answer('INVITE', 183, { toTag: 'fork-2' });
    bench.sendWithin('BYE', { headers: [['To', '<sip:peer@10.0.0.9>;tag=fork-1']] });
    bench.answer('BYE', 200, { toTag: 'fork-1' });
    expect(bench.station.core.dialogs.size()).toBe(1);
    bench.answer('INVITE', 200, { toTag: 'fork-2' });
    expect(bench.heard()).toEqual(['183', '183', '200', '200']);
  });

  it('a fork that was hung up and answers all the same is acknowledged and hung up; the INVITE ends with 487', () => {
    bench.answer('INVITE', 183);
    bench.sendWithin('BYE');
    bench.answer('BYE', 200);
    bench.answer('INVITE', 200);
    bench.answer('INVITE', 200);
    expect(bench.received().slice(-4)).toEqual(['ACK', 'BYE', 'ACK', 'BYE']);
    expect(bench.heard()).toEqual(['183', '200']);
    bench.pair.clock.advance(32_000);
    expect(bench.heard()).toEqual(['183', '200', '487']);
    bench.pair.clock.advance(32_000);
    expect([bench.station.core.dialogs.size(), bench.station.core.layer.size()]).toEqual([0, 0]);
  });

  it('numbers go on from the early dialog into the answered one (§12.1.2)', () => {
    bench.answer('INVITE', 183);
    bench.sendWithin('INFO');
    bench.answer('INVITE', 200);
    bench.ack();
    bench.sendWithin('INFO');
    expect(
      bench.peer.received.filter(({ text }) => text.startsWith('INFO')).map(({ text }) => field(text, 'CSeq')),
    ).toEqual(['8 INFO', '9 INFO']);
  });

  it('numbers of the peer count from the early dialog on: a lower one later gets 500 (§12.2.2)', () => {
    bench.answer('INVITE', 183);
    bench.peerSends('INFO', 5);
    bench.answer('INVITE', 200);
    bench.ack();
    bench.peerSends('INFO', 4);
    expect(bench.received().at(-1)).toBe('500 INFO');
  });
});
