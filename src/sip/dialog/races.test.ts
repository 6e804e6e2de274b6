import { describe, expect, it } from 'vitest';
import { clientBench } from '../testing/client-bench.ts';
import { corePair } from '../testing/core-pair.ts';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, heardBy, serverBench } from '../testing/server-bench.ts';

const OFFER = 'v=0\r\noffer\r\n';

describe('RFC 3261 §9 CANCEL against 200', () => {
  it('our 200 first: 481 to the CANCEL, the call is up and the caller ends it with BYE', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 200);
    bench.send('CANCEL', { branch: 'INVITE1' });
    const toTag = bench.ourTag();
    bench.send('ACK', { branch: 'ack', toTag });
    bench.send('BYE', { cseq: 2, toTag });
    expect(bench.received()).toEqual(['100 INVITE', '200 INVITE', '481 CANCEL']);
    expect(bench.heard()).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  it('their 200 first: the application gets it in spite of its CANCEL, and no 487', () => {
    const bench = clientBench();
    const invite = bench.send('INVITE');
    bench.answer('INVITE', 180);
    bench.cancel(invite);
    bench.answer('INVITE', 200);
    bench.answer('CANCEL', 200);
    bench.ack();
    bench.sendWithin('BYE');
    bench.answer('BYE', 200);
    bench.pair.clock.advance(70_000);
    expect(bench.heard()).toEqual(['180', '200', '200']);
    expect([bench.station.core.dialogs.size(), bench.station.core.layer.size()]).toEqual([0, 0]);
  });
});

describe('RFC 3261 §14 re-INVITE against re-INVITE', () => {
  it('theirs meets ours: 491', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.appSends('INVITE', { body: OFFER });
    bench.send('INVITE', { cseq: 2, toTag, body: OFFER });
    expect(bench.received().at(-1)).toBe('491 INVITE');
  });

  it('ours meets theirs, or another of ours: 491 of the engine, after the receipt, and nothing on the wire', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag, body: OFFER });
    expect(bench.appSends('INVITE', { body: OFFER })).toMatchObject({ ok: true });
    expect(bench.heard().at(-1)).toBe('491');
    expect(bench.received()).not.toContain('INVITE');
    bench.respond(bench.station.heard.findLast((item) => item.kind === 'request')?.transactionId ?? '', 200);
    bench.send('ACK', { cseq: 2, branch: 'ack2', toTag });
    bench.appSends('INVITE', { body: OFFER });
    bench.appSends('INVITE', { body: OFFER });
    expect(bench.received().filter((line) => line === 'INVITE')).toHaveLength(1);
    expect(bench.heard().filter((line) => line === '491')).toHaveLength(2);
  });
});

describe('a re-INVITE before the ACK of the one before', () => {
  it('is told 491, so that the ACK goes to the right one', () => {
    const bench = clientBench();
    bench.send('INVITE', { headers: [['CSeq', '1 INVITE']], body: OFFER });
    bench.answer('INVITE', 200, { body: OFFER });
    bench.sendWithin('INVITE', { body: OFFER });
    expect(bench.heard()).toEqual(['200', '491']);
    bench.ack();
    expect(field(bench.peer.last('ACK'), 'CSeq')).toBe('1 ACK');
  });
});

describe('RFC 3311 §5 UPDATE against UPDATE and re-INVITE', () => {
  it('an offer of theirs meets one of ours: 491', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.appSends('UPDATE', { body: OFFER });
    bench.send('UPDATE', { cseq: 2, toTag, body: OFFER });
    expect(bench.received().at(-1)).toBe('491 UPDATE');
    bench.send('INVITE', { cseq: 3, toTag, body: OFFER });
    expect(bench.received().at(-1)).toBe('491 INVITE');
    bench.send('UPDATE', { cseq: 4, toTag });
    expect(bench.heard().at(-1)).toBe('UPDATE');
  });

  it('an offer of ours meets one of theirs: 491 of the engine', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('UPDATE', { cseq: 2, toTag, body: OFFER });
    bench.appSends('UPDATE', { body: OFFER });
    bench.appSends('INVITE', { body: OFFER });
    expect(bench.heard().slice(-2)).toEqual(['491', '491']);
    bench.appSends('UPDATE');
    expect(bench.received().at(-1)).toBe('UPDATE');
  });

  it('an UPDATE of ours is forgotten with its answer: the next offer goes', () => {
    const bench = clientBench();
    bench.establish({ body: OFFER });
    bench.sendWithin('UPDATE', { body: OFFER });
    bench.answer('UPDATE', 200, { body: OFFER });
    bench.sendWithin('INVITE', { body: OFFER });
    expect(bench.received().slice(-2)).toEqual(['UPDATE', 'INVITE']);
  });
});

describe('RFC 3261 §15 BYE against everything', () => {
  it('ours and theirs crossing: both are answered, each application hears one BYE and one response', () => {
    const { a, b, clock } = corePair();
    b.on = (heard) => {
      if (heard.kind !== 'request' || heard.message.method === 'ACK') return;
      const response = { kind: 'response', status: 200, reason: '', headers: [], body: '' } as const;
      b.core.server.respond(heard.transactionId, response);
    };
    a.on = b.on;
    const request = (method: string) =>
      ({ kind: 'request', method, uri: 'sip:b@10.0.0.2:5060', headers: [], body: '' }) as const;
    const invite = a.core.client.request(a.app, request('INVITE'), '');
    clock.advance(10);
    const dialogId = invite.ok ? invite.dialogId : '';
    a.core.client.ack(dialogId, request('ACK'));
    clock.advance(10);
    a.on = (heard) => {
      if (heard.kind !== 'request') return;
      const response = { kind: 'response', status: 200, reason: '', headers: [], body: '' } as const;
      a.core.server.respond(heard.transactionId, response);
    };
    a.core.client.requestInDialog(a.app, dialogId, request('BYE'));
    b.core.client.requestInDialog(b.app, dialogId, request('BYE'));
    clock.advance(70_000);
    expect([heardBy(a), heardBy(b)]).toEqual([
      ['200', 'BYE', '200'],
      ['INVITE', 'ACK', 'BYE', '200'],
    ]);
    expect([a.core.dialogs.size(), b.core.dialogs.size(), a.core.layer.size(), b.core.layer.size()]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('our BYE while their re-INVITE waits: 487 to it, and nothing but a BYE is taken any more', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag, body: OFFER });
    const reinvite = bench.lastTransaction();
    bench.appSends('BYE');
    expect(bench.received().slice(-2)).toEqual(['487 INVITE', 'BYE']);
    expect(bench.respond(reinvite, 200).ok).toBe(false);
    bench.send('INFO', { cseq: 3, toTag });
    expect(bench.received().at(-1)).toBe('481 INFO');
    expect(bench.appSends('BYE').ok).toBe(false);
    bench.send('BYE', { cseq: 4, toTag });
    expect(bench.heard().at(-1)).toBe('BYE');
  });

  it('their BYE while our re-INVITE waits: its late 200 gets an ACK, the application a 487', () => {
    const bench = clientBench();
    bench.establish({ body: OFFER });
    bench.sendWithin('INVITE', { body: OFFER });
    bench.peerSends('BYE', 1);
    bench.answer('INVITE', 200);
    expect(bench.received().at(-1)).toBe('ACK');
    expect(bench.heard()).toEqual(['200', 'BYE', '487']);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('their BYE while their own re-INVITE waits: 487 to it', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('INVITE', { cseq: 2, toTag, body: OFFER });
    bench.send('BYE', { cseq: 3, toTag });
    expect(bench.received().at(-1)).toBe('487 INVITE');
    bench.respond(bench.lastTransaction(), 200);
    expect(bench.received().at(-1)).toBe('200 BYE');
  });
});

describe('RFC 3261 §8.2.2.2 and §16.3', () => {
  it('the same request over another path gets 482, while it waits and after its 2xx', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.send('INVITE', { branch: 'other-path' });
    expect(bench.received().at(-1)).toBe('482 INVITE');
    bench.respond(bench.lastTransaction(), 200);
    bench.send('ACK', { branch: 'ack', toTag: bench.ourTag() });
    bench.send('INVITE', { branch: 'third-path' });
    expect(bench.received().at(-1)).toBe('482 INVITE');
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
    expect(bench.station.counters.merged).toBe(2);
  });

  it('a request that was refused may come again by another way, as serial forking does', () => {
    const bench = serverBench();
    bench.send('INVITE');
    bench.respond(bench.lastTransaction(), 404);
    bench.send('INVITE', { branch: 'next-target' });
    expect(bench.heard()).toEqual(['INVITE', 'INVITE']);
  });

  it('a request without hops left gets 483 before any application sees it; OPTIONS is ours to answer', () => {
    const bench = serverBench();
    bench.send('INVITE', { extra: ['Max-Forwards: 0'] });
    bench.send('MESSAGE', { extra: ['Max-Forwards: 0'] });
    expect(bench.received()).toEqual(['483 INVITE', '483 MESSAGE']);
    bench.send('OPTIONS', { extra: ['Max-Forwards: 0'] });
    expect(bench.heard()).toEqual(['OPTIONS']);
  });
});

describe('an INVITE whose next hop is still being looked up', () => {
  it('ends with 487 at once when it is cancelled', async () => {
    const bench = clientBench();
    const call = bench.station.core;
    const never = new Promise<[]>(() => undefined);
    bench.station.location = { kind: 'look-up', protocol: 'udp', found: never };
    const outcome = call.client.request(
      bench.station.app,
      { kind: 'request', method: 'INVITE', uri: 'sip:a@name.invalid', headers: [], body: '' },
      '',
    );
    bench.station.location = null;
    bench.cancel(outcome.ok ? outcome.transactionId : '');
    expect(bench.heard()).toEqual(['487']);
    expect([call.layer.size(), call.dialogs.clientCalls.size, bench.station.pendingTimers()]).toEqual([0, 0, 0]);
  });
});

describe('at the limit of transactions', () => {
  it('the BYEs of both ends pass, so that no dialog stays', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.establish({ branch: 'second', fromTag: 'second' });
    const { core } = bench.station;
    const { length } = bench.heard();
    for (let index = 0; core.layer.size() < 10_000; index++) {
      const octets = Buffer.from(
        `MESSAGE sip:us@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx${index}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: flood\r\nCSeq: ${index} MESSAGE\r\nContent-Length: 0\r\n\r\n`,
      );
      core.receive(octets, { protocol: 'udp', address: '10.0.0.9', port: 5060 });
    }
    bench.send('INFO', { cseq: 2, toTag });
    expect(bench.received().at(-1)).toBe('503 INFO');
    bench.send('BYE', { cseq: 3, toTag });
    expect(bench.lastHeard()).toMatchObject({ dialogId: DIALOG_ID, message: { method: 'BYE' } });
    const second = bench.station.core.client.requestInDialog(bench.station.app, 'call-1;from-tag=second', {
      kind: 'request',
      method: 'BYE',
      uri: 'sip:placeholder',
      headers: [],
      body: '',
    });
    bench.pair.clock.advance(3);
    expect(second.ok).toBe(true);
    expect(field(bench.peer.last('BYE'), 'To')).toContain('tag=second');
    bench.send('BYE', { cseq: 9, toTag: 'nobody' });
    expect(bench.received().at(-1)).toBe('503 BYE');
    expect(bench.heard().length).toBeGreaterThan(length);
  });
});
