/** A ZIP archive (APPNOTE 6.3) of a few files, stored as they are: any system opens one. Pure; the same octets for the same files. */
import { crc32 } from 'node:zlib';
import type { NamedFile } from './manifest.ts';

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
/** 2.0: files in folders, which these are not; the least that all readers take. */
const VERSION = 20;
/** File names are UTF-8 (bit 11). */
const FLAGS = 0x0800;
/** 1 January 1980, the earliest there is: what the files say of time is in them. */
const DATE = 0x0021;

/** The archive. */
export function zip(files: readonly NamedFile[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, octets } of files) {
    const path = Buffer.from(name);
    const common = fileFields(octets, path);
    const local = Buffer.concat([uint32(LOCAL_HEADER), common, path, Buffer.from(octets)]);
    parts.push(local);
    central.push(
      Buffer.concat([uint32(CENTRAL_HEADER), uint16(VERSION), common, Buffer.alloc(10), uint32(offset), path]),
    );
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.concat([
    ...[uint32(END_OF_CENTRAL), Buffer.alloc(4), uint16(files.length), uint16(files.length)],
    ...[uint32(directory.length), uint32(offset), uint16(0)],
  ]);
  return Buffer.concat([...parts, directory, end]);
}

/** Version, flags, method (stored), time, date, CRC-32, both sizes, length of the name, no extra field (§4.3.7). */
function fileFields(octets: Uint8Array, path: Buffer): Buffer {
  return Buffer.concat([
    ...[uint16(VERSION), uint16(FLAGS), uint16(0), uint16(0), uint16(DATE), uint32(crc32(octets))],
    ...[uint32(octets.length), uint32(octets.length), uint16(path.length), uint16(0)],
  ]);
}

function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16LE(value);
  return octets;
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
}
