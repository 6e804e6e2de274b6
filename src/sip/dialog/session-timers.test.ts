import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientBench, clientBench } from '../testing/client-bench.ts';
import { field } from '../testing/raw-peer.ts';
import { DIALOG_ID, type ServerBench, serverBench } from '../testing/server-bench.ts';
import { expiresAfterMs, readSessionExpires, refreshAfterMs } from './session-interval.ts';

const OFFER = 'v=0\r\noffer\r\n';
const ANSWER = 'v=0\r\nanswer\r\n';
const CONTACT = 'Contact: <sip:callee@10.0.0.9>';

/** The time of the last message of that kind, in seconds. */
function lastAtS(timeline: string[], what: string): number {
  return Number(timeline.findLast((line) => line.endsWith(what))?.split(' ')[0]) / 1_000;
}

describe('RFC 4028 §4 Session-Expires', () => {
  it.each([
    ['1800', { intervalS: 1_800, refresher: null }],
    ['90;refresher=uac', { intervalS: 90, refresher: 'uac' }],
    ['90 ; x=y ;refresher=UAS', { intervalS: 90, refresher: 'uas' }],
    ['90;refresher=me', { intervalS: 90, refresher: null }],
    ['9999999999', { intervalS: 604_800, refresher: null }],
    ['soon', null],
    ['', null],
  ])('%s', (value, expected) => {
    expect(readSessionExpires(value)).toEqual(expected);
  });

  it('is refreshed at half its time, more or less by 5 s at most', () => {
    expect([refreshAfterMs(90, 0), refreshAfterMs(90, 0.5), refreshAfterMs(90, 1)]).toEqual([40_000, 45_000, 50_000]);
    expect([refreshAfterMs(1_800, 0), refreshAfterMs(1_800, 1)]).toEqual([895_000, 905_000]);
    expect(refreshAfterMs(4, 1)).toBeLessThan(2_300);
  });

  it('is given up the lesser of 32 s and a third before its end (§10)', () => {
    expect([expiresAfterMs(90), expiresAfterMs(1_800), expiresAfterMs(96)]).toEqual([60_000, 1_768_000, 64_000]);
  });
});

describe('RFC 4028 §9 session timers of a call that comes in', () => {
  let bench: ServerBench;

  beforeEach(() => {
    bench = serverBench();
  });

  const established = (extra: string[], headers: [string, string][] = []): string => {
    bench.send('INVITE', { extra, body: OFFER });
    bench.respond(bench.lastTransaction(), 200, { headers, body: ANSWER });
    const toTag = bench.ourTag();
    bench.send('ACK', { branch: 'ack', toTag });
    return toTag;
  };
  const answered = () => {
    const text = bench.peer.last('SIP/2.0 200');
    return [field(text, 'Session-Expires'), field(text, 'Require')];
  };

  it.each([
    ['the peer wants to', 'timer', '1800;refresher=uac', ['1800;refresher=uac', 'timer']],
    ['the peer wants us to', 'timer', '1800;refresher=uas', ['1800;refresher=uas', '']],
    ['nobody is named: the peer', 'timer', '1800', ['1800;refresher=uac', 'timer']],
    ['the peer cannot: we', '', '1800', ['1800;refresher=uas', '']],
    ['a peer without 422 asks for too little: 90 s', '', '30', ['90;refresher=uas', '']],
  ])('who refreshes when %s', (_name, supported, expires, expected) => {
    established([`Supported: ${supported}`, `Session-Expires: ${expires}`]);
    expect(answered()).toEqual(expected);
  });

  it('the application’s own Session-Expires wins', () => {
    established(['Supported: timer', 'Session-Expires: 1800'], [['Session-Expires', '600;refresher=uas']]);
    expect(answered()).toEqual(['600;refresher=uas', '']);
    bench.pair.clock.advance(306_000);
    expect(bench.received().at(-1)).toBe('INVITE');
  });

  it('nothing is added for a peer that does not ask', () => {
    established(['Supported: timer']);
    expect(answered()).toEqual(['', '']);
    bench.pair.clock.advance(10_000_000);
    expect(bench.station.core.dialogs.size()).toBe(1);
  });

  it('less than 90 s gets 422 with Min-SE before any application sees it, in a dialog too', () => {
    bench.send('INVITE', { extra: ['Supported: timer', 'Session-Expires: 89'] });
    expect(bench.received()).toEqual(['422 INVITE']);
    expect(field(bench.peer.last('SIP/2.0 422'), 'Min-SE')).toBe('90');
    bench.send('ACK', { branch: 'INVITE1' });
    bench.send('INVITE', { branch: 'again', cseq: 2, extra: ['Supported: timer', 'Session-Expires: 90'] });
    bench.respond(bench.lastTransaction(), 200);
    const toTag = bench.ourTag();
    bench.send('ACK', { branch: 'ack', cseq: 2, toTag });
    bench.send('UPDATE', { cseq: 3, toTag, extra: ['Supported: timer', 'Session-Expires: 30'] });
    expect(bench.received().at(-1)).toBe('422 UPDATE');
    expect(bench.heard()).toEqual(['INVITE', 'ACK']);
  });

  it('a peer that does not refresh is hung up before the end, and the application is told', () => {
    established(['Supported: timer', 'Session-Expires: 90;refresher=uac']);
    bench.pair.clock.advance(59_900);
    expect(bench.received()).not.toContain('BYE');
    bench.pair.clock.advance(200);
    expect(field(bench.peer.last('BYE'), 'Reason')).toBe('SIP;cause=200;text="Session timer expired"');
    expect(bench.lastHeard()).toMatchObject({ kind: 'unsolicited', dialogId: DIALOG_ID });
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('a peer that refreshes lives on; Session-Expires is echoed where the application says nothing', () => {
    const toTag = established(['Supported: timer', 'Session-Expires: 90;refresher=uac']);
    for (let cseq = 2; cseq < 10; cseq++) {
      bench.pair.clock.advance(45_000);
      const method = cseq % 2 === 0 ? 'UPDATE' : 'INVITE';
      bench.send(method, { cseq, toTag, extra: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] });
      bench.respond(bench.lastTransaction(), 200);
      expect(answered()).toEqual(['90;refresher=uac', 'timer']);
      if (method === 'INVITE') bench.send('ACK', { branch: `ack${cseq}`, cseq, toTag });
    }
    expect(bench.received()).not.toContain('BYE');
    expect(bench.station.core.dialogs.size()).toBe(1);
  });

  it('a peer whose refresh asks for no timer any more has none (§9)', () => {
    const toTag = established(['Supported: timer', 'Session-Expires: 90;refresher=uac']);
    bench.send('UPDATE', { cseq: 2, toTag });
    bench.respond(bench.lastTransaction(), 200);
    bench.pair.clock.advance(1_000_000);
    expect(bench.received()).not.toContain('BYE');
  });

  it('a re-INVITE without Session-Expires leaves the refreshing to us, and says so', () => {
    const toTag = established(['Session-Expires: 90']);
    bench.send('INVITE', { cseq: 2, toTag, body: OFFER });
    bench.respond(bench.lastTransaction(), 200, { body: ANSWER });
    expect(answered()[0]).toBe('90;refresher=uas');
  });
});

describe('RFC 4028 §7 session timers of a call that goes out', () => {
  let bench: ClientBench;

  beforeEach(() => {
    bench = clientBench();
  });

  const established = (expires: string, allow = '') => {
    const extra = [CONTACT, ...(allow === '' ? [] : [`Allow: ${allow}`]), `Session-Expires: ${expires}`];
    bench.establish(
      {
        headers: [
          ['Supported', 'timer'],
          ['Session-Expires', '90'],
        ],
        body: OFFER,
      },
      { extra, body: ANSWER },
    );
  };
  const answerRefresh = (method: string, expires = 'Session-Expires: 90;refresher=uac') =>
    bench.answer(method, 200, { extra: [CONTACT, expires] });

  it('we refresh at half the interval with the last description, and tell nobody', () => {
    established('90');
    bench.pair.clock.advance(50_100);
    const refresh = bench.peer.last('INVITE');
    expect(refresh).toContain(`\r\n\r\n${OFFER}`);
    expect([field(refresh, 'Session-Expires'), field(refresh, 'Min-SE')]).toEqual(['90;refresher=uac', '90']);
    expect(lastAtS(bench.peer.timeline(), 'INVITE')).toBeGreaterThanOrEqual(40);
    answerRefresh('INVITE');
    answerRefresh('INVITE');
    expect(bench.received().slice(-2)).toEqual(['ACK', 'ACK']);
    expect(bench.heard()).toEqual(['200']);
    // And again, for as long as the call lasts.
    const before = bench.received().length;
    bench.pair.clock.advance(50_100);
    expect(bench.received().slice(before)).toContain('INVITE');
  });

  it('we refresh by UPDATE without offer when the peer allows it', () => {
    established('90;refresher=uac', 'INVITE, UPDATE, BYE');
    bench.pair.clock.advance(50_100);
    expect(bench.received().at(-1)).toMatch('UPDATE');
    expect(bench.peer.last('UPDATE')).toMatch(/Content-Length: 0\r\n\r\n$/);
    answerRefresh('UPDATE');
    expect(bench.heard()).toEqual(['200']);
    expect(bench.station.core.dialogs.size()).toBe(1);
  });

  it('an UPDATE that the peer does not do after all is followed by a re-INVITE', () => {
    established('90', 'UPDATE');
    bench.pair.clock.advance(50_100);
    bench.answer('UPDATE', 405);
    bench.pair.clock.advance(5);
    expect(bench.received().at(-1)).toBe('INVITE');
  });

  it('the peer refreshes when its answer says uas; else we hang up', () => {
    established('90;refresher=uas');
    bench.pair.clock.advance(59_900);
    expect(bench.received()).toEqual(['INVITE', 'ACK']);
    bench.pair.clock.advance(200);
    expect(bench.received().at(-1)).toBe('BYE');
    expect(bench.heard()).toEqual(['200', 'unsolicited']);
  });

  it('a refresh that meets another request (491) is tried again after 2.1 to 4 s', () => {
    established('90');
    bench.pair.clock.advance(50_100);
    bench.answer('INVITE', 491);
    const refusedAtS = bench.pair.clock.monotonicMs() / 1_000;
    bench.pair.clock.advance(4_100);
    const againAtS = lastAtS(bench.peer.timeline(), 'INVITE');
    expect(againAtS - refusedAtS).toBeGreaterThan(2);
    expect(bench.received().at(-1)).toBe('INVITE');
    expect(bench.received()).not.toContain('BYE');
  });

  it('a peer that says 491 until the session is over is hung up', () => {
    established('90');
    bench.pair.clock.advance(38_000);
    while (bench.pair.clock.monotonicMs() < 95_000 && !bench.received().includes('BYE')) {
      bench.pair.clock.advance(100);
      if (bench.received().at(-1) === 'INVITE') bench.answer('INVITE', 491);
    }
    expect(bench.received()).toContain('BYE');
  });

  it.each([408, 481, 488, 500, 603])(
    'a refresh that fails with %i ends the call, and the application is told',
    (status) => {
      established('90');
      bench.pair.clock.advance(50_100);
      bench.answer('INVITE', status);
      expect(bench.received().slice(-2)).toEqual(['ACK', 'BYE']);
      expect(field(bench.peer.last('BYE'), 'Reason')).toContain('Session timer expired');
      expect(bench.heard()).toEqual(['200', 'unsolicited']);
    },
  );

  it.each([401, 407])(
    'a refresh that is challenged (%i) ends nothing: only the application has credentials',
    (status) => {
      established('90');
      bench.pair.clock.advance(50_100);
      bench.answer('INVITE', status);
      bench.pair.clock.advance(200_000);
      expect(bench.received()).not.toContain('BYE');
      expect(bench.station.core.dialogs.size()).toBe(1);
    },
  );

  it('a refresh that nobody answers ends the call after 64*T1', () => {
    established('1800', 'UPDATE');
    bench.pair.clock.advance(910_000 + 32_000);
    expect(bench.heard()).toEqual(['200', 'unsolicited']);
    expect(bench.station.core.dialogs.size()).toBe(0);
  });

  it('a 422 raises the interval', () => {
    established('90', 'UPDATE');
    bench.pair.clock.advance(50_100);
    bench.answer('UPDATE', 422, { extra: ['Min-SE: 600'] });
    bench.pair.clock.advance(5);
    expect(field(bench.peer.last('UPDATE'), 'Session-Expires')).toBe('600;refresher=uac');
    answerRefresh('UPDATE', 'Session-Expires: 600;refresher=uac');
    bench.pair.clock.advance(200_000);
    const refreshes = bench.peer.received.filter(({ text }) => text.startsWith('UPDATE'));
    expect(new Set(refreshes.map(({ text }) => field(text, 'CSeq'))).size).toBe(2);
  });

  it('a refresh waits while the application’s own re-INVITE is on its way, which asks for the session too', () => {
    established('90');
    bench.pair.clock.advance(39_000);
    bench.sendWithin('INVITE', { body: OFFER });
    expect(field(bench.peer.last('INVITE'), 'Session-Expires')).toBe('90;refresher=uac');
    bench.answer('INVITE', 100);
    bench.pair.clock.advance(13_000);
    expect(bench.received().filter((line) => line === 'INVITE')).toHaveLength(2);
    bench.answer('INVITE', 200, { extra: [CONTACT, 'Session-Expires: 90;refresher=uac'], body: ANSWER });
    bench.ack();
    bench.pair.clock.advance(39_000);
    expect(bench.received().filter((line) => line === 'INVITE')).toHaveLength(2);
    bench.pair.clock.advance(12_000);
    expect(bench.peer.last('INVITE')).toContain(OFFER);
  });

  it('the application’s re-INVITE that meets our refresh is told 491', () => {
    established('90');
    bench.pair.clock.advance(50_100);
    bench.sendWithin('INVITE', { body: OFFER });
    expect(bench.heard()).toEqual(['200', '491']);
  });

  it('nothing is left of a session when its call ends', () => {
    established('90');
    bench.sendWithin('BYE');
    bench.answer('BYE', 200);
    bench.pair.clock.advance(32_000);
    expect(bench.station.pendingTimers()).toBe(0);
  });
});
