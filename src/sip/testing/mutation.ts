import type { Random } from '../../base/random.ts';

/** Octets that mean something to a SIP parser, and numbers and texts that parsers were seen to fall over. */
const DICTIONARY: readonly Buffer[] = [
  ...[
    '\r\n',
    '\r',
    '\n',
    '\r\n\r\n',
    '\r\n ',
    '\t',
    ' ',
    '\0',
    '"',
    '\\"',
    '<',
    '>',
    ';',
    ',',
    ':',
    '@',
    '=',
    '|',
    '#',
  ],
  ...[
    '%',
    '%00',
    '[',
    ']',
    '[::1]',
    '?',
    '/',
    '*',
    '\\',
    '\x7f',
    'SIP/2.0',
    'SIP/2.0 200 OK',
    'z9hG4bK',
    ';tag=',
    ';lr',
  ],
  ...['-1', '0', '65536', '2147483648', '4294967296', '18446744073709551616', '9'.repeat(40), '1e9', '0x10', 'NaN'],
  ...[
    ';rport',
    ';branch=',
    ';received=',
    'sip:',
    'sips:',
    'tel:',
    '100rel',
    'timer',
    'Content-Length: 99999\r\n',
    'l: 0\r\n',
  ],
  ...[
    'Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n',
    'CSeq: 1 ACK\r\n',
    'Route: <sip:10.0.0.1;lr>\r\n',
    'To: <sip:a@b>;tag=x\r\n',
  ],
  ...['constructor: x\r\n', '__proto__: x\r\n', 'toString'],
].map((text) => Buffer.from(text, 'latin1'));

const UTF8 = Buffer.from('è漢\u{1f4de}\ufeff\u202e', 'utf8');

/** The longest input that mutation makes: over the largest datagram, so that this limit is met too. */
const OCTETS_MAX = 70_000;

/**
 * A message damaged in one to six ways: bits flipped, octets changed, cut, doubled, moved, numbers grown, header lines
 * doubled, dropped or exchanged, pieces of `other` put in.
 */
export function mutate(octets: Buffer, other: Buffer, random: Random): Buffer {
  let current = octets;
  for (let left = 1 + Math.floor(random() * random() * 6); left > 0; left--)
    current = mutateOnce(current, other, random);
  return current.subarray(0, OCTETS_MAX);
}

function mutateOnce(octets: Buffer, other: Buffer, random: Random): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  const at = below(octets.length + 1);
  const end = Math.min(octets.length, at + 1 + below(1 + below(64)));
  const insert = (piece: Buffer, from = at, to = at) =>
    Buffer.concat([octets.subarray(0, from), piece, octets.subarray(to)]);
  switch (below(13)) {
    case 0: {
      const flipped = Buffer.from(octets);
      for (let left = 1 + below(4); left > 0 && flipped.length > 0; left--) {
        const index = below(flipped.length);
        flipped[index] = (flipped[index] as number) ^ (1 << below(8));
      }
      return flipped;
    }
    case 1:
      return insert(Buffer.from([below(256)]), at, Math.min(octets.length, at + 1));
    case 2:
      return insert(DICTIONARY[below(DICTIONARY.length)] as Buffer);
    case 3:
      return insert(DICTIONARY[below(DICTIONARY.length)] as Buffer, at, end);
    case 4:
      return octets.subarray(0, at);
    case 5:
      return insert(Buffer.alloc(0), at, end);
    case 6: {
      const piece = octets.subarray(at, end);
      const times = random() < 0.02 ? 4_000 : 1 + below(40);
      return insert(Buffer.concat(Array.from({ length: times }, () => piece)));
    }
    case 7: {
      const from = below(other.length + 1);
      return insert(other.subarray(from, from + below(200)));
    }
    case 8: {
      const cut = below(other.length + 1);
      return Buffer.concat([octets.subarray(0, at), other.subarray(cut)]);
    }
    case 9:
      return insert(UTF8.subarray(below(UTF8.length)));
    case 10:
      return insert(Buffer.from(String(2 ** below(70))), at, end);
    default:
      return mutateLines(octets, other, below);
  }
}

function mutateLines(octets: Buffer, other: Buffer, below: (limit: number) => number): Buffer {
  const lines = octets.toString('latin1').split('\r\n');
  const index = below(lines.length);
  const line = lines[index] as string;
  const foreign = other.toString('latin1').split('\r\n');
  switch (below(6)) {
    case 0:
      lines.splice(index, 0, line);
      break;
    case 1:
      lines.splice(index, 1);
      break;
    case 2:
      lines[index] = lines[below(lines.length)] as string;
      break;
    case 3:
      lines.splice(index, 0, foreign[below(foreign.length)] as string);
      break;
    case 4:
      lines[index] = line.replace(/\d+/, String(2 ** below(70)));
      break;
    default:
      lines[index] = line.replaceAll(/[:;,] ?/g, (mark) => `${mark}\r\n `);
  }
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
