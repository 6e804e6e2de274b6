import { describe, expect, it } from 'vitest';
import { createFrameReader } from './control/frame.ts';
import { corePair } from './testing/core-pair.ts';
import { growthOfFourfold } from './testing/growth.ts';

/** The largest size that is tried: a message that fills a datagram. */
const SIZE = 16_000;

/** Linear gives 4, quadratic 16. */
const GROWTH_MAX = 9;

const head = (method = 'INVITE') => [
  `${method} sip:us@10.0.0.2 SIP/2.0`,
  'Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1',
  'From: <sip:peer@10.0.0.9>;tag=peer',
  'To: <sip:us@10.0.0.2>',
  'Call-ID: call-1',
  `CSeq: 1 ${method}`,
  'Contact: <sip:peer@10.0.0.9>',
];

const withLines = (...lines: readonly string[]) => [...head(), ...lines, '', ''].join('\r\n');
const replaced = (name: string, value: string) =>
  [...head().map((line) => (line.startsWith(name) ? `${name}: ${value}` : line)), '', ''].join('\r\n');
/** As many lines of up to 8,000 octets as it takes: a single one may not be longer. */
const inLines = (name: string, unit: string, size: number) => {
  const line = `${name}: ${unit.repeat(Math.floor(8_000 / unit.length))}`;
  return withLines(...Array.from({ length: Math.max(1, Math.floor(size / 8_000)) }, () => line));
};

const SHAPES: readonly (readonly [string, (size: number) => string])[] = [
  ['nothing but one letter', (size) => 'a'.repeat(size)],
  ['line ends', (size) => '\r\n'.repeat(size / 2)],
  ['line feeds within the head', (size) => withLines('X: a\n'.repeat(size / 5))],
  ['a start line of spaces', (size) => `INVITE ${' '.repeat(size)}`],
  ['a URI of one letter', (size) => `INVITE sip:${'a'.repeat(size)} SIP/2.0\r\n\r\n`],
  ['header lines', (size) => withLines(...Array.from({ length: size / 6 }, () => 'X: a'))],
  ['folded lines', (size) => withLines(`X: a${'\r\n a'.repeat(size / 4)}`)],
  ['folded lines of spaces', (size) => withLines(`X: a${'\r\n  '.repeat(size / 4)}`)],
  ['lines without a name', (size) => withLines(':a\r\n'.repeat(size / 4))],
  ['backslashes and quotes with a control character', (size) => withLines(`X: \x01${'\\"'.repeat(size / 2)}`)],
  ['quotes in To', (size) => inLines('To', '"', size)],
  ['escaped quotes in To', (size) => inLines('To', '\\"', size)],
  ['brackets in From', (size) => inLines('From', '<', size)],
  ['a Via of spaces', (size) => replaced('Via', `SIP/2.0/UDP${' '.repeat(Math.min(8_000, size))}`)],
  ['a Via of colons and spaces', (size) => replaced('Via', `SIP/2.0/UDP h${' :'.repeat(Math.min(4_000, size))}`)],
  ['Vias of commas', (size) => inLines('Via', ',', size)],
  ['Vias of semicolons', (size) => inLines('Via', ';', size)],
  ['a CSeq of spaces', (size) => replaced('CSeq', `1${' '.repeat(Math.min(8_000, size))}`)],
  ['Routes', (size) => inLines('Route', '<sip:a;lr>,', size)],
  ['Contacts of quotes', (size) => inLines('Contact', '"<', size)],
  ['Supported of commas', (size) => inLines('Supported', 'x,', size)],
  ['Requires', (size) => inLines('Require', 'x , ', size)],
  ['a body', (size) => withLines(`Content-Length: ${size}`) + 'a'.repeat(size)],
];

describe('what one message may cost', () => {
  it.each(SHAPES)('grows no faster than its length: %s', (_name, build) => {
    const growth = growthOfFourfold((size) => {
      const octets = Buffer.from(build(size), 'latin1');
      return () => {
        const { b } = corePair();
        for (let left = 0; left < 3; left++)
          b.core.receive(octets, { protocol: 'udp', address: '10.0.0.9', port: 5060 });
      };
    }, SIZE);
    expect(growth).toBeLessThan(GROWTH_MAX);
  });

  it('grows no faster than its length on the control port, one octet at a time', () => {
    const growth = growthOfFourfold(
      (size) => () => {
        const reader = createFrameReader();
        reader.push(Buffer.from('99999#'));
        const octet = Buffer.from('a');
        for (let left = size; left > 0; left--) reader.push(octet);
      },
      SIZE,
    );
    expect(growth).toBeLessThan(GROWTH_MAX);
  });
});
