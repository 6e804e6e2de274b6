/**
 * A PNG of up to 16 colours (ISO/IEC 15948), four bits a pixel. Its data are stored, not deflated, so that the same
 * picture is the same octets whatever version of zlib Node has.
 */
import { crc32 } from 'node:zlib';

/** `shades` has one entry of `palette` (red, green, blue) a pixel, row by row from the top. */
export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly shades: Uint8Array;
  readonly palette: readonly (readonly number[])[];
};

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BITS_A_PIXEL = 4;
const COLOUR_TYPE_PALETTE = 3;
const STORED_OCTETS_MAX = 65535;

/** The file's octets. */
export function encodePng({ width, height, shades, palette }: Picture): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([BITS_A_PIXEL, COLOUR_TYPE_PALETTE], 8);
  const rowOctets = Math.ceil(width / 2);
  const rows = Buffer.alloc(height * (1 + rowOctets));
  for (let y = 0; y < height; y++) {
    // Each row begins with its filter: none.
    const start = y * (1 + rowOctets) + 1;
    for (let x = 0; x < width; x++) {
      const octet = start + (x >> 1);
      rows[octet] = (rows[octet] ?? 0) | ((shades[y * width + x] ?? 0) << (x % 2 === 0 ? 4 : 0));
    }
  }
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', stored(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, type, data, and the check of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(8 + checked.length);
  framed.writeUInt32BE(data.length, 0);
  framed.set(checked, 4);
  framed.writeUInt32BE(crc32(checked), 4 + checked.length);
  return framed;
}

/** A zlib stream (RFC 1950) of stored blocks (RFC 1951 §3.2.4). */
function stored(data: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])];
  for (let at = 0; at < data.length; at += STORED_OCTETS_MAX) {
    const block = data.subarray(at, at + STORED_OCTETS_MAX);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + block.length === data.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const check = Buffer.alloc(4);
  check.writeUInt32BE(adler32(data));
  return Buffer.concat([...parts, check]);
}

function adler32(data: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const octet of data) {
    a = (a + octet) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
