import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capturedStream } from '../testing/freeswitch-streams.ts';
import { FRAME_BODY_OCTETS_MAX, FRAME_HEADER_OCTETS_MAX, type Frame, FrameReader } from './frame-reader.ts';
import { readMessage } from './message.ts';

const reply = 'Content-Type: command/reply\nReply-Text: +OK accepted\n\n';
const event = 'Content-Length: 23\nContent-Type: text/event-plain\n\nEvent-Name: HEARTBEAT\n\n';

function read(...chunks: readonly (string | Buffer)[]) {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let malformed = 0;
  let broken: string | null = null;
  for (const chunk of chunks) {
    const got = reader.read(Buffer.from(chunk as string));
    frames.push(...got.frames);
    malformed += got.malformed;
    broken = got.broken;
  }
  return { frames, malformed, broken };
}

function shown(frames: readonly Frame[]) {
  return frames.map(({ headers, body }) => `${[...headers].join(';')}|${body.toString('latin1')}`);
}

describe('frames of the event socket', () => {
  it('are header blocks, with a body where Content-Length says so', () => {
    const { frames, malformed, broken } = read(`Content-Type: auth/request\n\n${reply}${event}${reply}`);
    expect(frames.map((frame) => readMessage(frame).type)).toEqual(['auth-request', 'reply', 'event', 'reply']);
    expect([malformed, broken]).toEqual([0, null]);
  });

  it('are the same however the octets are cut', () => {
    const octets = Buffer.from(reply + event + reply + event);
    const whole = shown(read(octets).frames);
    expect(whole).toHaveLength(4);
    for (let cut = 0; cut <= octets.length; cut += 1) {
      expect(shown(read(octets.subarray(0, cut), octets.subarray(cut)).frames)).toEqual(whole);
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 200, maxLength: 200 }), (sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(octets.subarray(at, at + size));
          at += size;
        }
        expect(shown(read(...chunks, octets.subarray(at)).frames)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('of a captured stream come one by one as their last octet does, and never before', () => {
    const octets = capturedStream('explicit-call-id');
    const whole = read(octets).frames;
    let end = 0;
    const ends = whole.map(({ body }) => {
      end += `Content-Length: ${body.length}\nContent-Type: text/event-plain\n\n`.length + body.length;
      return end;
    });
    const reader = new FrameReader();
    const seen: { readonly frame: Frame; readonly at: number }[] = [];
    for (let at = 0; at < octets.length; at += 1) {
      for (const frame of reader.read(octets.subarray(at, at + 1)).frames) seen.push({ frame, at });
    }
    expect(shown(seen.map(({ frame }) => frame))).toEqual(shown(whole));
    expect(seen.map(({ at }) => at + 1)).toEqual(ends);
  });

  it('may have empty lines and CR LF between and in them', () => {
    const { frames } = read(`\r\n\n${reply.replaceAll('\n', '\r\n')}\n\n${event}`);
    expect(frames.map((frame) => readMessage(frame).type)).toEqual(['reply', 'event']);
  });

  it('with a body beyond the limit are skipped whole and counted', () => {
    const length = FRAME_BODY_OCTETS_MAX + 1;
    const { frames, malformed, broken } = read(
      `Content-Length: ${length}\nContent-Type: api/response\n\n`,
      Buffer.alloc(length - 3, 0x0a),
      `\n\n\n${reply}`,
    );
    expect(frames.map((frame) => readMessage(frame).type)).toEqual(['reply']);
    expect([malformed, broken]).toEqual([1, null]);
  });

  it.each(['-1', 'x', '1e3', '99999999999', '1 2'])('with a Content-Length of %s are the end of it', (length) => {
    const got = read(`Content-Length: ${length}\nContent-Type: text/event-plain\n\n${reply}`, reply);
    expect(got.frames).toEqual([]);
    expect(got.broken).toContain('Content-Length');
  });

  it('without an end to their headers are the end of it, and of what is kept', () => {
    const got = read('A: b\n'.repeat(FRAME_HEADER_OCTETS_MAX / 5 + 1), reply);
    expect(got.frames).toEqual([]);
    expect(got.broken).toContain('headers of more than');
  });

  it('of any octets at all throw nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (chunks) => {
        for (const frame of read(...chunks.map((chunk) => Buffer.from(chunk))).frames) readMessage(frame);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\n', 'Content-Length: 5', ':', ' ', event, reply, '%', 'x')), (parts) => {
        for (const frame of read(parts.join('')).frames) readMessage(frame);
      }),
    );
  });
});
