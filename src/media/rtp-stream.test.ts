import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { type RtpFields, rtpFields, rtpOctets, SEQUENCE_STARTS, TIMESTAMP_STARTS } from './rtp-fixture.ts';
import { packetTemplate } from './rtp-packet.ts';
import { RtpStream, SEQUENCE_DROPOUT_MAX, TIMESTAMP_JUMP_MS_MAX } from './rtp-stream.ts';

const ms = (value: number) => value as MonotonicMs;

/** A stream under test: what goes in, and what would be on the wire. */
function stream(start: { sequence?: number; timestamp?: number } = {}) {
  const tested = new RtpStream(
    { ssrc: 0xfeedface, sequence: start.sequence ?? 0, timestamp: start.timestamp ?? 0 },
    8000,
  );
  const own = packetTemplate(8, 160);
  return {
    ambience(atMs: number, skipped = 0): RtpFields {
      tested.stampOwn(own, 160, ms(atMs), skipped);
      return rtpFields(own);
    },
    relayed(atMs: number, fields: Partial<RtpFields>, samples = 160): RtpFields | null {
      const packet = rtpOctets(fields);
      return tested.stampRelayed(packet, samples, ms(atMs)) ? rtpFields(packet) : null;
    },
  };
}

describe.each(SEQUENCE_STARTS)('a stream that starts with sequence number %i', (sequence) => {
  it('counts on over ambience and relayed packets', () => {
    const { ambience, relayed } = stream({ sequence });
    const sent = [
      ambience(0),
      ambience(20),
      relayed(33, { sequence: 65535, timestamp: 5 }),
      relayed(53, { sequence: 0, timestamp: 165 }),
      ambience(253),
    ];
    expect(sent.map((packet) => packet?.sequence)).toEqual([0, 1, 2, 3, 4].map((n) => (sequence + n) & 0xffff));
    expect(new Set(sent.map((packet) => packet?.ssrc))).toEqual(new Set([0xfeedface]));
  });

  it('keeps a gap of the source a gap, whatever number the source is at', () => {
    for (const from of SEQUENCE_STARTS) {
      const { relayed } = stream({ sequence });
      relayed(0, { sequence: from, timestamp: 0 });
      const after = relayed(60, { sequence: (from + 3) & 0xffff, timestamp: 480 });
      expect(after).toMatchObject({ sequence: (sequence + 3) & 0xffff, timestamp: 480, marker: false });
    }
  });

  it('puts a late packet back into its place', () => {
    const { relayed } = stream({ sequence });
    relayed(0, { sequence: 65534, timestamp: 0 });
    relayed(40, { sequence: 0, timestamp: 320 });
    expect(relayed(41, { sequence: 65535, timestamp: 160 })).toMatchObject({
      sequence: (sequence + 1) & 0xffff,
      timestamp: 160,
    });
    expect(relayed(60, { sequence: 1, timestamp: 480 })?.sequence).toBe((sequence + 3) & 0xffff);
  });
});

describe.each(TIMESTAMP_STARTS)('a stream that starts at timestamp %i', (timestamp) => {
  const at = (samples: number) => (timestamp + samples) % 2 ** 32;

  it('advances by 160 samples a frame, and over skipped ones with the marker', () => {
    const { ambience } = stream({ timestamp });
    const sent = [ambience(0), ambience(20), ambience(100, 3), ambience(120)];
    expect(sent.map((packet) => packet.timestamp)).toEqual([at(0), at(160), at(5 * 160), at(6 * 160)]);
    expect(sent.map((packet) => packet.marker)).toEqual([true, false, true, false]);
  });

  it('follows real time at a splice, whatever timestamp the source is at', () => {
    for (const from of TIMESTAMP_STARTS) {
      const { ambience, relayed } = stream({ timestamp });
      ambience(0);
      const first = relayed(35, { timestamp: from });
      const second = relayed(55, { sequence: 1, timestamp: (from + 160) % 2 ** 32 });
      expect([first, second]).toMatchObject([
        { timestamp: at(280), marker: true },
        { timestamp: at(440), marker: false },
      ]);
    }
  });
});

describe('a splice', () => {
  it('never overlaps what was sent: an agent who comes in the middle of a frame follows its end', () => {
    const { ambience, relayed } = stream();
    ambience(0);
    expect(relayed(7, {})).toMatchObject({ sequence: 1, timestamp: 160, marker: true });
  });

  it('does not add up: after a silence of the agent the stream is back at real time', () => {
    const { ambience, relayed } = stream();
    ambience(0);
    relayed(7, {});
    expect(ambience(207)).toMatchObject({ timestamp: 207 * 8, marker: true });
    expect(ambience(227)).toMatchObject({ timestamp: 227 * 8, marker: false });
  });

  it('drops what the source sent before it', () => {
    const { ambience, relayed } = stream();
    ambience(0);
    relayed(20, { sequence: 10, timestamp: 1600 });
    expect(relayed(21, { sequence: 9, timestamp: 1440 })).toBeNull();
    expect(relayed(40, { sequence: 11, timestamp: 1760 })).toMatchObject({ sequence: 2, timestamp: 320 });
  });

  it('is made when the source changes its SSRC', () => {
    const { relayed } = stream();
    relayed(0, { ssrc: 1, sequence: 5, timestamp: 0 });
    expect(relayed(20, { ssrc: 2, sequence: 60000, timestamp: 999 })).toMatchObject({
      sequence: 1,
      timestamp: 160,
      marker: true,
    });
  });

  it('is made when the source starts its sequence numbers anew', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5 });
    const restarted = relayed(20, { sequence: 5 + SEQUENCE_DROPOUT_MAX, timestamp: 160 });
    expect(restarted).toMatchObject({ sequence: 1, timestamp: 160, marker: true });
  });

  it('is made when the source starts its clock anew under the same SSRC', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5, timestamp: 1000 });
    const jumped = { sequence: 6, timestamp: 1000 + 160 + 8 * TIMESTAMP_JUMP_MS_MAX + 8 };
    expect(relayed(20, jumped)).toMatchObject({ sequence: 1, timestamp: 160, marker: true });
  });

  it("is not made for silence suppression: the source's clock went on, and so did time", () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5, timestamp: 0 });
    const afterSilence = relayed(60_000, { sequence: 6, timestamp: 480_000, marker: true });
    expect(afterSilence).toMatchObject({ sequence: 1, timestamp: 480_000, marker: true });
  });

  it('is not made for a burst after a stalled network', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5, timestamp: 0 });
    expect(relayed(3000, { sequence: 6, timestamp: 160 })).toMatchObject({ timestamp: 160, marker: false });
  });
});

describe('RFC 4733 telephone-event', () => {
  it('keeps one timestamp for all packets of an event, however long, and the audio after it in time', () => {
    const { ambience, relayed } = stream();
    ambience(0);
    relayed(20, { sequence: 1, timestamp: 8000 });
    const event = { payloadType: 101, timestamp: 8160 };
    const packets = [0, 1, 2].map((n) => relayed(40 + 20 * n, { ...event, sequence: 2 + n, marker: n === 0 }, 0));
    expect(packets.map((packet) => packet?.timestamp)).toEqual([320, 320, 320]);
    expect(packets.map((packet) => packet?.marker)).toEqual([true, false, false]);
    relayed(15_000, { ...event, sequence: 5 }, 0);
    const audio = relayed(15_020, { sequence: 6, timestamp: 8160 + 14_980 * 8 });
    expect(audio).toMatchObject({ timestamp: 320 + 14_980 * 8, marker: false });
  });
});

describe('a duplicate', () => {
  it('is not sent twice', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5 });
    expect(relayed(1, { sequence: 5 })).toBeNull();
  });
});
