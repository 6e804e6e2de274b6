/** Reads a list as its octets come, and keeps the digests of its numbers: what an import does before it writes anything. */
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { NumberKey } from '../../base/number-digest.ts';
import { digestWords } from '../../base/number-digest-words.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import { createDigestTable, type DigestTable } from '../../policy/screening/digest-table.ts';
import { createFindingsCounter, type ListFindings, listProblem } from '../../policy/screening/list-findings.ts';
import type { LayoutHints } from '../../policy/screening/list-layout.ts';
import { createListReader } from '../../policy/screening/list-reader.ts';

/** Numbers of one list: 12 octets of memory each. Italy has some 100 million numbers in use; a campaign calls a few of them. */
export const NUMBERS_MAX = 40_000_000;
/** Octets of an unpacked list: what is longer is no list of so many numbers. */
export const UNPACKED_OCTETS_MAX = 8 * 2 ** 30;

/** What the reading has come to. */
export type ReadProgress = { readonly octets: number; readonly lines: number; readonly numbers: number };

/** A list that was read to its end. */
export type ReadList = { readonly findings: ListFindings; readonly sha256: string; readonly digests: DigestTable };

/** Why it cannot be used; `findings` when it was read to its end. */
type Refusal = { readonly reason: string; readonly findings: ListFindings | null };

/**
 * Takes gzip as well, by its first octets. A piece of `octets` is read before the next is asked for, and not kept. Rejects with
 * what `octets` rejects with.
 */
export async function readList(
  octets: AsyncIterable<Uint8Array>,
  key: NumberKey,
  hints: LayoutHints,
  onProgress: (progress: ReadProgress) => void,
): Promise<Result<ReadList, Refusal>> {
  const hash = createHash('sha256');
  let came = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of octets) {
      hash.update(piece);
      came += piece.length;
      yield piece;
    }
  }

  const digests = createDigestTable();
  const counter = createFindingsCounter();
  const words = new Uint32Array(2);
  const digest = digestWords(key);
  const reader = createListReader(hints, {
    number(text, start, end, line) {
      digest(text, start, end, words);
      if (digests.add(words[0] as number, words[1] as number)) counter.number();
      else counter.duplicate(line);
    },
    malformed: counter.malformed,
  });

  let unpacked = 0;
  try {
    for await (const piece of unpackedOf(counted())) {
      unpacked += piece.length;
      const pushed = reader.push(piece);
      if (!pushed.ok) return refused({ reason: pushed.problem, findings: null });
      if (counter.numbers() > NUMBERS_MAX) return tooLarge(`${NUMBERS_MAX} numbers`);
      if (unpacked > UNPACKED_OCTETS_MAX) return tooLarge(`${UNPACKED_OCTETS_MAX} octets`);
      onProgress({ octets: came, lines: reader.lines(), numbers: counter.numbers() });
    }
  } catch (thrown) {
    if (!isDamagedGzip(thrown)) throw thrown;
    return refused({ reason: 'the list is a gzip file that is damaged or not whole', findings: null });
  }
  const layout = reader.end();
  if (!layout.ok) return refused({ reason: layout.problem, findings: null });
  const findings = counter.findings(reader.lines(), layout.value);
  const reason = listProblem(findings);
  return reason === null ? ok({ findings, sha256: hash.digest('hex'), digests }) : refused({ reason, findings });
}

function tooLarge(limit: string) {
  return refused({ reason: `the list has more than ${limit}, the most that is taken`, findings: null });
}

async function* unpackedOf(octets: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The two octets that tell may come one by one.
  let beginning = Buffer.alloc(0);
  while (beginning.length < 2) {
    const { done, value } = await octets.next();
    if (done) break;
    beginning = Buffer.concat([beginning, value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (beginning.length > 0) yield beginning;
    yield* octets;
  }
  if (beginning[0] === 0x1f && beginning[1] === 0x8b) {
    const gunzip = createGunzip();
    // Whatever goes wrong comes out of the last stream, which is read here.
    pipeline(Readable.from(copies(whole())), gunzip, () => {});
    yield* gunzip;
  } else {
    yield* whole();
  }
}

/** For whoever keeps pieces waiting. */
async function* copies(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Uint8Array.from(piece);
}

function isDamagedGzip(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_');
}
