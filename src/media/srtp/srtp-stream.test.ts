import { describe, expect, it } from 'vitest';
import { masterOctets, SRTP_SUITES, type SrtpKey, type SrtpSuite } from '../../call/srtp.ts';
import { LegProtection } from './leg-protection.ts';
import { FORMER_KEY_PACKETS, SOURCES_MAX, SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';

function keyOf(fill: number, suite: SrtpSuite = SUITE): SrtpKey {
  return { suite, master: Buffer.alloc(masterOctets(suite), fill).toString('base64') };
}

function rtp(sequence: number, ssrc = 7, payload = `payload ${sequence}`): Buffer {
  const packet = Buffer.concat([Buffer.alloc(12), Buffer.from(payload)]);
  packet[0] = 0x80;
  packet[1] = 8;
  packet.writeUInt16BE(sequence % 65_536, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

function rtcp(ssrc = 7): Buffer {
  const packet = Buffer.alloc(28, 0x11);
  packet.writeUInt32BE(0x80c80006, 0);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** What a sender makes, as it comes out of the network: octets of their own. */
function sealed(sender: SrtpSender, packet: Buffer): Buffer {
  const out = sender.rtp(packet);
  if (out === null) throw new Error('not sent');
  return Buffer.from(out);
}

describe.each(SRTP_SUITES)('a protected stream, %s', (suite) => {
  it('comes out as it went in, over every wrap of the sequence, with contributing sources and an extension', () => {
    const [sender, receiver] = [new SrtpSender(keyOf(1, suite)), new SrtpReceiver(keyOf(1, suite))];
    for (let sequence = 65_000; sequence < 65_000 + 140_000; sequence += 97) {
      expect(receiver.rtp(sealed(sender, rtp(sequence)))).toEqual(rtp(sequence));
    }
    const wide = Buffer.concat([rtp(9_000).subarray(0, 12), Buffer.alloc(4 * 2 + 8, 3), Buffer.from('voice')]);
    wide[0] = 0x92;
    wide.writeUInt16BE(1, 12 + 8 + 2);
    const packet = sealed(sender, wide);
    expect(packet.subarray(0, 28)).toEqual(wide.subarray(0, 28));
    expect(packet.subarray(28, 33)).not.toEqual(wide.subarray(28));
    expect(receiver.rtp(packet)).toEqual(wide);
    expect(receiver.drops).toEqual({ unauthentic: 0, replayed: 0 });
  });

  it('loses and reorders as the network does', () => {
    const [sender, receiver] = [new SrtpSender(keyOf(1, suite)), new SrtpReceiver(keyOf(1, suite))];
    const [first, second, third] = [65_534, 65_535, 65_536].map((sequence) => sealed(sender, rtp(sequence)));
    expect(receiver.rtp(third as Buffer)).toEqual(rtp(65_536));
    expect(receiver.rtp(first as Buffer)).toEqual(rtp(65_534));
    expect(receiver.rtp(second as Buffer)).toEqual(rtp(65_535));
    const late = [65_537, 65_538, 65_539].map((sequence) => sealed(sender, rtp(sequence)));
    for (const one of late.reverse()) expect(receiver.rtp(one)).not.toBeNull();
  });

  it('takes nothing twice, and nothing that was touched anywhere', () => {
    const [sender, receiver] = [new SrtpSender(keyOf(1, suite)), new SrtpReceiver(keyOf(1, suite))];
    const packet = sealed(sender, rtp(100));
    for (let octet = 0; octet < packet.length; octet += 1) {
      const touched = Buffer.from(packet);
      touched[octet] = (touched[octet] as number) ^ 0x01;
      const before = Buffer.from(touched);
      expect(receiver.rtp(touched), `octet ${octet}`).toBeNull();
      expect(touched, 'left as it came').toEqual(before);
    }
    expect(receiver.drops.unauthentic).toBe(packet.length);
    const again = Buffer.from(packet);
    expect(receiver.rtp(packet)).toEqual(rtp(100));
    expect(receiver.rtp(again)).toBeNull();
    expect(receiver.drops.replayed).toBe(1);
  });

  it('drops what is too short, too long, or no RTP, and never throws', () => {
    const receiver = new SrtpReceiver(keyOf(1, suite));
    const junk = [0, 1, 7, 8, 11, 12, 13, 20, 30, 3000].map((octets) => Buffer.alloc(octets, 0xbf));
    for (const octets of junk) expect([receiver.rtp(octets), receiver.rtcp(octets)]).toEqual([null, null]);
    expect(receiver.drops.unauthentic).toBe(2 * junk.length);
    const sender = new SrtpSender(keyOf(1, suite));
    expect(sender.rtp(rtp(1, 7, 'x'.repeat(2_040)))).toBeNull();
  });

  it('has RTCP with an index of its own, taken once', () => {
    const [sender, receiver] = [new SrtpSender(keyOf(1, suite)), new SrtpReceiver(keyOf(1, suite))];
    for (let n = 0; n < 3; n += 1) {
      const packet = Buffer.from(sender.rtcp(rtcp()) as Buffer);
      expect(packet.subarray(8, 28)).not.toEqual(rtcp().subarray(8));
      const again = Buffer.from(packet);
      const touched = Buffer.from(packet);
      touched[9] = (touched[9] as number) ^ 1;
      expect(receiver.rtcp(touched)).toBeNull();
      expect(receiver.rtcp(packet)).toEqual(rtcp());
      expect(receiver.rtcp(again)).toBeNull();
    }
    expect(receiver.drops).toEqual({ unauthentic: 3, replayed: 3 });
  });
});

describe('what is sent', () => {
  it('never uses an index twice, which would show the difference of two packets (RFC 3711 §9.1)', () => {
    const sender = new SrtpSender(keyOf(1));
    expect(sender.rtp(rtp(10, 7, 'one'))).not.toBeNull();
    expect(sender.rtp(rtp(10, 7, 'two'))).toBeNull();
    expect(sender.rtp(rtp(12))).not.toBeNull();
    expect(sender.rtp(rtp(11)), 'late, and never sent').not.toBeNull();
  });

  it('leaves the packet given as it is', () => {
    const packet = rtp(10);
    new SrtpSender(keyOf(1)).rtp(packet);
    expect(packet).toEqual(rtp(10));
  });
});

describe('the sources of a peer', () => {
  it('are bound by their first authentic packet, each with counters of its own, so many and no more', () => {
    const receiver = new SrtpReceiver(keyOf(1));
    for (let ssrc = 1; ssrc <= SOURCES_MAX + 1; ssrc += 1) {
      expect(receiver.rtp(sealed(new SrtpSender(keyOf(1)), rtp(50, ssrc)))).not.toBeNull();
    }
    // The newest is remembered; the oldest is not, and begins anew.
    expect(receiver.rtp(sealed(new SrtpSender(keyOf(1)), rtp(50, SOURCES_MAX + 1)))).toBeNull();
    expect(receiver.rtp(sealed(new SrtpSender(keyOf(1)), rtp(50, 1)))).not.toBeNull();
  });
});

describe('RFC 4568 §7.1.4: new keys', () => {
  const keys = (send: number, receive: number) => ({ send: keyOf(send), receive: keyOf(receive) });

  it('of the peer are taken while packets under the old one are still on their way', () => {
    const leg = new LegProtection(keys(1, 2));
    const [old, next] = [new SrtpSender(keyOf(2)), new SrtpSender(keyOf(3))];
    expect(leg.unprotectRtp(sealed(old, rtp(1)))).toEqual(rtp(1));
    leg.agree(keys(1, 3));
    expect(leg.unprotectRtp(sealed(old, rtp(2)))).toEqual(rtp(2));
    expect(leg.unprotectRtp(sealed(next, rtp(3)))).toEqual(rtp(3));
    expect(leg.unprotectRtp(sealed(old, rtp(4)))).toEqual(rtp(4));
    for (let n = 5; n < 5 + FORMER_KEY_PACKETS; n += 1) leg.unprotectRtp(sealed(next, rtp(n)));
    expect(leg.unprotectRtp(sealed(old, rtp(500)))).toBeNull();
    expect(leg.drops).toEqual({ unauthentic: 1, replayed: 0 });
  });

  it('are taken whether the peer counts rollovers on under them, or from 0', () => {
    for (const countsOn of [true, false]) {
      const leg = new LegProtection(keys(1, 2));
      const old = new SrtpSender(keyOf(2));
      leg.unprotectRtp(sealed(old, rtp(65_535)));
      leg.unprotectRtp(sealed(old, rtp(65_536)));
      leg.agree(keys(1, 3));
      const next = new SrtpSender(keyOf(3));
      if (countsOn) {
        next.rtp(rtp(65_500));
        next.rtp(rtp(65_536));
      }
      expect(leg.unprotectRtp(sealed(next, rtp(65_537)))).toEqual(rtp(65_537));
      expect(leg.unprotectRtp(sealed(next, rtp(65_538)))).toEqual(rtp(65_538));
    }
  });

  it('that are the same keep their counters: a session refresh is no way to say an old packet again', () => {
    const leg = new LegProtection(keys(1, 2));
    const peer = new SrtpReceiver(keyOf(1));
    const heard = sealed(new SrtpSender(keyOf(2)), rtp(1));
    const again = Buffer.from(heard);
    leg.unprotectRtp(heard);
    peer.rtp(Buffer.from(leg.protectRtp(rtp(65_535)) as Buffer));
    leg.agree(keys(1, 2));
    expect(leg.unprotectRtp(again)).toBeNull();
    expect(peer.rtp(Buffer.from(leg.protectRtp(rtp(65_536)) as Buffer))).toEqual(rtp(65_536));
  });

  it('of ours begin anew', () => {
    const leg = new LegProtection(keys(1, 2));
    leg.protectRtp(rtp(65_535));
    leg.agree(keys(4, 2));
    expect(new SrtpReceiver(keyOf(4)).rtp(Buffer.from(leg.protectRtp(rtp(65_536)) as Buffer))).toEqual(rtp(65_536));
  });
});
