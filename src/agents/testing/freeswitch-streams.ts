/**
 * Event streams of a real FreeSWITCH 1.11.1, as its event socket wrote them (`event plain ALL`, or what is subscribed to),
 * one file for each way of bringing callee and agent together. Dialled numbers are 1555123x or +39029000000x, the agent's
 * telephone is `agent@127.0.0.4` or 2000.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RawHeaders } from '../freeswitch/event-headers.ts';
import { FrameReader } from '../freeswitch/frame-reader.ts';
import { readMessage } from '../freeswitch/message.ts';

/** The octets of one stream. */
export function capturedStream(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../freeswitch/fixtures/${name}.esl.gz`, import.meta.url)));
}

/** The events of one stream. */
export function capturedEvents(name: string): readonly RawHeaders[] {
  return readEvents(capturedStream(name));
}

/** All events in some octets. */
export function readEvents(octets: Buffer): readonly RawHeaders[] {
  return new FrameReader().read(octets).frames.flatMap((frame) => {
    const message = readMessage(frame);
    return message.type === 'event' ? [message.headers] : [];
  });
}
