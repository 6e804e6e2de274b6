/**
 * What a suite does to one packet whose index is known. Two kinds: counter mode with HMAC-SHA1 (RFC 3711 §4), and AES-GCM
 * (RFC 7714). All work in place; `seal` writes behind the packet, where the caller has left room.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { SrtpKey, SrtpSuite } from '../../call/srtp.ts';
import { CounterMode, xorUint } from './counter-mode.ts';
import { MessageAuthentication } from './message-authentication.ts';
import { rolloverOf } from './packet-index.ts';
import { type SessionKeys, sessionKeys } from './session-keys.ts';

/** One session key at work. Lengths are octets; -1 means not authentic. */
export type PacketTransform = {
  /** Octets that a packet grows by. */
  readonly growth: number;
  /** Protects `packet[0, octets)`, clear up to `from`; returns the new length. */
  seal(packet: Buffer, octets: number, from: number, ssrc: number, index: number): number;
  /** The reverse; `octets` is the protected length. The packet is changed only when it is authentic. */
  open(packet: Buffer, octets: number, from: number, ssrc: number, index: number): number;
};

/** Both protocols of one key. */
export type PacketTransforms = { readonly rtp: PacketTransform; readonly rtcp: PacketTransform };

/** RFC 3711 §3.4: the flag in front of the SRTCP index that says the packet is encrypted. */
const ENCRYPTED = 0x8000_0000;

/** The E flag and the index of SRTCP. */
const RTCP_INDEX_OCTETS = 4;

/** RFC 4568 §6.2.2: the short tag is RTP's alone. RTCP has 80 bits. */
const TAG_OCTETS: Readonly<Record<Exclude<SrtpSuite, 'AEAD_AES_128_GCM'>, number>> = {
  AES_CM_128_HMAC_SHA1_80: 10,
  AES_CM_128_HMAC_SHA1_32: 4,
};
const RTCP_TAG_OCTETS = 10;

/** RFC 7714 §5.2. */
const GCM_TAG_OCTETS = 16;
const GCM_IV_OCTETS = 12;

/** The transforms of a key. */
export function packetTransforms(key: SrtpKey): PacketTransforms {
  const { rtp, rtcp } = sessionKeys(key);
  const { suite } = key;
  if (suite === 'AEAD_AES_128_GCM') return { rtp: gcmRtp(rtp), rtcp: gcmRtcp(rtcp) };
  return { rtp: counterRtp(rtp, TAG_OCTETS[suite]), rtcp: counterRtcp(rtcp) };
}

/** RFC 3711 §3.3: the tag covers the packet and the rollover counter, which is not sent. */
export function counterRtp(keys: SessionKeys, tagOctets: number): PacketTransform {
  const cipher = new CounterMode(keys.cipher, keys.salt);
  const authentication = new MessageAuthentication(keys.authentication, tagOctets);
  return {
    growth: tagOctets,
    seal(packet, octets, from, ssrc, index) {
      cipher.apply(packet, from, octets, ssrc, index);
      authentication.sign(packet, octets, rolloverOf(index));
      return octets + tagOctets;
    },
    open(packet, octets, from, ssrc, index) {
      const end = octets - tagOctets;
      if (end < from || !authentication.verify(packet, end, rolloverOf(index), end)) return -1;
      cipher.apply(packet, from, end, ssrc, index);
      return end;
    },
  };
}

/** RFC 3711 §3.4: the index is sent, and authenticated with the packet. */
export function counterRtcp(keys: SessionKeys): PacketTransform {
  const cipher = new CounterMode(keys.cipher, keys.salt);
  const authentication = new MessageAuthentication(keys.authentication, RTCP_TAG_OCTETS);
  return {
    growth: RTCP_INDEX_OCTETS + RTCP_TAG_OCTETS,
    seal(packet, octets, from, ssrc, index) {
      cipher.apply(packet, from, octets, ssrc, index);
      packet.writeUInt32BE(ENCRYPTED + index, octets);
      authentication.sign(packet, octets + RTCP_INDEX_OCTETS, null);
      return octets + RTCP_INDEX_OCTETS + RTCP_TAG_OCTETS;
    },
    open(packet, octets, from, ssrc, index) {
      const indexAt = octets - RTCP_TAG_OCTETS - RTCP_INDEX_OCTETS;
      if (indexAt < from) return -1;
      const tagAt = octets - RTCP_TAG_OCTETS;
      if (!authentication.verify(packet, tagAt, null, tagAt)) return -1;
      if (isEncrypted(packet, indexAt)) cipher.apply(packet, from, indexAt, ssrc, index);
      return indexAt;
    },
  };
}

/** RFC 7714 §8: the header is authenticated, the rest encrypted, the tag behind it. */
export function gcmRtp(keys: SessionKeys): PacketTransform {
  const ivOf = gcmIvs(keys);
  return {
    growth: GCM_TAG_OCTETS,
    seal(packet, octets, from, ssrc, index) {
      const sealed = gcmSealed(keys, ivOf(ssrc, index), packet.subarray(0, from), packet.subarray(from, octets));
      sealed.copy(packet, from);
      return from + sealed.length;
    },
    open(packet, octets, from, ssrc, index) {
      if (octets - GCM_TAG_OCTETS < from) return -1;
      const clear = gcmOpened(keys, ivOf(ssrc, index), packet.subarray(0, from), packet.subarray(from, octets));
      return clear === null ? -1 : from + clear.copy(packet, from);
    },
  };
}

/** RFC 7714 §9: the E flag and the index stand behind the tag, and are authenticated with the header. */
export function gcmRtcp(keys: SessionKeys): PacketTransform {
  const ivOf = gcmIvs(keys);
  return {
    growth: GCM_TAG_OCTETS + RTCP_INDEX_OCTETS,
    seal(packet, octets, from, ssrc, index) {
      const trailer = Buffer.alloc(RTCP_INDEX_OCTETS);
      trailer.writeUInt32BE(ENCRYPTED + index);
      const header = Buffer.concat([packet.subarray(0, from), trailer]);
      const sealed = gcmSealed(keys, ivOf(ssrc, index), header, packet.subarray(from, octets));
      sealed.copy(packet, from);
      return from + sealed.length + trailer.copy(packet, from + sealed.length);
    },
    open(packet, octets, from, ssrc, index) {
      const indexAt = octets - RTCP_INDEX_OCTETS;
      if (indexAt - GCM_TAG_OCTETS < from) return -1;
      const trailer = packet.subarray(indexAt, octets);
      if (isEncrypted(packet, indexAt)) {
        const header = Buffer.concat([packet.subarray(0, from), trailer]);
        const clear = gcmOpened(keys, ivOf(ssrc, index), header, packet.subarray(from, indexAt));
        return clear === null ? -1 : from + clear.copy(packet, from);
      }
      // RFC 7714 §10.2: not encrypted, all of it is authenticated.
      const end = indexAt - GCM_TAG_OCTETS;
      const covered = Buffer.concat([packet.subarray(0, end), trailer]);
      return gcmOpened(keys, ivOf(ssrc, index), covered, packet.subarray(end, indexAt)) === null ? -1 : end;
    },
  };
}

/** The index in an SRTCP packet of `octets` octets; -1 when it is too short to have one. */
export function rtcpIndexOf(packet: Buffer, octets: number, suite: SrtpSuite): number {
  const at = octets - RTCP_INDEX_OCTETS - (suite === 'AEAD_AES_128_GCM' ? 0 : RTCP_TAG_OCTETS);
  return at < 0 ? -1 : packet.readUInt32BE(at) % ENCRYPTED;
}

function isEncrypted(packet: Buffer, indexAt: number): boolean {
  return (packet[indexAt] as number) >= 0x80;
}

/** RFC 7714 §8.1 and §9.1: 00 00, SSRC and index, XORed with the salt; an SRTCP index has zeros for its upper 16 bits. */
function gcmIvs({ salt }: SessionKeys): (ssrc: number, index: number) => Buffer {
  const iv = Buffer.alloc(GCM_IV_OCTETS);
  return (ssrc, index) => {
    salt.copy(iv);
    xorUint(iv, 2, ssrc, 4);
    xorUint(iv, 6, index, 6);
    return iv;
  };
}

function gcmSealed(keys: SessionKeys, iv: Buffer, header: Buffer, clear: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-gcm', keys.cipher, iv);
  cipher.setAAD(header);
  return Buffer.concat([cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

function gcmOpened(keys: SessionKeys, iv: Buffer, header: Buffer, sealed: Buffer): Buffer | null {
  const tagAt = sealed.length - GCM_TAG_OCTETS;
  const decipher = createDecipheriv('aes-128-gcm', keys.cipher, iv, { authTagLength: GCM_TAG_OCTETS });
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(tagAt));
  const clear = decipher.update(sealed.subarray(0, tagAt));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return clear;
}
