/** The media plane alone, in this process, with peers in another. */

import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/log.ts';
import type { CallId } from '../../src/call/call-facts.ts';
import type { RemoteMedia } from '../../src/call/remote-media.ts';
import type { CallMediaAddresses, MediaEvent } from '../../src/guard/media-port.ts';
import { createMediaPlane, type ThreadedMedia } from '../../src/media/media-plane.ts';
import { mediaAt } from '../../src/testing/media-addresses.ts';
import { STUB_AMBIENCE, stubClips } from '../../src/testing/stub-clip.ts';
import { cpuBetween, cpuByThread } from '../load/process-load.ts';
import { PEER_ADDRESS, type Peers, startPeers } from './peers.ts';

/** Where Brusio, or what stands in its place, has its ports. */
export const GUARD_ADDRESS = '127.0.0.30';

/** Only errors are told. */
export const QUIET: Logger = { debug() {}, info() {}, warn() {}, error: console.error, child: () => QUIET };

/** A peer's SDP, in a word. */
export function peerMedia(port: number): RemoteMedia {
  const codecs = [{ name: 'PCMA', payloadType: 8 } as const];
  return { rtp: { address: PEER_ADDRESS, port }, codecs, telephoneEventPayloadType: 101, direction: 'sendrecv' };
}

/** How many media threads, and whether they may use the compiled add-on: `--workers`, `--native`. */
export type PlaneOptions = { readonly workers: number; readonly native: boolean };

/** A plane that is not started yet. */
export function newPlane({ workers, native }: PlaneOptions): ThreadedMedia {
  return createMediaPlane(
    {
      ...{ addresses: mediaAt(GUARD_ADDRESS), portMin: 20000, portMax: 41999 },
      ...{ clips: stubClips(), workers, native },
      silence: { calleeMs: null, dialerMs: null },
      voiceActivity: null,
    },
    QUIET,
  );
}

/** A part of the bench has a plane and peers of its own, so that none inherits another's heap. */
export async function withPlane(
  { workers, native }: PlaneOptions,
  sockets: number,
  onEvent: (event: MediaEvent) => void,
  part: (plane: ThreadedMedia, peers: Peers) => Promise<void>,
): Promise<void> {
  const plane = newPlane({ workers, native });
  await plane.start(onEvent);
  const peers = await startPeers(sockets);
  try {
    await part(plane, peers);
  } finally {
    await plane.stop();
    peers.stop();
  }
}

/** Opens calls one after the other. */
export async function openCalls(plane: ThreadedMedia, count: number): Promise<[CallId, CallMediaAddresses][]> {
  const opened: [CallId, CallMediaAddresses][] = [];
  for (let n = 0; n < count; n += 1) {
    const callId = `bench-${n}` as CallId;
    opened.push([callId, await plane.open(callId, STUB_AMBIENCE)]);
  }
  return opened;
}

/**
 * CPU in ms that the media threads, with V8's helpers, used in a while, and how long it was. Measured without a capture,
 * whose cost the kernel adds to each sender's.
 */
export async function mediaCpu(work: () => Promise<void>): Promise<{ readonly cpuMs: number; readonly ms: number }> {
  const before = cpuByThread(process.pid);
  const startMs = systemClock.monotonicMs();
  await work();
  const ms = systemClock.monotonicMs() - startMs;
  const used = cpuBetween(before, cpuByThread(process.pid));
  const names = Object.keys(used).filter((name) => name.startsWith('media'));
  return { cpuMs: names.reduce((sum, name) => sum + (used[name] ?? 0), 0), ms };
}

/** Gives the media threads the niceness of everybody, or the raised one back; false where the system refuses. */
export function niceMedia(niceness: number): boolean {
  try {
    for (const tid of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${tid}/comm`, 'latin1');
      if (name.startsWith('media')) setPriority(Number(tid), niceness);
    }
    return true;
  } catch {
    return false;
  }
}

/** Keeps this thread busy as an application with large JSON would, until stopped. */
export function busyWithJson(): { stop(): void } {
  const text = JSON.stringify(Array.from({ length: 20_000 }, (_, id) => ({ id, name: `call-${id}`, at: id * 1.5 })));
  let going = true;
  const turn = () => {
    if (!going) return;
    JSON.stringify(JSON.parse(text));
    setImmediate(turn);
  };
  turn();
  return {
    stop() {
      going = false;
    },
  };
}

/** Sleeps, but leaves the main thread to whoever wants it. */
export async function seconds(count: number): Promise<void> {
  await sleep(count * 1000);
}
