import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { newCounters } from '../counters.ts';
import { corePair } from '../testing/core-pair.ts';
import { field, rawPeer } from '../testing/raw-peer.ts';
import { createIngress } from './ingress.ts';

const OPTIONS = [
  'OPTIONS sip:us@10.0.0.2 SIP/2.0',
  'Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1',
  'From: <sip:peer@10.0.0.9>;tag=peer',
  'To: <sip:us@10.0.0.2>',
  'Call-ID: call-1',
  'CSeq: 1 OPTIONS',
];

const without = (name: string) => OPTIONS.filter((line) => !line.startsWith(name));

describe('RFC 3261 §8.2 and §18.1.2 what comes in', () => {
  it.each([
    ['without Max-Forwards and Content-Length', OPTIONS, '', 'heard'],
    ['with a CSeq of another method', [...without('CSeq'), 'CSeq: 1 INVITE'], '', '400'],
    ['with a CSeq over 2^31', [...without('CSeq'), 'CSeq: 2147483648 OPTIONS'], '', '400'],
    ['with a bar in the Call-ID', [...without('Call-ID'), 'Call-ID: a|b'], '', '400'],
    ['with a body shorter than promised', [...OPTIONS, 'Content-Length: 10'], 'short', '400'],
    ['of a later SIP', ['OPTIONS sip:us@10.0.0.2 SIP/3.0', ...OPTIONS.slice(1)], '', '505'],
    ['without Via', without('Via'), '', 'nothing'],
    ['without CSeq', without('CSeq'), '', 'nothing'],
    ['without From', without('From'), '', '400'],
    ['without Call-ID', without('Call-ID'), '', '400'],
  ])('a request %s', (_name, lines, body, expected) => {
    const pair = corePair();
    const peer = rawPeer(pair, '10.0.0.9');
    peer.send('10.0.0.2:5060', lines, body);
    pair.clock.advance(3);
    const answer = /^SIP\/2\.0 (\d+)/.exec(peer.received[0]?.text ?? '')?.[1];
    expect(pair.b.heard.length === 1 ? 'heard' : (answer ?? 'nothing')).toBe(expected);
    expect(pair.b.counters.malformed).toBe(expected === 'heard' ? 0 : 1);
    if (answer !== undefined) expect(field(peer.received[0]?.text ?? '', 'To')).toMatch(/;tag=/);
  });

  it('ignores keep-alives and counts them', () => {
    const pair = corePair();
    for (const octets of ['', '\r\n\r\n', '\0', '\r\n'])
      pair.network.send('10.0.0.9:5060', '10.0.0.2:5060', Buffer.from(octets));
    pair.clock.advance(3);
    expect(pair.b.counters).toMatchObject({ keepAlives: 4, malformed: 0 });
  });

  it.each([
    ['silent', []],
    ['forbidden', ['403 OPTIONS']],
  ] as const)('meets requests from an unlisted source: %s', (unlistedSource, expected) => {
    const pair = corePair();
    const peer = rawPeer(pair, '10.0.0.9');
    const counters = newCounters();
    const { layer } = pair.b.core;
    const ingress = createIngress({
      layer,
      counters,
      newToken: () => 'tag',
      isAllowed: () => false,
      unlistedSource,
      onContained: (thrown) => {
        throw thrown;
      },
    });
    ingress(Buffer.from(`${OPTIONS.join('\r\n')}\r\n\r\n`), { protocol: 'udp', address: '10.0.0.9', port: 5060 });
    ingress(Buffer.from('garbage'), { protocol: 'udp', address: '10.0.0.9', port: 5060 });
    pair.clock.advance(3);
    expect(peer.timeline().map((line) => line.slice(2))).toEqual(expected);
    expect(pair.b.heard).toEqual([]);
    expect(counters.unlistedSource).toBe(2);
  });

  it('lets a stranger answer a request of ours, told by its branch, and nothing else', () => {
    const pair = corePair();
    const { core, app, counters } = pair.a;
    const stranger = { protocol: 'udp', address: '10.9.9.9', port: 5060 } as const;
    const ingress = createIngress({
      layer: core.layer,
      counters,
      newToken: () => 'tag',
      isAllowed: () => false,
      unlistedSource: 'forbidden',
      onContained: (thrown) => {
        throw thrown;
      },
    });
    const sent = core.client.request(
      app,
      { kind: 'request', method: 'INVITE', uri: 'sip:x@10.0.0.9', headers: [], body: '' },
      '',
    );
    if (!sent.ok) throw new Error(sent.reason);
    const branch = /branch=(\w+)/.exec(sent.text)?.[1] as string;
    const answer = (ofBranch: string) =>
      [
        'SIP/2.0 200 OK',
        `Via: SIP/2.0/UDP 10.0.0.1:5060;rport=5060;branch=${ofBranch}`,
        ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(sent.text, name)}`),
        'To: <sip:x@10.0.0.9>;tag=them',
        'Contact: <sip:x@10.0.0.9>',
        '',
        '',
      ].join('\r\n');
    const before = pair.network.sent.length;
    for (const guess of ['z9hG4bK', 'z9hG4bKguess', `${branch}x`, branch.slice(0, -1)]) {
      ingress(Buffer.from(answer(guess)), stranger);
    }
    ingress(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), stranger);
    expect(pair.a.heard).toEqual([]);
    expect(counters).toMatchObject({ unlistedSource: 5, strayAnswers: 0, unmatchedResponses: 0, malformed: 0 });
    expect(pair.network.sent).toHaveLength(before);
    ingress(Buffer.from(answer(branch)), stranger);
    expect(pair.a.heard).toMatchObject([{ kind: 'response', message: { status: 200 } }]);
  });

  it('refuses new requests over the limit of transactions, with 503 and Retry-After', () => {
    const pair = corePair();
    const peer = rawPeer(pair, '10.0.0.9');
    const text = `${OPTIONS.join('\r\n')}\r\n\r\n`;
    for (let index = 0; index < 10_001; index++) {
      const octets = Buffer.from(text.replace('z9hG4bK1', `z9hG4bK${index}`).replace('CSeq: 1 ', `CSeq: ${index} `));
      pair.b.core.receive(octets, { protocol: 'udp', address: '10.0.0.9', port: 5060 });
    }
    pair.clock.advance(3);
    expect(pair.b.heard).toHaveLength(10_000);
    expect(peer.timeline()).toEqual(['1 503 OPTIONS']);
    expect(pair.b.counters.transactionLimit).toBe(1);
  });
});

describe('mutated messages', () => {
  it('never throw, leak or stop the engine', () => {
    const random = seededRandom(4475);
    const pair = corePair();
    rawPeer(pair, '10.0.0.9');
    const pick = (limit: number) => Math.floor(random() * limit);
    const sdp = 'v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\n';
    const seeds = ['INVITE', 'BYE', 'CANCEL', 'ACK', 'UPDATE', 'OPTIONS'].map((method) =>
      [
        ...OPTIONS.map((line) => line.replaceAll('OPTIONS', method)),
        'Contact: "P, eer" <sip:peer@10.0.0.9;x=y>',
        'Record-Route: <sip:10.0.0.8;lr>',
        'Supported: 100rel, timer',
        `Content-Length: ${sdp.length}`,
        '',
        sdp,
      ].join('\r\n'),
    );
    seeds.push(
      [
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKb01',
        ...OPTIONS.slice(2, -1),
        'CSeq: 1 INVITE',
        'Contact: <sip:a@10.0.0.9>',
        '',
        '',
      ].join('\r\n'),
    );
    pair.b.on = (heard) => {
      if (heard.kind === 'request' && heard.message.method !== 'ACK' && heard.message.method !== 'CANCEL') {
        const status = random() < 0.5 ? 200 : 486;
        pair.b.core.server.respond(heard.transactionId, {
          kind: 'response',
          status,
          reason: '',
          headers: [],
          body: '',
        });
      }
    };
    for (let round = 0; round < 6_000; round++) {
      const seed = (seeds[pick(seeds.length)] as string)
        .replace('bK1', `bK${pick(300)}`)
        .replace('call-1', `call-${pick(300)}`);
      const octets = Buffer.from(seed, 'latin1');
      const parts: Buffer[] = [];
      let at = 0;
      for (let cut = pick(4); cut >= 0; cut--) {
        const next = Math.min(octets.length, at + pick(octets.length));
        parts.push(octets.subarray(at, next));
        const mutation = pick(6);
        if (mutation === 0)
          parts.push(Buffer.from(['\r\n', '"', '<', '>', ';', ',', ':', '@', '|', '\0', '[', '%'][pick(12)] as string));
        else if (mutation === 1) parts.push(octets.subarray(pick(octets.length)));
        else if (mutation === 2) parts.push(Buffer.from([pick(256), pick(256)]));
        at = mutation === 3 ? Math.min(octets.length, next + pick(20)) : next;
      }
      parts.push(octets.subarray(at));
      pair.b.core.receive(Buffer.concat(parts), { protocol: 'udp', address: '10.0.0.9', port: 5060 });
      if (round % 50 === 0) pair.clock.advance(300);
    }
    pair.clock.advance(400_000);
    expect(pair.b.contained).toEqual([]);
    expect(pair.b.counters.malformed).toBeGreaterThan(1_000);
    expect(pair.b.heard.length).toBeGreaterThan(500);
    expect([pair.b.core.layer.size(), pair.b.core.dialogs.size(), pair.b.pendingTimers()]).toEqual([0, 0, 0]);
  });
});
