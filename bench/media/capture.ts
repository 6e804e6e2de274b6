/** Packets as the kernel saw them: tcpdump on `lo`, which needs the right to capture. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PAYLOAD_AT, PEER_ADDRESS } from './peers.ts';

/** One RTP packet. */
export type Captured = {
  readonly atMs: number;
  readonly toPort: number;
  readonly toPeer: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  /** The first eight octets of the payload: who sent it, and which of its packets it is. */
  readonly slot: number;
  readonly frame: number;
};

/** What is captured: all of it, or every nth stream, by the word that tells streams apart. */
export type Sample = { readonly oneIn: 1 | 2 | 4 | 8; readonly by: 'ssrc' | 'slot' };

/** Offsets of those words in a UDP datagram, its own header included. */
const WORD_AT = { ssrc: 16, slot: 8 + PAYLOAD_AT } as const;

/** RTCP, which goes to the port above, where another peer has its RTP (the packet types of RFC 5761 §4). */
const RTCP = '(udp[9] >= 192 and udp[9] <= 223)';

/** What passes the peers' address while `work` goes on, and how many packets the capture itself lost. */
export async function captureDuring(
  sample: Sample,
  work: () => Promise<void>,
): Promise<{ readonly packets: readonly Captured[]; readonly missed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-bench-'));
  const file = join(folder, 'media.pcap');
  const sampled = sample.oneIn === 1 ? '' : ` and udp[${WORD_AT[sample.by]}:4] & ${sample.oneIn - 1} = 0`;
  const filter = `udp and host ${PEER_ADDRESS} and greater 62 and not ${RTCP}${sampled}`;
  const args = ['-i', 'lo', '-n', '-s', '64', '-B', '65536', '--time-stamp-precision=nano', '-w', file, filter];
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  tcpdump.stderr.on('data', (text) => {
    said += text;
  });
  while (!said.includes('listening on')) {
    if (tcpdump.exitCode !== null) throw new Error(`tcpdump cannot capture: ${said}`);
    await once(tcpdump.stderr, 'data');
  }
  await work();
  await sleep(300);
  tcpdump.kill('SIGINT');
  await once(tcpdump, 'exit');
  const missed = Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? 0);
  const packets = readCapture(readFileSync(file));
  rmSync(folder, { recursive: true });
  return { packets, missed };
}

function readCapture(file: Buffer): Captured[] {
  const packets: Captured[] = [];
  const last = PEER_ADDRESS.split('.').map(Number).at(-1);
  for (let at = 24; at + 16 <= file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const udp = at + 16 + 14 + 20;
    const rtp = udp + 8;
    packets.push({
      atMs: file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6,
      toPeer: file[at + 16 + 14 + 19] === last,
      toPort: file.readUInt16BE(udp + 2),
      sequence: file.readUInt16BE(rtp + 2),
      timestamp: file.readUInt32BE(rtp + 4),
      slot: file.readUInt32BE(rtp + PAYLOAD_AT),
      frame: file.readUInt32BE(rtp + PAYLOAD_AT + 4),
    });
  }
  return packets;
}
