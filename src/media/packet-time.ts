/** How much sound goes into a packet of ambience (RFC 8866 §6.4, §6.5). */
import { type CodecName, FRAME_MS } from '../audio/codec.ts';
import type { RemoteMedia } from '../call/remote-media.ts';

/** What a frame of the clip may be cut into: the frame of G.729, and as good as any for the codecs that have none. */
export const SLICE_MS = 10;

/** Beyond this a lost packet is a hole that is heard, and no peer in view asks for more. */
const PACKET_MS_MAX = 60;

/** Packet time towards a peer, whole slices: what it asks for, never above what it takes. A frame of Opus stays whole. */
export function packetMsFor(codec: CodecName, { ptimeMs, maxptimeMs }: RemoteMedia): number {
  if (codec === 'opus') return FRAME_MS;
  const asked = Math.min(ptimeMs ?? FRAME_MS, maxptimeMs ?? PACKET_MS_MAX, PACKET_MS_MAX);
  return Math.max(SLICE_MS, Math.floor(asked / SLICE_MS) * SLICE_MS);
}
