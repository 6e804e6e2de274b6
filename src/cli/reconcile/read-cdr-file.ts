/** A CDR file from the disk or standard input, unpacked and decoded as it comes. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, describeError } from '../../base/errors.ts';

/** Octets read at once. */
const PIECE_OCTETS = 256 * 1024;
/** What is looked at to propose a mapping, octets. */
const BEGINNING_OCTETS = 64 * 1024;

/** What was read. */
export type CdrFile = { readonly sha256: string; readonly octets: number };

/** `-` is standard input; null: its size is not known. Rejects with AppError `reconcile.file`. */
export async function cdrFileSize(path: string): Promise<number | null> {
  if (path === '-') return null;
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/**
 * Its text piece by piece; gzip is known by its first octets. `take` answers whether it wants more. Rejects with AppError
 * `reconcile.file`.
 *
 * @param take also told how many octets of the file were read
 */
export async function readCdrFile(
  path: string,
  encoding: string,
  take: (text: string, octets: number) => boolean,
): Promise<CdrFile> {
  const hash = createHash('sha256');
  let octets = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of path === '-' ? process.stdin : createReadStream(path, { highWaterMark: PIECE_OCTETS })) {
      hash.update(piece);
      octets += piece.length;
      yield piece;
    }
  }
  try {
    const decoder = new TextDecoder(encoding);
    for await (const piece of await unpacked(counted()))
      if (!take(decoder.decode(piece, { stream: true }), octets)) return { sha256: '', octets };
    take(decoder.decode(), octets);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  return { sha256: hash.digest('hex'), octets };
}

/** Its beginning alone. Same errors. */
export async function readCdrBeginning(path: string, encoding: string): Promise<string> {
  let beginning = '';
  await readCdrFile(path, encoding, (text) => {
    beginning += text;
    return beginning.length < BEGINNING_OCTETS;
  });
  if (beginning.length < BEGINNING_OCTETS) return beginning;
  // Whole lines.
  return beginning.slice(0, Math.max(beginning.lastIndexOf('\n'), beginning.lastIndexOf('\r')) + 1);
}

async function unpacked(pieces: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { value: first, done } = await pieces.next();
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first !== undefined) yield first;
    yield* pieces;
  }
  if (done === true || first[0] !== 0x1f || first[1] !== 0x8b) return whole();
  const source = Readable.from(whole());
  const gunzip = createGunzip();
  source.on('error', (thrown) => gunzip.destroy(thrown));
  return source.pipe(gunzip);
}

function unreadable(path: string, thrown: unknown): AppError {
  const name = path === '-' ? 'standard input' : path;
  return new AppError('reconcile.file', `${name} cannot be read: ${describeError(thrown)}`, { cause: thrown });
}
