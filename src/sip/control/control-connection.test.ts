import { beforeEach, describe, expect, it } from 'vitest';
import type { Application } from '../dialog/application.ts';
import { type CorePair, corePair } from '../testing/core-pair.ts';
import { field, type RawPeer, rawPeer } from '../testing/raw-peer.ts';
import { createFaces } from '../transport/listener-choice.ts';
import { type ControlConnection, createControlConnection } from './control-connection.ts';
import { createRoutingTable } from './routing-table.ts';

let pair: CorePair;
let peer: RawPeer;
let connection: ControlConnection;
let written: string[];
let hasEnded: boolean;

const LOCAL = { protocol: 'udp', address: '10.0.0.1', port: 5060, host: '10.0.0.1' } as const;

beforeEach(() => {
  pair = corePair();
  peer = rawPeer(pair, '10.0.0.9');
  written = [];
  hasEnded = false;
  const routes = createRoutingTable<Application>();
  const { core } = pair.a;
  // The station's own application is replaced by whoever routes methods on this connection.
  pair.a.core.onAppGone(pair.a.app, 0);
  connection = createControlConnection(
    {
      routes,
      client: core.client,
      server: core.server,
      newId: () => 'id',
      time: () => '16:30:01.123456',
      isSecret: (secret) => secret === 'cymru',
      faces: createFaces([LOCAL]),
    },
    { write: (message) => void written.push(message), end: () => (hasEnded = true) },
  );
});

const authenticate = () => connection.receive('m0|authenticate|cymru|');
const leader = (index: number) => written.at(index)?.split('\r\n')[0];
const payload = (index: number) => written.at(index)?.split('\r\n').slice(1).join('\r\n') ?? '';

describe('the control protocol §1.4, server to client', () => {
  it('lets nobody in without the secret', () => {
    connection.receive('m1|ping');
    expect(written).toEqual(['id|response|m1|NO|not authenticated']);
    expect(hasEnded).toBe(true);
    connection.receive('m2|authenticate|wrong|');
    expect(written[1]).toBe('id|response|m2|NO|incorrect secret');
  });

  it('answers authenticate, route, remove_route, ping, proxy and what it does not know', () => {
    authenticate();
    connection.receive('m1|route|invite');
    connection.receive('m2|route|invite');
    connection.receive('m3|remove_route|invite');
    connection.receive('m4|ping');
    connection.receive('m5|proxy|txn||||serial|||sip:a@b\r\nINVITE sip:a@b SIP/2.0\r\n\r\n');
    expect(written).toEqual([
      'id|response|m0|OK|udp/10.0.0.1:5060|v0.9.10|udp/10.0.0.1:5060',
      'id|response|m1|OK',
      'id|response|m2|OK',
      'id|response|m3|OK',
      'id|response|m4|OK|pong',
      'id|response|m5|NOK|proxy not supported by embedded engine',
    ]);
    connection.receive('m6|logout');
    expect(written.at(-1)).toBe('id|response|m6|NO|Unknown message type');
    expect(hasEnded).toBe(true);
  });

  it('echoes a request with 13 fields and the message as on the wire', () => {
    authenticate();
    connection.receive(
      'm1|sip||\r\nINVITE sip:bob@10.0.0.9 SIP/2.0\r\nX-Foo: bar\r\nfrom: "Al" <sip:1001@localhost>\r\nContent-Length: 1\r\n\r\nv=0\u00c3\u00a9',
    );
    pair.clock.advance(2);
    const wire = peer.last('INVITE');
    expect(payload(-1)).toBe(wire);
    expect(leader(-1)?.split('|')).toEqual([
      'id',
      'response',
      'm1',
      'OK',
      'application',
      String(wire.length),
      'udp',
      '10.0.0.1',
      '5060',
      '16:30:01.123456',
      expect.stringMatching(/^a0/),
      'Msg sent:',
      '',
    ]);
    expect(wire).toContain('X-Foo: bar\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\u00c3\u00a9');
  });

  it('hands on responses with 11 fields, the source as it was, and the dialog id already on 1xx', () => {
    authenticate();
    connection.receive(
      'm1|sip||\r\nINVITE sip:bob@10.0.0.9 SIP/2.0\r\nCall-ID: callB\r\nFrom: <sip:me@x>;tag=btag\r\n\r\n',
    );
    pair.clock.advance(2);
    const transactionId = leader(-1)?.split('|')[10] ?? '';
    const invite = peer.last('INVITE');
    const lines = [
      'SIP/2.0 180 Ringing',
      `Via: ${field(invite, 'Via')}`,
      `From: ${field(invite, 'From')}`,
      "To: O'Neil, Bob <sip:bob@10.0.0.9>;tag=t",
      'Call-ID: callB',
      `CSeq: ${field(invite, 'CSeq')}`,
      'Require: 100rel',
      'RSeq: 1',
      'Contact: <sip:bob@10.0.0.9>',
    ];
    peer.send('10.0.0.1:5060', lines);
    pair.clock.advance(2);
    expect(leader(-1)).toBe(
      `id|sip|network|${payload(-1).length}|udp|10.0.0.9|5060|16:30:01.123456|${transactionId}|callB;from-tag=btag|`,
    );
    // What drachtio-srf would stumble over is not there (see shown-message.ts).
    expect(payload(-1)).toContain('\r\nTo: "O\'Neil, Bob" <sip:bob@10.0.0.9>;tag=t\r\n');
    expect(payload(-1)).toContain('\r\nRequire: 100rel\r\nRSeq: 1\r\n');
    connection.receive(`m2|sip|${transactionId}|\r\nCANCEL sip:bob@10.0.0.9 SIP/2.0\r\n\r\n`);
    expect(leader(-1)).toMatch(
      /^id\|response\|m2\|OK\|application\|\d+\|udp\|10\.0\.0\.1\|5060\|16:30:01\.123456\|\w+\|Msg sent:\|$/,
    );
    expect(payload(-1)).toMatch(/^CANCEL /);
  });

  it('tells what the engine made up itself with no source', () => {
    authenticate();
    connection.receive('m1|sip||\r\nOPTIONS sip:bob@10.0.0.66 SIP/2.0\r\n\r\n');
    const transactionId = leader(-1)?.split('|')[10];
    pair.clock.advance(32_000);
    expect(leader(-1)).toBe(`id|sip|network|0|udp||0|16:30:01.123456|${transactionId}||`);
    expect(payload(-1)).toMatch(/^SIP\/2\.0 408 Request Timeout\r\n/);
  });

  it('says NOK and why', () => {
    authenticate();
    const reply = (message: string) => {
      connection.receive(message);
      return written.at(-1);
    };
    expect(reply('m1|sip|nothing|\r\nSIP/2.0 200 OK\r\n\r\n')).toBe(
      'id|response|m1|NOK|Response not sent due to unknown transaction',
    );
    expect(reply('m2|sip||nothing\r\nBYE sip:placeholder SIP/2.0\r\n\r\n')).toBe(
      'id|response|m2|NOK|Server error: unable to find dialog for dialog id provided',
    );
    expect(reply('m3|sip||nothing\r\nACK sip:placeholder SIP/2.0\r\n\r\n')).toBe(
      'id|response|m3|NOK|Server error: ACK for non-success final response is automatically generated by server',
    );
    expect(reply('m4|sip|nothing|\r\nCANCEL sip:a@b SIP/2.0\r\n\r\n')).toBe(
      'id|response|m4|NOK|unable to cancel unknown transaction id: nothing',
    );
    expect(reply('m5|sip||\r\nFOO sip:a@b SIP/2.0\r\n\r\n')).toBe(
      'id|response|m5|NOK|invalid request-uri: FOO sip:a@b SIP/2.0',
    );
    expect(reply('m6|sip||\r\nINVITE sip:a b@c SIP/2.0\r\n\r\n')).toBe(
      'id|response|m6|NOK|invalid request-uri: INVITE sip:a b@c SIP/2.0',
    );
    expect(reply('m7|sip||\r\nINVITE sip:a@10.0.0.9 SIP/2.0\r\nFrom: garbage\r\n\r\n')).toBe(
      'id|response|m7|NOK|Error creating leg',
    );
    expect(hasEnded).toBe(false);
    expect(reply('m8|sip||\r\nSIP/2.0 200 OK\r\n\r\n')).toBe('id|response|m8|NO|transaction id missing');
  });

  it('delivers nothing after the socket is gone', () => {
    authenticate();
    connection.closed();
    expect(connection.app.isGone()).toBe(true);
    connection.receive('m1|ping');
    expect(written).toHaveLength(1);
  });
});
