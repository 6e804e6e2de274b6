/**
 * Bencoding (BEP 3), as rtpengine's ng protocol writes its messages: integers `i42e`, strings `4:ping` whose length
 * counts octets, lists `l…e`, dictionaries `d…e`. Like rtpengine's own, the reader does not insist on sorted keys.
 *
 * The libraries there are take a truncated string for a whole one; over a datagram that is the very case to refuse.
 */

/** What can be written and read. Integers are safe ones; strings are UTF-8. */
export type Bencoded = number | string | readonly Bencoded[] | BencodedDictionary;

/** Keys in the order they were put in. */
export type BencodedDictionary = { readonly [key: string]: Bencoded };

/** Lists and dictionaries inside each other; rtpengine's deepest answer has eight. */
export const BENCODE_DEPTH_MAX = 16;

/** Digits of a string's length or an integer with its sign: those of the largest safe integer. */
const DIGITS_MAX = 17;

/** The value in octets. */
export function encodeBencode(value: Bencoded): Buffer {
  const parts: string[] = [];
  write(value, parts);
  return Buffer.from(parts.join(''));
}

function write(value: Bencoded, parts: string[]): void {
  if (typeof value === 'string') {
    parts.push(`${Buffer.byteLength(value)}:${value}`);
  } else if (typeof value === 'number') {
    parts.push(`i${value}e`);
  } else if (isList(value)) {
    parts.push('l');
    for (const item of value) write(item, parts);
    parts.push('e');
  } else {
    parts.push('d');
    for (const [key, item] of Object.entries(value)) {
      write(key, parts);
      write(item, parts);
    }
    parts.push('e');
  }
}

/** `Array.isArray` does not tell a readonly list from a dictionary. */
function isList(value: Bencoded): value is readonly Bencoded[] {
  return Array.isArray(value);
}

/** What stands at the start of some octets. */
export type BencodeRead =
  | { readonly type: 'value'; readonly value: Bencoded; readonly endsAt: number }
  /** A value begins, and more octets are needed. */
  | { readonly type: 'incomplete' }
  | { readonly type: 'malformed' };

const INCOMPLETE = { type: 'incomplete' } as const;
const MALFORMED = { type: 'malformed' } as const;
const [INTEGER, LIST, DICTIONARY, END, COLON] = [0x69, 0x6c, 0x64, 0x65, 0x3a];

/** Reads the one value that begins at `start`; what follows it is left alone. */
export function readBencode(octets: Buffer, start = 0): BencodeRead {
  return readValue(octets, start, 0);
}

function readValue(octets: Buffer, start: number, depth: number): BencodeRead {
  if (depth > BENCODE_DEPTH_MAX) return MALFORMED;
  switch (octets[start]) {
    case undefined:
      return INCOMPLETE;
    case INTEGER:
      return readNumber(octets, start + 1, END);
    case LIST:
      return readList(octets, start + 1, depth + 1);
    case DICTIONARY:
      return readDictionary(octets, start + 1, depth + 1);
    default:
      return readString(octets, start);
  }
}

type NumberRead = { readonly type: 'value'; readonly value: number; readonly endsAt: number } | NoValue;
type NoValue = typeof INCOMPLETE | typeof MALFORMED;

/** Decimal digits up to the octet `terminator`. */
function readNumber(octets: Buffer, start: number, terminator: number): NumberRead {
  const window = octets.subarray(start, start + DIGITS_MAX + 1);
  const length = window.indexOf(terminator);
  const digits = window.toString('latin1', 0, length === -1 ? window.length : length);
  if (length === -1) return /^(-?\d{0,16})$/.test(digits) ? INCOMPLETE : MALFORMED;
  const value = Number(digits);
  if (!/^(?:0|-?[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(value)) return MALFORMED;
  return { type: 'value', value, endsAt: start + length + 1 };
}

function readString(octets: Buffer, start: number): BencodeRead {
  const length = readNumber(octets, start, COLON);
  if (length.type !== 'value') return length;
  const endsAt = length.endsAt + length.value;
  if (length.value < 0) return MALFORMED;
  if (endsAt > octets.length) return INCOMPLETE;
  return { type: 'value', value: octets.toString('utf8', length.endsAt, endsAt), endsAt };
}

function readList(octets: Buffer, start: number, depth: number): BencodeRead {
  const items: Bencoded[] = [];
  let at = start;
  while (octets[at] !== END) {
    const item = readValue(octets, at, depth);
    if (item.type !== 'value') return item;
    items.push(item.value);
    at = item.endsAt;
  }
  return { type: 'value', value: items, endsAt: at + 1 };
}

function readDictionary(octets: Buffer, start: number, depth: number): BencodeRead {
  // Without a prototype a key such as `__proto__` is a key like any other.
  const entries: Record<string, Bencoded> = Object.create(null);
  let at = start;
  while (octets[at] !== END) {
    const key = readValue(octets, at, depth);
    if (key.type !== 'value') return key;
    if (typeof key.value !== 'string') return MALFORMED;
    const item = readValue(octets, key.endsAt, depth);
    if (item.type !== 'value') return item;
    entries[key.value] = item.value;
    at = item.endsAt;
  }
  return { type: 'value', value: entries, endsAt: at + 1 };
}
