import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from './png.ts';

describe('the PNG writer', () => {
  const picture = {
    ...{ width: 3, height: 2, shades: Uint8Array.of(0, 1, 2, 2, 1, 0) },
    palette: [
      [0, 0, 0],
      [255, 0, 0],
      [255, 255, 255],
    ],
  };
  const png = Buffer.from(encodePng(picture));

  it('writes size, four bits a pixel and the palette', () => {
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([3, 2, 4, 3]);
    expect(png.includes(Buffer.from([0x50, 0x4c, 0x54, 0x45, 0, 0, 0, 255, 0, 0, 255, 255, 255]))).toBe(true);
  });

  it('writes rows that any zlib reads', () => {
    const at = png.indexOf('IDAT');
    const data = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
    // A filter octet, then two pixels an octet, each row to whole octets.
    expect([...inflateSync(data)]).toEqual([0, 0x01, 0x20, 0, 0x21, 0x00]);
  });
});
