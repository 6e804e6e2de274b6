import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MonotonicMs, WallMs } from '../../base/clock.ts';
import { rtpOctets, SEQUENCE_STARTS, TIMESTAMP_STARTS } from '../rtp-fixture.ts';
import { RtpStream } from '../rtp-stream.ts';
import { compactDuration, compactMs, compactNtp, ntpFraction, ntpSeconds } from './ntp-time.ts';
import { Reception } from './reception.ts';
import { rtcpDump, rtcpOctets } from './rtcp-fixture.ts';
import { REPORT_INTERVAL_MS, reportIntervalMs } from './rtcp-interval.ts';
import { isRtcp, readRtcp } from './rtcp-read.ts';
import { RtcpSession } from './rtcp-session.ts';
import { writeCompound } from './rtcp-write.ts';

const ms = (value: number) => value as MonotonicMs;

describe('RFC 3550 §4 time', () => {
  it('counts seconds from 1900 and 2^-32 s, and keeps the middle of both', () => {
    const at = (Date.UTC(2026, 10, 22) + 250) as WallMs;
    expect([ntpSeconds(at), ntpFraction(at)]).toEqual([4_004_294_400, 2 ** 30]);
    expect(compactNtp(0x1234_5678, 0x9abc_def0)).toBe(0x5678_9abc);
    expect(compactMs(compactDuration(1500))).toBe(1500);
    expect(compactMs(-65_536)).toBe(-1000);
  });
});

describe('RFC 3550 §6.2 intervals', () => {
  it('are 0.5 to 1.5 times the reduced minimum, divided by e − 3/2', () => {
    expect(reportIntervalMs(0)).toBeCloseTo(REPORT_INTERVAL_MS / 2 / 1.218_28, 1);
    expect(reportIntervalMs(0.999_999)).toBeCloseTo((REPORT_INTERVAL_MS * 1.5) / 1.218_28, 1);
  });
});

describe.each(SEQUENCE_STARTS)('RFC 3550 §A.3 reception of a stream that starts at %i', (from) => {
  const at = (n: number) => (from + n) & 0xffff;

  it('counts what is lost, since the beginning and since the last block, over the wrap', () => {
    const reception = new Reception();
    expect(reception.block()).toBeNull();
    for (const n of [0, 1, 2, 4]) reception.take(7, at(n), 160 * n, 8000, ms(20 * n));
    expect(reception.block()).toMatchObject({ ssrc: 7, fractionLost: Math.floor(256 / 5), cumulativeLost: 1 });
    for (const n of [5, 3, 6, 6]) reception.take(7, at(n), 160 * n, 8000, ms(20 * n));
    // One came late after all, and another one twice.
    const block = reception.block();
    expect(block).toMatchObject({ fractionLost: 0, cumulativeLost: -1 });
    expect((block?.extendedHighest ?? 0) & 0xffff).toBe(at(6));
    expect((block?.extendedHighest ?? 0) >>> 16).toBe(from + 6 > 0xffff ? 1 : 0);
  });

  it('begins anew with another SSRC, and with a jump that a second packet confirms (§A.1)', () => {
    const reception = new Reception();
    reception.take(7, at(0), 0, 8000, ms(0));
    reception.take(7, at(20_000), 0, 8000, ms(20));
    expect(reception.block()).toMatchObject({ cumulativeLost: 0, extendedHighest: at(0) });
    reception.take(7, at(20_001), 160, 8000, ms(40));
    expect(reception.block()).toMatchObject({ cumulativeLost: 0, extendedHighest: at(20_001) });
    reception.take(8, at(40_000), 0, 8000, ms(60));
    expect(reception.block()).toMatchObject({ ssrc: 8, cumulativeLost: 0, extendedHighest: at(40_000) });
  });
});

describe.each(TIMESTAMP_STARTS)('RFC 3550 §A.8 jitter of timestamps from %i', (from) => {
  it('is none for packets that come as they were sent, and follows those that do not', () => {
    const reception = new Reception();
    const at = (n: number) => (from + 160 * n) >>> 0;
    for (let n = 0; n < 50; n += 1) reception.take(7, n, at(n), 8000, ms(20 * n));
    expect(reception.block()?.jitter).toBe(0);
    // Every other packet 10 ms late: |D| is 80 ticks each time.
    for (let n = 50; n < 250; n += 1) reception.take(7, n, at(n), 8000, ms(20 * n + (n % 2) * 10));
    expect(reception.block()?.jitter).toBeGreaterThanOrEqual(78);
    expect(reception.block()?.jitter).toBeLessThanOrEqual(80);
  });

  it('leaves events out, whose timestamp stands', () => {
    const reception = new Reception();
    for (let n = 0; n < 50; n += 1) reception.take(7, n, from, n === 0 ? 8000 : 0, ms(20 * n));
    expect(reception.block()?.jitter).toBe(0);
  });
});

describe('RFC 3550 §6.1 our compound packets', () => {
  const block = {
    ...{ ssrc: 7, fractionLost: 255, cumulativeLost: 2, extendedHighest: 0x1_0005, jitter: 12 },
    ...{ lastSr: 0x5678_9abc, delaySinceLastSr: 65_536 },
  };
  const sender = { timestamp: 2 ** 32 - 1, packets: 3, octets: 480, ntpSeconds: 4_004_294_400, ntpFraction: 2 ** 31 };

  it('are what rtp.js reads: report, CNAME, BYE', () => {
    for (const cname of ['', 'a', 'ab', 'abc', 'abcd', 'c2l4dGVlbiBvY3Rl']) {
      const octets = writeCompound({ ssrc: 1, sender, block, cname, byeSsrc: 1 });
      expect(rtcpDump(octets)).toMatchObject([
        {
          packetType: 200,
          ...{ ssrc: 1, ntpSeq: 4_004_294_400, ntpFraction: 2 ** 31, rtpTimestamp: 2 ** 32 - 1 },
          ...{ packetCount: 3, octetCount: 480 },
          reports: [
            {
              ...{ ssrc: 7, fractionLost: 255, totalLost: 2, highestSeq: 0x1_0005, jitter: 12 },
              ...{ lsr: 0x5678_9abc, dlsr: 65_536 },
            },
          ],
        },
        { packetType: 202, chunks: [{ ssrc: 1, items: [{ type: 1, text: cname }] }] },
        { packetType: 203, ssrcs: [1] },
      ]);
    }
    // rtp.js takes the sign for a magnitude's: the two's complement of §6.4.1 and §A.3 is read here by hand.
    const twice = writeCompound({
      ssrc: 1,
      sender: null,
      block: { ...block, cumulativeLost: -2 },
      cname: 'x',
      byeSsrc: null,
    });
    expect([...twice.subarray(13, 16)]).toEqual([0xff, 0xff, 0xfe]);
    expect(rtcpDump(writeCompound({ ssrc: 1, sender: null, block: null, cname: 'x', byeSsrc: null }))).toMatchObject([
      { packetType: 201, ssrc: 1, reports: [] },
      { packetType: 202 },
    ]);
  });
});

describe("a peer's RTCP", () => {
  const silent = { onSenderReport: () => {}, onReportBlock: () => {} };

  it('is told from RTP by its type (RFC 5761 §4)', () => {
    expect(isRtcp(rtcpOctets({ ssrc: 1, about: 2, lost: 0, jitter: 0, lastSr: 0, delay: 0 }))).toBe(true);
    expect([rtpOctets({ marker: true }), Buffer.of(), Buffer.of(0x80)].map(isRtcp)).toEqual([false, false, false]);
  });

  it('is read block by block, with signed losses', () => {
    const told: number[][] = [];
    const octets = rtcpOctets({
      ...{ ssrc: 1, about: 2, lost: 0, jitter: 5, lastSr: 6, delay: 7 },
      ntp: { seconds: 0x1234_5678, fraction: 0x9abc_def0 },
    });
    // At 28 + 5: −3 in two's complement (§A.3), which rtp.js cannot write.
    octets.writeIntBE(-3, 33, 3);
    const sink = {
      onSenderReport: (...args: number[]) => void told.push(args),
      onReportBlock: (...args: number[]) => void told.push(args),
    };
    expect(readRtcp(octets, sink)).toBe(true);
    expect(told).toEqual([
      [1, 0x5678_9abc],
      [2, -3, 5, 6, 7],
    ]);
  });

  it('is nothing at all when one length, version or type is wrong (§A.2), and never an exception', () => {
    const good = rtcpOctets({ ssrc: 1, about: 2, lost: 0, jitter: 0, lastSr: 0, delay: 0 });
    expect(readRtcp(good, silent)).toBe(true);
    for (const [at, octet] of [
      [0, 0x41],
      [0, 0xa1],
      [1, 202],
      [1, 203],
      [3, 6],
      [3, 8],
      [2, 1],
    ] as const) {
      const bad = Buffer.from(good);
      bad[at] = octet;
      expect(readRtcp(bad, silent), `octet ${at} is ${octet}`).toBe(false);
    }
    // More blocks are said than there are.
    const short = Buffer.from(good);
    short[0] = 0x9f;
    expect(readRtcp(short, silent)).toBe(true);
  });

  it('may be anything', () => {
    const session = new RtcpSession(new RtpStream({ ssrc: 1, sequence: 0, timestamp: 0 }, 8000), 'c', 0);
    const start = fc.constantFrom<readonly number[]>([], [0x80], [0x81, 200], [0x9f, 201], [0x81, 200, 0, 6]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, tail) => {
        const datagram = Buffer.from([...head, ...tail]);
        session.take(datagram, ms(1000));
        session.report(ms(1000), false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('RFC 3550 §6.4.1 the round trip', () => {
  it('is arrival less LSR less DLSR, and nothing where the peer says what cannot be', () => {
    const stream = new RtpStream({ ssrc: 1, sequence: 0, timestamp: 0 }, 8000);
    const session = new RtcpSession(stream, 'c', Date.UTC(2026, 10, 22));
    stream.stampRelayed(rtpOctets(), 160, ms(0), 8000);
    const sent = session.report(ms(100), false);
    const lastSr = sent.readUInt32BE(10);
    const answer = { ssrc: 7, about: 1, lost: 0, jitter: 0 };
    session.take(rtcpOctets({ ...answer, lastSr, delay: compactDuration(2_000) }), ms(2_140));
    expect(session.peerReport?.roundTripMs).toBeCloseTo(40, 1);
    session.take(rtcpOctets({ ...answer, lastSr: (lastSr + 0x4000_0000) >>> 0, delay: 0 }), ms(2_150));
    expect(session.peerReport?.roundTripMs).toBeNull();
    session.take(rtcpOctets({ ...answer, about: 99, lost: 77, lastSr: 0, delay: 0 }), ms(2_160));
    expect(session.peerReport?.lost).toBe(0);
  });

  it("is measured by the peer from ours: LSR is its last report's, DLSR the time since", () => {
    const session = new RtcpSession(new RtpStream({ ssrc: 1, sequence: 0, timestamp: 0 }, 8000), 'c', 0);
    session.reception.take(7, 1, 0, 8000, ms(0));
    const block = { ssrc: 7, about: 1, lost: 0, jitter: 0, lastSr: 0, delay: 0 };
    session.take(rtcpOctets({ ...block, ntp: { seconds: 5, fraction: 0x8000_0000 } }), ms(1_000));
    const [report] = rtcpDump(session.report(ms(1_500), false));
    expect(report).toMatchObject({ packetType: 201, reports: [{ lsr: 0x0005_8000, dlsr: 32_768 }] });
  });
});
