import { beforeEach, describe, expect, it } from 'vitest';
import { clientBench } from '../testing/client-bench.ts';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, type ServerBench, serverBench } from '../testing/server-bench.ts';
import type { Application } from './application.ts';
import { NOBODY } from './user-agent-context.ts';

const GRACE_MS = 5_000;

describe('an application that loses its connection', () => {
  let bench: ServerBench;
  let toTag: string;

  beforeEach(() => {
    bench = serverBench();
    toTag = bench.establish();
  });

  const leaves = () => {
    bench.station.isGone = true;
    bench.station.core.onAppGone(bench.station.app, GRACE_MS);
    bench.pair.clock.advance(3);
  };

  it('has its calls ended with BYE and a Reason after the grace period, not before', () => {
    leaves();
    bench.pair.clock.advance(GRACE_MS - 10);
    expect(bench.received()).not.toContain('BYE');
    bench.pair.clock.advance(20);
    expect(field(bench.peer.last('BYE'), 'Reason')).toBe('SIP;cause=200;text="application gone"');
    expect(bench.station.core.dialogs.size()).toBe(0);
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('loses a call to the connection that speaks in it by dialog id, and that one hears what follows', () => {
    leaves();
    const heard: string[] = [];
    const successor: Application = {
      ...NOBODY,
      deliverInDialog: (_txn, id, { method }) => heard.push(`${method} ${id}`),
    };
    const { client, server } = bench.station.core;
    const info = { kind: 'request', method: 'INFO', uri: 'sip:placeholder', headers: [], body: '' } as const;
    expect(client.requestInDialog(successor, DIALOG_ID, info)).toMatchObject({ ok: true });
    bench.pair.clock.advance(GRACE_MS);
    expect(bench.received()).not.toContain('BYE');
    bench.send('BYE', { cseq: 2, toTag });
    expect(heard).toEqual([`BYE ${DIALOG_ID}`]);
    expect(server).toBeDefined();
  });

  it('may still have its call ended by another connection’s BYE', () => {
    leaves();
    const bye = { kind: 'request', method: 'BYE', uri: 'sip:placeholder', headers: [], body: '' } as const;
    expect(bench.station.core.client.requestInDialog(NOBODY, DIALOG_ID, bye)).toMatchObject({ ok: true });
    bench.pair.clock.advance(GRACE_MS + 40_000);
    const byes = bench.peer.received.filter(({ text }) => text.startsWith('BYE'));
    expect(new Set(byes.map(({ text }) => field(text, 'CSeq'))).size).toBe(1);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('is not asked any more: BYE gets 200, the rest 500 with Retry-After', () => {
    leaves();
    bench.send('INFO', { cseq: 2, toTag });
    bench.send('INVITE', { cseq: 3, toTag });
    bench.send('ACK', { cseq: 3, branch: 'INVITE3', toTag });
    bench.send('BYE', { cseq: 4, toTag });
    expect(bench.received().slice(-3)).toEqual(['500 INFO', '500 INVITE', '200 BYE']);
    bench.pair.clock.advance(40_000);
    expect(bench.received()).not.toContain('BYE');
    expect(bench.station.pendingTimers()).toBe(0);
  });

  it('leaves no BYE behind that waited for an ACK when the peer hangs up first', () => {
    bench.send('INVITE', { cseq: 2, toTag });
    bench.respond(bench.lastTransaction(), 200);
    bench.appSends('BYE');
    leaves();
    bench.send('BYE', { cseq: 3, toTag });
    expect(bench.received().slice(-2).sort()).toEqual(['200 BYE', 'BYE']);
    bench.pair.clock.advance(70_000);
    const { layer, dialogs } = bench.station.core;
    expect([layer.size(), dialogs.clientCalls.size, bench.station.pendingTimers()]).toEqual([0, 0, 0]);
  });

  it('has its unanswered requests answered: 503 to an INVITE, 500 in a dialog, 200 to a BYE', () => {
    bench.send('INVITE', { branch: 'second', fromTag: 'second' });
    bench.send('INFO', { cseq: 2, toTag });
    bench.send('BYE', { cseq: 3, toTag });
    leaves();
    expect(bench.received().slice(-3)).toEqual(['503 INVITE', '500 INFO', '200 BYE']);
  });
});

describe('an application that loses its connection while it calls', () => {
  it('has its INVITE cancelled; an answer that crosses is acknowledged and hung up', () => {
    const bench = clientBench();
    bench.send('INVITE');
    bench.answer('INVITE', 180);
    bench.station.isGone = true;
    bench.station.core.onAppGone(bench.station.app, GRACE_MS);
    bench.pair.clock.advance(3);
    expect(bench.received()).toEqual(['INVITE', 'CANCEL']);
    bench.answer('INVITE', 200);
    expect(bench.received().slice(-2)).toEqual(['ACK', 'BYE']);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('leaves a re-INVITE whose 2xx is acknowledged; the call has its grace period all the same', () => {
    const bench = clientBench();
    bench.establish();
    bench.sendWithin('INVITE');
    bench.station.isGone = true;
    bench.station.core.onAppGone(bench.station.app, GRACE_MS);
    bench.answer('INVITE', 200);
    expect(bench.received().at(-1)).toBe('ACK');
    bench.pair.clock.advance(GRACE_MS);
    expect(bench.received().at(-1)).toBe('BYE');
  });
});

describe('a BYE that is challenged', () => {
  it('keeps the dialog for one with credentials, for 64*T1', () => {
    const bench = clientBench();
    bench.establish();
    bench.sendWithin('BYE');
    bench.answer('BYE', 407);
    expect(bench.station.core.dialogs.size()).toBe(1);
    bench.pair.clock.advance(32_000);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });
});
