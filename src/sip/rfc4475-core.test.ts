import { describe, expect, it } from 'vitest';
import { corePair } from './testing/core-pair.ts';
import { field, type RawPeer, rawPeer } from './testing/raw-peer.ts';
import { tortureMessage } from './testing/torture-message.ts';

type Seen = {
  /** Status and method of every response that came back, in order. */
  readonly answers: readonly string[];
  /** Methods and statuses that the application heard. */
  readonly heard: readonly string[];
  readonly malformed: number;
  readonly peer: RawPeer;
};

/** Sends one message to a whole core; without an application the engine answers what it can by itself. */
function send(name: string, hasApplication = true): Seen {
  const pair = corePair();
  pair.b.isGone = !hasApplication;
  const peer = rawPeer(pair, '192.0.2.1');
  pair.network.send(peer.place, pair.b.place, tortureMessage(name));
  pair.clock.advance(10);
  expect(pair.b.contained).toEqual([]);
  const heard = pair.b.heard.map((item) =>
    item.kind === 'request' ? item.message.method : item.kind === 'response' ? String(item.message.status) : item.kind,
  );
  return {
    answers: peer.timeline().map((line) => line.split(' ').slice(1).join(' ')),
    heard,
    malformed: pair.b.counters.malformed,
    peer,
  };
}

describe('RFC 4475 §3.1.1 valid messages, over the whole core', () => {
  it.each([
    ['§3.1.1.3 esc01', ['100 INVITE'], ['INVITE']],
    ['§3.1.1.4 escnull', [], ['REGISTER']],
    ['§3.1.1.6 lwsdisp', [], ['OPTIONS']],
    ['§3.1.1.7 longreq', ['100 INVITE'], ['INVITE']],
    ['§3.1.1.8 dblreq', [], ['REGISTER']],
    ['§3.1.1.9 semiuri', [], ['OPTIONS']],
    ['§3.1.1.10 transports', [], ['OPTIONS']],
    ['§3.1.1.11 mpart01', [], ['MESSAGE']],
  ])('RFC 4475 %s: reaches the application', (name, answers, heard) => {
    const seen = send(`rfc4475/${name.split(' ')[1]}`);
    expect(seen).toMatchObject({ heard, answers, malformed: 0 });
  });

  it('RFC 4475 §3.1.1.1 wsinv: belongs to no dialog of ours, since it has a To tag', () => {
    expect(send('rfc4475/wsinv')).toMatchObject({ answers: ['481 INVITE'], malformed: 0 });
  });

  it.each([
    ['§3.1.1.2 intmeth', "501 !interesting-Method0123456789_*+`.%indeed'~"],
    ['§3.1.1.5 esc02', '501 RE%47IST%45R'],
  ])('RFC 4475 %s: an unknown method, answered 501 with Allow', (name, answer) => {
    const { answers, peer } = send(`rfc4475/${name.split(' ')[1]}`);
    expect(answers).toEqual([answer]);
    expect(field(peer.last('SIP/2.0 501'), 'Allow')).toContain('INVITE');
  });

  it.each(['§3.1.1.12 unreason', '§3.1.1.13 noreason'])('RFC 4475 %s: a response to nothing, ignored', (name) => {
    expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ answers: [], heard: [], malformed: 0 });
  });
});

describe('RFC 4475 §3.1.2 invalid messages, over the whole core', () => {
  it.each([
    ['§3.1.2.1 badinv01', '400 INVITE'],
    ['§3.1.2.2 clerr', '400 INVITE'],
    ['§3.1.2.3 ncl', '400 INVITE'],
    ['§3.1.2.4 scalar02', '400 REGISTER'],
    ['§3.1.2.6 quotbal', '400 INVITE'],
    ['§3.1.2.7 ltgtruri', '400 INVITE'],
    ['§3.1.2.8 lwsruri', '400 INVITE'],
    ['§3.1.2.9 lwsstart', '400 INVITE'],
    ['§3.1.2.10 trws', '400 OPTIONS'],
    ['§3.1.2.11 escruri', '400 INVITE'],
    ['§3.1.2.14 badaspec', '400 OPTIONS'],
    ['§3.1.2.16 badvers', '505 OPTIONS'],
    ['§3.1.2.17 mismatch01', '400 INVITE'],
    ['§3.1.2.18 mismatch02', '400 INVITE'],
  ])('RFC 4475 %s: is answered %s and reaches nobody', (name, answer) => {
    const seen = send(`rfc4475/${name.split(' ')[1]}`);
    expect(seen).toMatchObject({ answers: [answer], heard: [], malformed: 1 });
    expect(field(seen.peer.last('SIP/2.0'), 'Via')).toMatch(/;received=192\.0\.2\.1\b/);
  });

  it.each(['§3.1.2.5 scalarlg', '§3.1.2.19 bigcode'])('RFC 4475 %s: a bad response is dropped', (name) => {
    expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ answers: [], heard: [], malformed: 1 });
  });

  // The RFC lets an element be lenient with these three, and nothing of them is lost on the way.
  it.each([
    ['§3.1.2.12 baddate', 'a Date in another zone, which nobody here reads', ['INVITE']],
    ['§3.1.2.13 regbadct', 'a Contact whose headers are not in brackets: the registrar\u2019s matter', ['REGISTER']],
    ['§3.1.2.15 baddn', 'an unquoted comma in a display name', ['OPTIONS']],
  ])('RFC 4475 %s: let pass, %s', (name, _what, heard) => {
    expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ heard, malformed: 0 });
  });
});

describe('RFC 4475 §3.2 transaction layer semantics', () => {
  it('RFC 4475 §3.2.1 badbranch: a branch that is the cookie alone tells no transactions apart', () => {
    const pair = corePair();
    const peer = rawPeer(pair, '192.0.2.1');
    const text = tortureMessage('rfc4475/badbranch').toString('latin1');
    const deliver = (octetText: string) => {
      pair.network.send(peer.place, pair.b.place, Buffer.from(octetText, 'latin1'));
      pair.clock.advance(5);
    };
    deliver(text);
    deliver(text);
    expect(pair.b.heard).toHaveLength(1);
    deliver(text.replace('CSeq: 8 ', 'CSeq: 9 '));
    expect(pair.b.heard).toHaveLength(2);
  });
});

describe('RFC 4475 §3.3 application layer semantics', () => {
  it('RFC 4475 §3.3.1 insuf: missing Call-ID, From and To are answered 400', () => {
    const seen = send('rfc4475/insuf');
    expect(seen).toMatchObject({ answers: ['400 INVITE'], heard: [], malformed: 1 });
    expect(seen.peer.last('SIP/2.0 400')).toMatch(/^SIP\/2\.0 400 Bad Request \(Call-ID/);
  });

  it.each(['§3.3.2 unkscm', '§3.3.3 novelsc'])('RFC 4475 %s: an unknown scheme in the request URI has 416', (name) => {
    expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ answers: ['416 OPTIONS'], heard: [] });
  });

  it('RFC 4475 §3.3.4 unksm2: unknown schemes in From and To are no concern of the request', () => {
    expect(send('rfc4475/unksm2')).toMatchObject({ heard: ['REGISTER'], malformed: 0 });
  });

  it('RFC 4475 §3.3.5 bext01: unknown extensions are named in the 420', () => {
    const { answers, peer } = send('rfc4475/bext01', false);
    expect(answers).toEqual(['420 OPTIONS']);
    expect(field(peer.last('SIP/2.0 420'), 'Unsupported')).toBe('nothingSupportsThis, nothingSupportsThisEither');
  });

  it('RFC 4475 §3.3.7 regaut01: an unknown authorization scheme is the registrar\u2019s to judge', () => {
    expect(send('rfc4475/regaut01')).toMatchObject({ heard: ['REGISTER'], malformed: 0 });
  });

  it.each([
    ['§3.3.8 multi01', '400 INVITE'],
    ['§3.3.9 mcl01', '400 OPTIONS'],
  ])('RFC 4475 %s: single headers twice are answered %s', (name, answer) => {
    expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ answers: [answer], heard: [], malformed: 1 });
  });

  it('RFC 4475 §3.3.10 bcast: a response with a broadcast Via is dropped, not sent on', () => {
    expect(send('rfc4475/bcast')).toMatchObject({ answers: [], heard: [], malformed: 1 });
  });

  it('RFC 4475 §3.3.11 zeromf: an OPTIONS without hops left has arrived, and is answered', () => {
    expect(send('rfc4475/zeromf', false)).toMatchObject({ answers: ['200 OPTIONS'], malformed: 0 });
  });

  it.each(['§3.3.12 cparam01', '§3.3.13 cparam02', '§3.3.14 regescrt'])(
    'RFC 4475 %s: a Contact parameter is the registrar\u2019s to read',
    (name) => {
      expect(send(`rfc4475/${name.split(' ')[1]}`)).toMatchObject({ heard: ['REGISTER'], malformed: 0 });
    },
  );
});

describe('RFC 4475 §3.4 backward compatibility', () => {
  it('RFC 4475 §3.4.1 inv2543: an INVITE of RFC 2543, without From tag and Contact, is answered 400', () => {
    expect(send('rfc4475/inv2543')).toMatchObject({ answers: ['400 INVITE'], heard: [] });
  });
});
