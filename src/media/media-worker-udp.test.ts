import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { addMs, elapsedMs, type MonotonicMs, systemClock } from '../base/clock.ts';
import { nodeUdp } from './media-worker-dgram.ts';
import { nativeUdp } from './media-worker-native.ts';
import type { Udp, UdpSocket } from './media-worker-udp.ts';

const native = nativeUdp();
const ways: readonly Udp[] = [nodeUdp(new Int32Array(new SharedArrayBuffer(4))), ...(native.ok ? [native.value] : [])];

type Heard = { readonly octets: Buffer; readonly address: string; readonly port: number };

describe.each(ways.map((udp) => [udp.name, udp] as const))('UDP by %s sockets', (_, udp) => {
  const opened: UdpSocket[] = [];
  let peers: Socket[] = [];

  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close();
    for (const peer of peers) peer.close();
    peers = [];
  });
  afterAll(() => udp.stop());

  async function peer(address = '127.0.0.1'): Promise<{ socket: Socket; port: number }> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    peers.push(socket);
    return { socket, port: socket.address().port };
  }

  /** A socket of the kind under test, what it hears and does with it, and a way to wait for it. */
  async function bound(address: string, port: number, then: (packet: Buffer) => void = () => {}) {
    const heard: Heard[] = [];
    const errors: Error[] = [];
    let wake = () => {};
    const result = await udp.open(
      address,
      port,
      (packet, from, fromPort) => {
        heard.push({ octets: Buffer.from(packet), address: from, port: fromPort });
        then(packet);
        wake();
      },
      (error) => {
        errors.push(error);
        wake();
      },
    );
    if (!result.ok) throw result.problem;
    opened.push(result.value);
    const until = async (wanted: () => boolean) => {
      while (!wanted()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    };
    return { socket: result.value, heard, errors, until };
  }

  it.each(['127.0.0.1', '::1'])('hears and is heard on %s, with address and port', async (address) => {
    const other = await peer(address);
    const ours = await bound(address, 11_990);
    other.socket.send(Buffer.from('to you'), 11_990, address);
    await ours.until(() => ours.heard.length === 1);
    expect(ours.heard).toEqual([{ octets: Buffer.from('to you'), address, port: other.port }]);
    const heard = once(other.socket, 'message');
    ours.socket.send(Buffer.from('and to you'), other.port, address);
    const [octets, from] = await heard;
    expect([octets.toString(), from.address, from.port]).toEqual(['and to you', address, 11_990]);
  });

  it('tells each datagram with its own source, in order, when several peers send to several sockets', async () => {
    const [one, two] = [await peer(), await peer('127.0.0.2')];
    const sockets = await Promise.all([11_980, 11_982, 11_984].map((port) => bound('127.0.0.1', port)));
    for (let n = 0; n < 20; n += 1) {
      for (const port of [11_980, 11_982, 11_984]) {
        one.socket.send(Buffer.from([n]), port, '127.0.0.1');
        two.socket.send(Buffer.from([n, n]), port, '127.0.0.1');
      }
    }
    for (const { heard, until } of sockets) {
      await until(() => heard.length === 40);
      const of = (address: string) => heard.filter((each) => each.address === address);
      expect(of('127.0.0.1').map(({ octets }) => [...octets])).toEqual(Array.from({ length: 20 }, (_, n) => [n]));
      expect(of('127.0.0.2').map(({ octets }) => [...octets])).toEqual(Array.from({ length: 20 }, (_, n) => [n, n]));
      expect(new Set(of('127.0.0.2').map(({ port }) => port))).toEqual(new Set([two.port]));
    }
  });

  it('tells all datagrams of a long burst, each with its source, and rings meanwhile', async () => {
    const [other, third] = [await peer(), await peer('127.0.0.3')];
    const ports = [11_954, 11_952, 11_950, 11_948];
    const sockets = await Promise.all(ports.map((port) => bound('127.0.0.1', port)));
    const rang = Promise.withResolvers<void>();
    const alarm = udp.alarm(rang.resolve);
    // So many a second that the add-on no longer wakes for each.
    for (let n = 0; n < 100; n += 1) {
      for (const port of ports) other.socket.send(Buffer.from([n]), port, '127.0.0.1');
      if (n === 50) alarm.set(addMs(systemClock.monotonicMs(), 1), true);
      await Promise.all(sockets.map(({ heard, until }) => until(() => heard.length === n + 1)));
    }
    await rang.promise;
    for (const { heard } of sockets) {
      expect(heard.map(({ octets }) => octets[0])).toEqual(Array.from({ length: 100 }, (_, n) => n));
    }
    for (let n = 0; n < 20; n += 1) {
      for (const { socket } of [other, third]) socket.send(Buffer.from([n]), 11_954, '127.0.0.1');
    }
    const last = sockets[0];
    await last?.until(() => last.heard.length === 140);
    expect(last?.heard.slice(100).filter(({ address }) => address === '127.0.0.3')).toHaveLength(20);
    expect(last?.heard.slice(100).filter(({ port }) => port === third.port)).toHaveLength(20);
  });

  it('sends each packet where it is told to, one after the other', async () => {
    const [one, two] = [await peer(), await peer('127.0.0.2')];
    const ours = await bound('127.0.0.1', 11_978);
    const heardBy = (socket: Socket) => once(socket, 'message').then(([octets]) => octets.toString());
    const heard = Promise.all([heardBy(one.socket), heardBy(two.socket)]);
    ours.socket.send(Buffer.from('one'), one.port, '127.0.0.1');
    ours.socket.send(Buffer.from('two'), two.port, '127.0.0.2');
    expect(await heard).toEqual(['one', 'two']);
  });

  it('has sent what it was given before it returns: the octets may be used again', async () => {
    const other = await peer();
    const ours = await bound('127.0.0.1', 11_976);
    const packet = Buffer.from([1]);
    const heard: number[] = [];
    const all = new Promise<void>((resolve) =>
      other.socket.on('message', (octets) => {
        heard.push(octets[0] ?? -1);
        if (heard.length === 3) resolve();
      }),
    );
    for (const octet of [1, 2, 3]) {
      packet[0] = octet;
      ours.socket.send(packet, other.port, '127.0.0.1');
    }
    packet[0] = 9;
    await all;
    expect(heard).toEqual([1, 2, 3]);
  });

  it('sends on what it is told while it is told, in order with its own, to each target, and when it closes after it', async () => {
    const [source, one, two] = [await peer(), await peer(), await peer('127.0.0.2')];
    const heardBy: string[] = [];
    const all = Promise.withResolvers<void>();
    const listen = (socket: Socket, name: string) =>
      socket.on('message', (octets) => {
        heardBy.push(`${name} ${octets}`);
        if (heardBy.length === 8) all.resolve();
      });
    listen(one.socket, 'one');
    listen(two.socket, 'two');
    const out = await bound('127.0.0.1', 11_964);
    const into = await bound('127.0.0.1', 11_962, (packet) => {
      const text = packet.toString();
      out.socket.send(packet, one.port, '127.0.0.1');
      if (text === 'b') out.socket.send(Buffer.from('own'), one.port, '127.0.0.1');
      if (text === 'c') out.socket.send(packet, one.port, '127.0.0.1');
      if (text === 'd') out.socket.send(packet, two.port, '127.0.0.2');
      if (text === 'e') out.socket.close();
    });
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) source.socket.send(text, 11_962, '127.0.0.1');
    await all.promise;
    await into.until(() => into.heard.length === 6);
    expect(heardBy.filter((each) => each.startsWith('one'))).toEqual(
      ['a', 'b', 'own', 'c', 'c', 'd', 'e'].map((each) => `one ${each}`),
    );
    expect(heardBy.filter((each) => each.startsWith('two'))).toEqual(['two d']);
  });

  it('tells the owner of the sending socket what could not be sent on, and goes on', async () => {
    const [source, other] = [await peer(), await peer()];
    const out = await bound('127.0.0.1', 11_960);
    const fine = await bound('127.0.0.1', 11_958);
    const into = await bound('127.0.0.1', 11_956, (packet) => {
      // The loopback's broadcast address, to which nobody sends without having asked to.
      if (packet[0] === 1) out.socket.send(packet, 9, '127.255.255.255');
      else fine.socket.send(packet, other.port, '127.0.0.1');
    });
    const heard = once(other.socket, 'message');
    source.socket.send(Buffer.from([1]), 11_956, '127.0.0.1');
    source.socket.send(Buffer.from([2]), 11_956, '127.0.0.1');
    const [octets] = await heard;
    expect([...octets]).toEqual([2]);
    await out.until(() => out.errors.length === 1);
    expect(out.errors).toMatchObject([{ code: 'EACCES' }]);
    expect([into.errors, fine.errors]).toEqual([[], []]);
  });

  it('lets what follows evenly pass to the other socket untold, if it can, and tells all else', async () => {
    const [source, other] = [await peer(), await peer()];
    const out = await bound('127.0.0.1', 11_946);
    const headers = Buffer.alloc(24, 0x80);
    let passed = 0;
    const into = await bound('127.0.0.1', 11_944, (packet) => {
      passed += way?.read(true).packets ?? 0;
      packet.copy(headers, 0, 0, 12);
      packet[1] = 96;
      packet.copy(headers, 12, 0, 12);
      out.socket.send(packet, other.port, '127.0.0.1');
      const at = udp.now();
      way?.open({ headers, octets: 20, ticks: 160, clockRateHz: 8000, at, jitter: 0 });
    });
    const way = into.socket.bypassTo(out.socket);
    expect(way === null).toBe(udp.name === 'node');
    const left: Buffer[] = [];
    const all = Promise.withResolvers<void>();
    other.socket.on('message', (octets) => {
      left.push(octets);
      if (left.length === 40) all.resolve();
    });
    for (let n = 0; n < 40; n += 1) {
      // The twentieth is marked.
      const packet = Buffer.alloc(20, n);
      packet.writeUInt16BE(n === 20 ? 0x8088 : 0x8008, 0);
      packet.writeUInt16BE((65_520 + n) & 0xffff, 2);
      packet.writeUInt32BE((2 ** 32 - 1600 + 160 * n) % 2 ** 32, 4);
      packet.writeUInt32BE(7, 8);
      source.socket.send(packet, 11_944, '127.0.0.1');
      await vi.waitFor(() => expect(left).toHaveLength(n + 1), { interval: 1 });
    }
    await all.promise;
    expect(left.map((octets) => octets.readUInt16BE(2))).toEqual(
      Array.from({ length: 40 }, (_, n) => (65_520 + n) & 0xffff),
    );
    expect(left.map((octets) => octets.readUInt32BE(4))).toEqual(
      Array.from({ length: 40 }, (_, n) => (2 ** 32 - 1600 + 160 * n) % 2 ** 32),
    );
    expect(new Set(left.map((octets) => octets[1]))).toEqual(new Set([96]));
    expect(left.map((octets) => octets[19])).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(into.heard).toHaveLength(way === null ? 40 : 3);
    // The first, the marked one, and the one after it, since that is not marked.
    expect(passed + (way?.read(true).packets ?? 0)).toBe(way === null ? 0 : 37);
  });

  it('says that a port is taken, and frees one by closing', async () => {
    const first = await bound('127.0.0.1', 11_974);
    const second = await udp.open(
      '127.0.0.1',
      11_974,
      () => {},
      () => {},
    );
    expect(second).toMatchObject({ ok: false, problem: { code: 'EADDRINUSE' } });
    first.socket.close();
    first.socket.close();
    const third = await bound('127.0.0.1', 11_974);
    expect(third.socket).toBeDefined();
  });

  it('says that an address is not of this machine', async () => {
    const result = await udp.open(
      '192.0.2.1',
      11_972,
      () => {},
      () => {},
    );
    expect(result).toMatchObject({ ok: false, problem: { code: 'EADDRNOTAVAIL' } });
  });

  it('hears nothing once closed, not even what was there before, and sends nothing', async () => {
    const other = await peer();
    const [closed, open] = [await bound('127.0.0.1', 11_970), await bound('127.0.0.1', 11_968)];
    const sent = (port: number) =>
      new Promise<void>((resolve) => other.socket.send(Buffer.from('x'), port, '127.0.0.1', () => resolve()));
    await sent(11_970);
    closed.socket.close();
    closed.socket.send(Buffer.from('x'), other.port, '127.0.0.1');
    await sent(11_968);
    await open.until(() => open.heard.length === 1);
    expect(closed.heard).toEqual([]);
  });

  it('tells an error of a send on a later turn, to whoever asked or else to the owner', async () => {
    const ours = await bound('127.0.0.1', 11_966);
    const tooLong = Buffer.alloc(65_536);
    let told: Error | null | undefined;
    const asked = new Promise<void>((resolve) => {
      ours.socket.send(tooLong, 9, '127.0.0.1', (error) => {
        told = error;
        resolve();
      });
    });
    expect(told).toBeUndefined();
    await asked;
    expect(told).toMatchObject({ code: 'EMSGSIZE' });
    ours.socket.send(tooLong, 9, '127.0.0.1');
    expect(ours.errors).toEqual([]);
    await ours.until(() => ours.errors.length === 1);
    expect(ours.errors).toMatchObject([{ code: 'EMSGSIZE' }]);
    const done = await new Promise((resolve) => ours.socket.send(Buffer.from('x'), 9, '127.0.0.1', resolve));
    expect(done).toBeNull();
  });

  it('rings at the moment that was set last, not before and not twice', async () => {
    const rang: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const alarm = udp.alarm(() => {
      rang.push(systemClock.monotonicMs());
      if (rang.length === 2) resolve();
      if (rang.length === 1) alarm.set(addMs(systemClock.monotonicMs(), 3), true);
    });
    const at = addMs(systemClock.monotonicMs(), 12.4);
    alarm.set(addMs(systemClock.monotonicMs(), 4), true);
    alarm.set(null, true);
    alarm.set(at, true);
    await promise;
    expect(rang[0]).toBeGreaterThanOrEqual(at);
    expect(elapsedMs(rang[0] as MonotonicMs, rang[1] as MonotonicMs)).toBeGreaterThanOrEqual(3);
    alarm.set(addMs(systemClock.monotonicMs(), -5), true);
    await vi.waitFor(() => expect(rang).toHaveLength(3));
  });
});
