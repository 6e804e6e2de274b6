/** What this machine takes for the system calls that a call is made of, from a Node thread: without it no figure travels. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { loadavg } from 'node:os';
import { unreadSocket } from './unread-socket.ts';

/** CPU in µs of one of each. */
export type MachinePrice = {
  /** A datagram of 172 octets (G.711, 20 ms) handed to the kernel. */
  readonly udpSendUs: number;
  /** A write of 600 octets on a loopback connection, whose other end reads it in this process: what the control port costs. */
  readonly tcpWriteUs: number;
};

const UDP_SENDS = 50_000;
const TCP_WRITES = 20_000;
const ADDRESS = '127.0.0.1';

/** DESIGN §7 was measured where a send took this long. */
const DESIGN_SEND_US = 3.3;

/** Takes about a second. */
export async function machinePrice(): Promise<MachinePrice> {
  return { udpSendUs: await udpSendUs(), tcpWriteUs: await tcpWriteUs() };
}

/** One line for the head of a report. */
export function machineText({ udpSendUs: udp, tcpWriteUs: tcp }: MachinePrice): string {
  const load = loadavg()
    .map((each) => each.toFixed(2))
    .join(' ');
  const times = (udp / DESIGN_SEND_US).toFixed(1);
  return `machine: load ${load}; a bare UDP send ${udp.toFixed(1)} µs (${times} times that of DESIGN §7's machine), a TCP write and read ${tcp.toFixed(1)} µs`;
}

async function udpSendUs(): Promise<number> {
  const sink = await unreadSocket(ADDRESS);
  const socket = createSocket({ type: 'udp4', lookup: (literal, _options, found) => found(null, literal, 4) });
  const packet = Buffer.alloc(172);
  const before = process.cpuUsage();
  for (let n = 0; n < UDP_SENDS; n += 1) socket.send(packet, sink.port, ADDRESS);
  const us = cpuUs(before) / UDP_SENDS;
  socket.close();
  await sink.close();
  return us;
}

async function tcpWriteUs(): Promise<number> {
  const server = createServer((socket) => socket.resume());
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  const bound = server.address();
  const socket = connect(typeof bound === 'object' && bound !== null ? bound.port : 0, ADDRESS);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const frame = Buffer.alloc(600);
  const before = process.cpuUsage();
  for (let n = 0; n < TCP_WRITES; n += 1) await new Promise<void>((written) => socket.write(frame, () => written()));
  const us = cpuUs(before) / TCP_WRITES;
  socket.destroy();
  server.close();
  return us;
}

function cpuUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}
