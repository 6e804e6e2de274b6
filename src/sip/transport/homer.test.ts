import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { HEP_OCTETS_MAX } from './hep3.ts';
import { type Homer, openHomer } from './homer.ts';

const LOCAL = { address: '127.0.0.21', port: 5060 };
const LISTED = { address: '127.0.0.31', port: 5060 };
const STRANGER = { address: '192.0.2.66', port: 5060 };
const INVITE = Buffer.from('INVITE sip:x SIP/2.0\r\nCall-ID: a\r\n\r\n');
const OK = Buffer.from('SIP/2.0 200 OK\r\nCall-ID: a\r\n\r\n');

let server: Socket;
let homer: Homer;
let copies: Buffer[];

beforeEach(async () => {
  copies = [];
  server = createSocket('udp4');
  server.on('message', (datagram) => copies.push(datagram));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  homer = openHomer(
    { address: '127.0.0.1', port: server.address().port, id: 1, password: null },
    (address) => address === LISTED.address,
  );
});
afterEach(() => server.close());

/** Generous: what is waited for comes at once, unless the machine has no time for it. */
async function until(isTrue: () => boolean): Promise<void> {
  const giveUpAtMs = systemClock.monotonicMs() + 20_000;
  while (!isTrue() && systemClock.monotonicMs() < giveUpAtMs) await new Promise((resolve) => setImmediate(resolve));
}

describe('the copies for a Homer server', () => {
  it('are of what listed sources send, of what we send, and of every answer, but not of a stranger’s request', async () => {
    const now = systemClock.now();
    homer.observe('in', INVITE, LOCAL, STRANGER, 'udp', now);
    homer.observe('in', INVITE, LOCAL, LISTED, 'udp', now);
    homer.observe('out', INVITE, LOCAL, STRANGER, 'tcp', now);
    homer.observe('in', OK, LOCAL, STRANGER, 'tls', now);
    await until(() => copies.length === 3 && homer.counts().captured === 3);
    expect(homer.counts()).toEqual({ captured: 3, captureLost: 0 });
    const startLines = copies.map((copy) => copy.toString('latin1').match(/(INVITE|SIP\/2\.0 200)/)?.[0]).sort();
    expect(startLines).toEqual(['INVITE', 'INVITE', 'SIP/2.0 200']);
  });

  it('that no datagram holds are lost and counted', () => {
    homer.observe('out', Buffer.alloc(HEP_OCTETS_MAX, 'x'), LOCAL, LISTED, 'tcp', systemClock.now());
    expect(homer.counts()).toEqual({ captured: 0, captureLost: 1 });
  });
});
