/**
 * AES in counter mode for SRTP (RFC 3711 §4.1.1). Node can give a cipher no new IV, and making one for every packet costs
 * ten times what it does; so the counter blocks of a packet are written here and encrypted in one go by one cipher that
 * lives as long as the key (ECB over them is the keystream).
 */
import { type Cipheriv, createCipheriv } from 'node:crypto';

const BLOCK_OCTETS = 16;

/** Octets of the largest UDP payload over Ethernet and a good deal more: no packet of ours is larger, and none is taken. */
export const SRTP_OCTETS_MAX = 2048;

/** The keystream of one session key. */
export class CounterMode {
  readonly #cipher: Cipheriv;
  readonly #salt: Buffer;
  readonly #blocks = Buffer.alloc(SRTP_OCTETS_MAX);

  constructor(key: Buffer, salt: Buffer) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#salt = salt;
  }

  /**
   * Encrypts, or decrypts, `packet[from, to)` in place.
   *
   * @param index 48 bits of SRTP, 31 of SRTCP
   */
  apply(packet: Buffer, from: number, to: number, ssrc: number, index: number): void {
    const octets = to - from;
    if (octets <= 0) return;
    const blocks = this.#counters(Math.ceil(octets / BLOCK_OCTETS), ssrc, index);
    const keystream = this.#cipher.update(blocks);
    for (let at = 0; at < octets; at += 1) {
      packet[from + at] = (packet[from + at] as number) ^ (keystream[at] as number);
    }
  }

  /** IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), and the number of the block in the last 16 bits. */
  #counters(count: number, ssrc: number, index: number): Buffer {
    const blocks = this.#blocks.subarray(0, count * BLOCK_OCTETS);
    this.#salt.copy(blocks, 0);
    xorUint(blocks, 4, ssrc, 4);
    xorUint(blocks, 8, index, 6);
    for (let block = 0; block < count; block += 1) {
      const at = block * BLOCK_OCTETS;
      if (block > 0) blocks.copyWithin(at, 0, 14);
      blocks[at + 14] = block >>> 8;
      blocks[at + 15] = block;
    }
    return blocks;
  }
}

/** XORs a number of `octets` octets into a buffer, most significant first. */
export function xorUint(into: Buffer, at: number, value: number, octets: number): void {
  let rest = value;
  for (let octet = octets - 1; octet >= 0; octet -= 1) {
    into[at + octet] = (into[at + octet] as number) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
}
