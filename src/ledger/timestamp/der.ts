/** As much of DER (ITU-T X.690) as a timestamp needs: to write a request, to read an answer. Pure. */

/** Tags by their octets. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  explicit0: 0xa0,
} as const;

/** One value: its tag, what is in it, and itself whole. */
export type DerValue = { readonly tag: number; readonly content: Buffer; readonly whole: Buffer };

/** Deeper than any answer goes. */
const LENGTH_OCTETS_MAX = 4;

/** A value of these contents. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

/** An INTEGER of these octets, taken as a number without sign (X.690 §8.3). */
export function derUnsigned(octets: Buffer): Buffer {
  let first = 0;
  while (first < octets.length - 1 && octets[first] === 0) first++;
  const least = octets.subarray(first);
  // A set top bit would make it negative.
  return der(TAG.integer, (least[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), least]) : least);
}

/** The values that stand in these octets one after the other; null when they are not DER. */
export function readDer(octets: Buffer): readonly DerValue[] | null {
  const values: DerValue[] = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at];
    const first = octets[at + 1];
    if (tag === undefined || first === undefined) return null;
    let length = first;
    let begin = at + 2;
    if (first & 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > LENGTH_OCTETS_MAX || begin + count > octets.length) return null;
      length = octets.readUIntBE(begin, count);
      begin += count;
    }
    const end = begin + length;
    if (end > octets.length) return null;
    values.push({ tag, content: octets.subarray(begin, end), whole: octets.subarray(at, end) });
    at = end;
  }
  return values;
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = Buffer.alloc(LENGTH_OCTETS_MAX);
  octets.writeUInt32BE(length);
  const first = octets.findIndex((octet) => octet !== 0);
  return Buffer.concat([Buffer.from([0x80 | (LENGTH_OCTETS_MAX - first)]), octets.subarray(first)]);
}
