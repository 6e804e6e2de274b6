import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isE164, toE164 } from '../telephone-number.ts';
import type { LayoutHints } from './list-layout.ts';
import { createListReader, type LineProblem, SAMPLE_OCTETS } from './list-reader.ts';

const ITALY = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };
const HINTS: LayoutHints = { plan: ITALY, form: 'auto', column: null };

/** What a list says, given to the reader in pieces of so many octets. */
function read(list: string | Uint8Array, hints: Partial<LayoutHints> = {}, pieceOctets = 7) {
  const numbers: string[] = [];
  const lines: number[] = [];
  const malformed: [number, LineProblem][] = [];
  const reader = createListReader(
    { ...HINTS, ...hints },
    {
      number(octets, start, end, line) {
        numbers.push(Buffer.from(octets.subarray(start, end)).toString('latin1'));
        lines.push(line);
      },
      malformed: (line, problem) => malformed.push([line, problem]),
    },
  );
  const octets = Buffer.from(list as string);
  for (let at = 0; at < octets.length; at += pieceOctets) {
    const pushed = reader.push(octets.subarray(at, at + pieceOctets));
    if (!pushed.ok) return { refused: pushed.problem };
  }
  const end = reader.end();
  if (!end.ok) return { refused: end.problem };
  const { value: layout } = end;
  return { numbers, lines, malformed, layout, all: reader.lines() };
}

describe('a cleared list', () => {
  it('is one number a line, E.164', () => {
    const { numbers, lines } = read('+393331234567\n+390612345678\n');
    expect(numbers).toEqual(['+393331234567', '+390612345678']);
    expect(lines).toEqual([1, 2]);
  });

  it('is one number a line, national, with the number plan of the settings', () => {
    expect(read('3331234567\n0612345678\n00393331234568\n').numbers).toEqual([
      '+393331234567',
      '+390612345678',
      '+393331234568',
    ]);
    const germany = { countryCode: '49', internationalPrefix: '00', trunkPrefix: '0' };
    expect(read('03012345678\n', { plan: germany }).numbers).toEqual(['+493012345678']);
  });

  it('may have the country code without its plus, which the first lines show or whoever imports it says', () => {
    const { numbers, layout } = read('393331234567\n390612345678\n');
    expect(numbers).toEqual(['+393331234567', '+390612345678']);
    expect(layout?.withCountryCode).toBe(true);
    // 393 is a mobile prefix too: one shorter number, and all are national.
    expect(read('3931234567\n3936543210\n').numbers).toEqual(['+393931234567', '+393936543210']);
    expect(read('3931234567\n', { form: 'international' }).numbers).toEqual(['+3931234567']);
    expect(read('393331234567\n', { form: 'national' }).numbers).toEqual(['+39393331234567']);
  });

  it.each([
    ['commas', 'id,numero,nome\n1,3331234567,Anna\n2,3331234568,"Rossi, Mario"\n'],
    ['semicolons and CRLF', 'id;numero;nome\r\n1;3331234567;Anna\r\n2;3331234568;"Rossi; ""Mario"""\r\n'],
    ['tabs', 'id\tnumero\tnome\n1\t3331234567\tAnna\n2\t3331234568\tMario\n'],
    ['quotes around everything', '"id","numero","nome"\n"1","3331234567","Anna"\n"2","333 123 4568","Mario"\n'],
    ["Excel's line that names the separator", 'sep=;\r\nid;numero;nome\r\n1;3331234567;Anna\r\n2;3331234568;Mario\r\n'],
    ['numbers kept as text by a spreadsheet', `id;numero\n1;="3331234567"\n2;'3331234568\n`],
    ["a byte order mark, and CR as old Macs' line end", '\ufeffnumero;nome\r3331234567;Anna\r3331234568;Mario\r'],
    ['blank lines, and no line end at the end', '\n\nnumero\n\n3331234567\n  \n3331234568'],
  ])('has its column of numbers found: %s', (_what, list) => {
    for (const pieceOctets of [1, 2, 1000]) {
      const { numbers, malformed, layout } = read(list, {}, pieceOctets);
      expect(numbers).toEqual(['+393331234567', '+393331234568']);
      expect(malformed).toEqual([]);
      expect(layout?.heading).toBe('numero');
    }
  });

  it('has no heading where the first line is a number, whatever else is there', () => {
    const { numbers, layout } = read('Anna;3331234567\nMario;3331234568\n');
    expect(numbers).toHaveLength(2);
    expect(layout).toMatchObject({ heading: null, column: 1, skippedLines: 0 });
  });

  it('is read where separators, blanks and foreign spaces stand in its numbers', () => {
    expect(
      read('+39 333 123-4567\n(06) 1234.5678\n+39\u00a0333\u202f1234569\n\u202a+393331234570\u202c\n').numbers,
    ).toEqual(['+393331234567', '+390612345678', '+393331234569', '+393331234570']);
  });

  it('tells each malformed line with its number, as an editor counts it', () => {
    const list = [
      'numero;nome', // 1
      '3331234567;Anna', // 2
      'sconosciuto;Bruno', // 3: no number
      ';Carla', // 4: nothing there
      '3,33123E+09;Dino', // 5: a spreadsheet ate it
      '', // 6: blank, no problem
      '"3331234568;Elsa', // 7: a quote too many costs this line and no other
      '118;Franco', // 8: a service number
      '+3933312345678901;Gino', // 9: longer than E.164
      '333123456733312345673331;Ida', // 10: two numbers run together
      '3331234569;Lia', // 11
    ].join('\r\n');
    const { numbers, lines, malformed, all } = read(list, { column: 'numero' });
    expect(numbers).toEqual(['+393331234567', '+393331234569']);
    expect(lines).toEqual([2, 11]);
    expect(malformed).toEqual([
      [3, 'not-a-number'],
      [4, 'no-number'],
      [5, 'not-a-number'],
      [7, 'quote-not-closed'],
      [8, 'cannot-be-placed'],
      [9, 'cannot-be-placed'],
      [10, 'not-a-number'],
    ]);
    expect(all).toBe(11);
  });

  it('tells a line that ends before the column of numbers', () => {
    expect(read('a;3331234567\nb\nc;3331234568\n').malformed).toEqual([[2, 'too-few-columns']]);
  });

  it('is refused where its layout cannot be told: better no list than the wrong people cleared', () => {
    expect(read('').refused).toBe('the list is empty');
    expect(read('\n\n').refused).toBe('the list is empty');
    expect(read('nome;citta\nAnna;Roma\nMario;Milano\n').refused).toMatch(/^no column of telephone numbers/);
    expect(read('numero\n').refused).toMatch(/^no column of telephone numbers/);
    expect(read('cliente;casa\n12345678;0612345678\n12345679;0612345679\n').refused).toBe(
      'columns 1, 2 all look like telephone numbers: name the one that is',
    );
    expect(read(Buffer.from('\ufeff3331234567\n', 'utf16le')).refused).toMatch(/UTF-16/);
    expect(read(Buffer.from('PK\u0003\u0004…')).refused).toMatch(/spreadsheet/);
    expect(read(Buffer.from('333\u0000\u0001\n')).refused).toMatch(/no text/);
    expect(read(`${'1'.repeat(2 * SAMPLE_OCTETS)}\n`, {}, 4096).refused).toMatch(/no line end/);
  });

  it('takes the column that is named, by its heading or its place', () => {
    const list = 'cliente;casa\n12345678;0612345678\n12345679;0612345679\n';
    expect(read(list, { column: 'Casa' }).numbers).toEqual(['+390612345678', '+390612345679']);
    expect(read(list, { column: '2' }).numbers).toEqual(['+390612345678', '+390612345679']);
    expect(read(list, { column: 'fax' }).refused).toBe('there is no column "fax"; the first line is of 2 columns');
    // A heading that only a telephone number's column has decides by itself.
    expect(read(list.replace('casa', 'telefono')).numbers).toHaveLength(2);
  });

  it('is refused when a column tells what the register said of each number: not all of them are cleared', () => {
    const list = 'numero;esito\n3331234567;contattabile\n3331234568;iscritto\n';
    expect(read(list).refused).toMatch(/"esito" seems to say/);
    expect(read(list, { column: 'numero' }).numbers).toHaveLength(2);
    expect(read(list.replace('iscritto', 'contattabile')).numbers).toHaveLength(2);
  });

  it('places every number as the number plan places it in an INVITE', () => {
    const plans = [
      ITALY,
      { countryCode: '49', internationalPrefix: '00', trunkPrefix: '0' },
      { countryCode: '1', internationalPrefix: '011', trunkPrefix: '1' },
      { countryCode: '358', internationalPrefix: '', trunkPrefix: '' },
      { countryCode: null, internationalPrefix: '00', trunkPrefix: '' },
    ];
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '3', '9'), minLength: 1, maxLength: 20 });
    const number = fc.tuple(fc.constantFrom('', '+', '00', '011', '0'), digits).map(([prefix, rest]) => prefix + rest);
    fc.assert(
      fc.property(fc.constantFrom(...plans), fc.array(number, { minLength: 1, maxLength: 20 }), (plan, numbers) => {
        // A heading and a number that all plans place: without them the layout is not found.
        const { numbers: placed = [] } = read(['numero', '+390612345678', ...numbers].join('\n'), {
          plan,
          form: 'national',
          column: '1',
        });
        const wanted = numbers.map((one) => toE164(one, plan)).filter((one) => isE164(one) && one.length <= 21);
        expect(placed.slice(1)).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});
