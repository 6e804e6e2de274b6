import { describe, expect, it } from 'vitest';
import { csv } from './csv.ts';

const text = (octets: Buffer) => octets.toString('utf8');

describe('a table as CSV', () => {
  it('is UTF-8 with its mark, with CRLF, and as many fields in every line (RFC 4180 §2)', () => {
    expect(
      text(
        csv(
          [
            ['à', 'b', 'c'],
            [1, null],
          ],
          { separator: ',', decimal: '.' },
        ),
      ),
    ).toBe('\uFEFFà,b,c\r\n1,,\r\n');
  });

  it('has the decimal mark and the separator of its language', () => {
    const row = ['x', { decimal: '2.913' }, 0.9, 12_345];
    expect(text(csv([row], { separator: ';', decimal: ',' }))).toBe('\uFEFFx;2,913;0,9;12345\r\n');
    expect(text(csv([row], { separator: ',', decimal: '.' }))).toBe('\uFEFFx,2.913,0.9,12345\r\n');
  });

  it('quotes what would be taken for more than one field', () => {
    const row = ['a;b', 'say "x"', 'two\nlines', 'a,b'];
    expect(text(csv([row], { separator: ';', decimal: ',' }))).toBe('\uFEFF"a;b";"say ""x""";"two\nlines";a,b\r\n');
  });

  it.each(['=1+1', '+39', '-1', '@SUM(A1)', '\t=1', '\r=1', '|cmd', '%0A'])('is no formula: %j', (cell) => {
    expect(text(csv([[cell]], { separator: ',', decimal: '.' }))).toContain(`'${cell}`);
  });
});
