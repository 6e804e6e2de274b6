/**
 * The peers of a media bench, a process of their own that never reads what it is sent: `fork`ed by `startPeers`. What they
 * send leaves synchronously, each socket with a phase of its own, so nothing that is measured depends on their event loop.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../src/base/clock.ts';
import type { RtpAddress } from '../../src/call/remote-media.ts';

/** Where the peers are. */
export const PEER_ADDRESS = '127.0.0.31';

/** Octets of the RTP header, behind which a talking peer writes its number and the packet's. */
export const PAYLOAD_AT = 12;

/** Packets a second of one stream. */
export const PACKETS_A_SECOND = 50;

type PeerOrder =
  | { readonly type: 'bind'; readonly sockets: number }
  | { readonly type: 'talk'; readonly targets: readonly RtpAddress[]; readonly seconds: number }
  | { readonly type: 'sleep' };

/** Peers that run. */
export type Peers = {
  readonly ports: readonly number[];
  /** Socket n sends a packet to `targets[n]` every 20 ms. */
  talk(targets: readonly RtpAddress[], seconds: number): void;
  /** Only listens, and does not even do that. */
  sleep(): void;
  stop(): void;
};

/** Binds as many sockets. */
export async function startPeers(sockets: number): Promise<Peers> {
  const child: ChildProcess = fork(import.meta.filename, ['as-peers']);
  const order = (one: PeerOrder) => void child.send(one);
  order({ type: 'bind', sockets });
  const [ports]: readonly number[][] = await once(child, 'message');
  return {
    ports: ports ?? [],
    talk: (targets, seconds) => order({ type: 'talk', targets, seconds }),
    sleep: () => order({ type: 'sleep' }),
    stop: () => void child.kill('SIGKILL'),
  };
}

async function run(): Promise<void> {
  const sockets: Socket[] = [];
  const still = new Int32Array(new SharedArrayBuffer(4));
  process.on('message', async (order: PeerOrder) => {
    if (order.type === 'bind') {
      for (let n = 0; n < order.sockets; n += 1) sockets.push(await unreadSocket());
      process.send?.(sockets.map((socket) => socket.address().port));
      return;
    }
    // From here on the event loop is never entered again: nothing is read.
    if (order.type === 'talk') talk(sockets, order.targets, order.seconds, still);
    const parent = process.ppid;
    while (process.ppid === parent) Atomics.wait(still, 0, 0, 1000);
    process.exit(0);
  });
}

async function unreadSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (literal, _options, found) => found(null, literal, 4) });
  const bound = once(socket, 'listening');
  socket.bind({ address: PEER_ADDRESS, port: 0, exclusive: true });
  await bound;
  socket.setRecvBufferSize(1);
  return socket;
}

function talk(sockets: Socket[], targets: readonly RtpAddress[], seconds: number, still: Int32Array): void {
  const packet = Buffer.alloc(172, 0xd5);
  packet.writeUInt16BE(0x8008, 0);
  const startMs = systemClock.monotonicMs() + 20;
  const slots = targets.length;
  for (let frame = 0; frame < seconds * PACKETS_A_SECOND; frame += 1) {
    for (let slot = 0; slot < slots; slot += 1) {
      const waitMs = startMs + 20 * (frame + slot / slots) - systemClock.monotonicMs();
      if (waitMs > 0.3) Atomics.wait(still, 0, 0, waitMs);
      packet.writeUInt16BE(frame & 0xffff, 2);
      packet.writeUInt32BE(frame * 160, 4);
      packet.writeUInt32BE(slot + 1, 8);
      packet.writeUInt32BE(slot, PAYLOAD_AT);
      packet.writeUInt32BE(frame, PAYLOAD_AT + 4);
      const target = targets[slot];
      if (target !== undefined) sockets[slot]?.send(packet, target.port, target.address);
    }
  }
}

if (process.argv[2] === 'as-peers') await run();
