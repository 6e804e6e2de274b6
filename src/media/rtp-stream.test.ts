import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { type RtpFields, rtpFields, rtpOctets, SEQUENCE_STARTS, TIMESTAMP_STARTS } from './rtp-fixture.ts';
import { packetTemplate } from './rtp-packet.ts';
import { REPLACED_SOURCE_MS, RtpStream, SEQUENCE_DROPOUT_MAX, TIMESTAMP_JUMP_MS_MAX } from './rtp-stream.ts';

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
    relayed(atMs: number, fields: Partial<RtpFields>, clockRateHz = 8000): RtpFields | null {
      const packet = rtpOctets(fields);
      return tested.stampRelayed(packet, 160, ms(atMs), clockRateHz) ? rtpFields(packet) : null;
    },
    event(atMs: number, fields: Partial<RtpFields>): RtpFields | null {
      const packet = rtpOctets({ payloadType: 101, ...fields });
      return tested.stampRelayed(packet, 0, ms(atMs), 0, true) ? rtpFields(packet) : null;
    },
    tested,
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
    const { ambience, relayed, event } = stream();
    ambience(0);
    relayed(20, { sequence: 1, timestamp: 8000 });
    const digit = { timestamp: 8160 };
    const packets = [0, 1, 2].map((n) => event(40 + 20 * n, { ...digit, sequence: 2 + n, marker: n === 0 }));
    expect(packets.map((packet) => packet?.timestamp)).toEqual([320, 320, 320]);
    expect(packets.map((packet) => packet?.marker)).toEqual([true, false, false]);
    event(15_000, { ...digit, sequence: 5 });
    const audio = relayed(15_020, { sequence: 6, timestamp: 8160 + 14_980 * 8 });
    expect(audio).toMatchObject({ timestamp: 320 + 14_980 * 8, marker: false });
  });
});

describe('RFC 4733 telephone-event beside other sound', () => {
  it('is no second event when the last of its end packets come after ambience has filled in (§2.5.1.4)', () => {
    const { ambience, relayed, event } = stream();
    relayed(0, { sequence: 1, timestamp: 8000 });
    event(20, { sequence: 2, timestamp: 8160, marker: true });
    ambience(220);
    expect(event(230, { sequence: 3, timestamp: 8160 })).toBeNull();
    expect(event(231, { sequence: 2, timestamp: 8160 })).toBeNull();
    expect(event(260, { sequence: 4, timestamp: 8160 + 240 * 8, marker: true })).toMatchObject({
      sequence: 3,
      marker: true,
    });
  });

  it('keeps its timestamp while audio goes on between its packets', () => {
    const { relayed, event } = stream();
    relayed(0, { sequence: 1, timestamp: 0 });
    const sent = [
      event(20, { sequence: 2, timestamp: 160, marker: true }),
      relayed(20, { sequence: 3, timestamp: 160 }),
      event(40, { sequence: 4, timestamp: 160 }),
      relayed(40, { sequence: 5, timestamp: 320 }),
      event(60, { sequence: 6, timestamp: 160 }),
    ];
    expect(sent.map((packet) => packet?.timestamp)).toEqual([160, 160, 160, 320, 160]);
    expect(sent.map((packet) => packet?.sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(sent.map((packet) => packet?.marker)).toEqual([true, false, false, false, false]);
  });

  it('that begins anew right after one begins at a timestamp of its own', () => {
    const { event } = stream();
    event(0, { sequence: 1, timestamp: 0, marker: true });
    event(100, { sequence: 2, timestamp: 0 });
    expect(event(160, { sequence: 3, timestamp: 1280, marker: true })).toMatchObject({ timestamp: 1280, marker: true });
  });
});

describe('packets that are left out on purpose', () => {
  it('take no number, so that nobody takes them for lost', () => {
    const { relayed, tested } = stream();
    relayed(0, { sequence: 65_534, timestamp: 0 });
    tested.leaveOut(rtpOctets({ sequence: 65_535, timestamp: 160, payloadType: 13 }));
    tested.leaveOut(rtpOctets({ sequence: 0, timestamp: 320, payloadType: 13 }));
    expect(relayed(60, { sequence: 1, timestamp: 480 })).toMatchObject({ sequence: 1, timestamp: 480 });
    expect(relayed(61, { sequence: 65_534, timestamp: 0 })).toBeNull();
  });

  it('leave a loss beside them a loss', () => {
    const { relayed, tested } = stream();
    relayed(0, { sequence: 1, timestamp: 0 });
    tested.leaveOut(rtpOctets({ sequence: 3, timestamp: 320, payloadType: 13 }));
    expect(relayed(60, { sequence: 4, timestamp: 480 })).toMatchObject({ sequence: 2 });
  });
});

describe('two sources at once', () => {
  it('never double the time: the one before is heard again only when the newer one has stopped', () => {
    const { relayed } = stream();
    relayed(0, { ssrc: 1, sequence: 10, timestamp: 0 });
    relayed(20, { ssrc: 2, sequence: 500, timestamp: 9000 });
    expect(relayed(21, { ssrc: 1, sequence: 11, timestamp: 160 })).toBeNull();
    expect(relayed(40, { ssrc: 2, sequence: 501, timestamp: 9160 })).toMatchObject({ sequence: 2, timestamp: 320 });
    expect(relayed(40 + REPLACED_SOURCE_MS, { ssrc: 1, sequence: 16, timestamp: 960 })).toMatchObject({
      sequence: 3,
      marker: true,
    });
  });

  it('keeps its place against what the one before sent late, also with ambience between the two', () => {
    const { relayed, event, ambience } = stream();
    relayed(0, { ssrc: 1, sequence: 10, timestamp: 0 });
    ambience(300);
    event(310, { ssrc: 2, sequence: 500, timestamp: 9000, marker: true });
    expect(relayed(315, { ssrc: 1, sequence: 11, timestamp: 160 })).toBeNull();
    expect(event(330, { ssrc: 2, sequence: 501, timestamp: 9000 })).toMatchObject({ sequence: 3, timestamp: 2560 });
  });
});

describe('a hold', () => {
  it('ends with a splice: what went by meanwhile is neither a loss nor a pause', () => {
    const { relayed, tested } = stream();
    relayed(0, { sequence: 10, timestamp: 0 });
    tested.hold();
    const resumed = relayed(4000, { sequence: 210, timestamp: 32_000 });
    expect(resumed).toMatchObject({ sequence: 1, timestamp: 32_000, marker: true });
    tested.hold();
    expect(relayed(9000, { sequence: 211, timestamp: 32_160 })).toMatchObject({ sequence: 2, timestamp: 72_000 });
  });
});

describe('RFC 7160 §4.1: another clock', () => {
  it('is another SSRC; numbers and time go on, the time at the new rate', () => {
    const { relayed, tested } = stream({ timestamp: 2 ** 32 - 80 });
    relayed(0, { sequence: 1, timestamp: 0 });
    const opus = relayed(20, { sequence: 2, timestamp: 7000 }, 48_000);
    expect(opus).toMatchObject({ sequence: 1, timestamp: 80, marker: true });
    expect(opus?.ssrc).not.toBe(0xfeedface);
    expect(opus?.ssrc).toBe(tested.ssrc);
    expect(relayed(40, { sequence: 3, timestamp: 7960 }, 48_000)).toMatchObject({ timestamp: 1040, marker: false });
    const back = relayed(60, { sequence: 4, timestamp: 9999 }, 8000);
    expect(back).toMatchObject({ sequence: 3, timestamp: 2000, marker: true });
    // §4.1: not the SSRC that had this clock before, either.
    expect(new Set([0xfeedface, opus?.ssrc, back?.ssrc]).size).toBe(3);
  });

  it('is not taken from a late packet', () => {
    const { relayed, tested } = stream();
    relayed(0, { sequence: 1, timestamp: 0 });
    relayed(40, { sequence: 3, timestamp: 7000 }, 48_000);
    const { ssrc } = tested;
    expect(relayed(41, { sequence: 2, timestamp: 160 }, 8000)).toBeNull();
    expect(tested.ssrc).toBe(ssrc);
  });
});

describe('RFC 3550 §6.4.1 the sender', () => {
  it('tells the RTP time of a moment, and what was sent under its SSRC', () => {
    const { ambience, relayed, tested } = stream({ timestamp: 1000 });
    expect(tested.senderState(ms(0))).toBeNull();
    ambience(0);
    ambience(20);
    expect(tested.senderState(ms(33))).toEqual({ timestamp: 1000 + 33 * 8, packets: 2, octets: 320 });
    relayed(47, { sequence: 9, timestamp: 555 });
    expect(tested.senderState(ms(147))).toEqual({ timestamp: 1000 + 147 * 8, packets: 3, octets: 480 });
  });

  it('tells it through a long event, whose timestamp stands', () => {
    const { relayed, event, tested } = stream();
    relayed(0, { sequence: 1, timestamp: 0 });
    for (let n = 0; n < 10; n += 1) event(20 + 20 * n, { sequence: 2 + n, timestamp: 160, marker: n === 0 });
    expect(tested.senderState(ms(200))?.timestamp).toBe(1600);
  });
});

describe('a duplicate', () => {
  it('of a late packet is not sent twice either', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5, timestamp: 0 });
    relayed(40, { sequence: 7, timestamp: 320 });
    expect(relayed(41, { sequence: 6, timestamp: 160 })).toMatchObject({ sequence: 1 });
    expect(relayed(42, { sequence: 6, timestamp: 160 })).toBeNull();
  });

  it('is not sent twice', () => {
    const { relayed } = stream();
    relayed(0, { sequence: 5 });
    expect(relayed(1, { sequence: 5 })).toBeNull();
  });
});
