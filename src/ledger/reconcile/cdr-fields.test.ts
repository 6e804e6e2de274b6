import { describe, expect, it } from 'vitest';
import { createCsvReader, LINE_CHARACTERS_MAX } from './csv-rows.ts';
import { isSameOutcome } from './difference.ts';
import { outcomeReader } from './outcome-code.ts';
import { beyondRounding, readDuration } from './rounding.ts';
import { timeFormatProblem, timeReader, zoneProblem } from './time-format.ts';

const iso = (read: ReturnType<ReturnType<typeof timeReader>>) =>
  typeof read === 'string'
    ? read
    : [read.at, read.later].map((at) => (at === null ? null : new Date(at).toISOString()));

describe('a time of a CDR file', () => {
  it.each([
    ['iso', '2026-11-20 10:15:07', '2026-11-20T09:15:07.000Z'],
    ['iso', '2026-11-20T10:15:07.214+02:00', '2026-11-20T08:15:07.214Z'],
    ['iso', '2026-11-20 10:15:07.5 UTC', '2026-11-20T10:15:07.500Z'],
    ['iso', '20261120101507', '2026-11-20T09:15:07.000Z'],
    ['epoch-s', '1795166107', '2026-11-20T09:15:07.000Z'],
    ['epoch-s', '1795166107.214', '2026-11-20T09:15:07.214Z'],
    ['epoch-ms', '1795166107214', '2026-11-20T09:15:07.214Z'],
    ['dd/MM/yyyy HH:mm:ss', '20/11/2026 10:15:07', '2026-11-20T09:15:07.000Z'],
    ['MM/dd/yy hh:mm:ss a', '11/20/26 12:15:07 AM', '2026-11-19T23:15:07.000Z'],
    ['dd MMM yyyy HH:mm', '20 Nov 2026 10:15', '2026-11-20T09:15:00.000Z'],
    ['yyyy-MM-dd HH.mm.ss', '2026-07-20 10.15.07,250', '2026-07-20T08:15:07.250Z'],
  ])('of format %s: %s is %s', (format, text, expected) => {
    expect(iso(timeReader(format, 'Europe/Rome')(text))).toEqual([expected, null]);
  });

  it('that the clocks show twice is both moments, one that they never show is none', () => {
    const read = timeReader('iso', 'Europe/Rome');
    expect(iso(read('2026-10-25 02:30:00'))).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
    expect(read('2026-03-29 02:30:00')).toBe('skipped-hour');
    expect(iso(timeReader('iso', '+01:00')('2026-10-25 02:30:00'))).toEqual(['2026-10-25T01:30:00.000Z', null]);
  });

  it.each(['2026-02-30 10:00:00', '2026-11-20 24:01:00', '2026-13-01 10:00:00', 'yesterday', '1795166107'])(
    '%s is none',
    (text) => expect(timeReader('iso', 'UTC')(text)).toBe('not-a-time'),
  );

  it('may be absent, also as databases write it', () => {
    for (const text of ['', '0000-00-00 00:00:00', '1970-01-01 00:00:00'])
      expect(timeReader('iso', 'UTC')(text)).toBe('empty');
    expect(timeReader('epoch-s', 'UTC')('0')).toBe('empty');
  });

  it('has a format and a zone that make sense', () => {
    expect(timeFormatProblem('dd/MM/yyyy')).toContain('HH or hh, mm');
    expect(timeFormatProblem('dd/MM/yyyy hh:mm')).toContain('AM, PM');
    expect(timeFormatProblem('dd/dd/MM/yyyy HH:mm')).toContain('twice');
    expect([zoneProblem('Europe/Rome'), zoneProblem('+01:00'), zoneProblem('Rome')]).toEqual([
      null,
      null,
      expect.any(String),
    ]);
  });
});

describe('a code of a CDR file', () => {
  it.each([
    ['words', 'NO ANSWER', 'no-answer'],
    ['words', 'Answered', 'answered'],
    ['words', 'non risponde', 'no-answer'],
    ['words', 'CHANUNAVAIL', 'unreachable'],
    ['words', '???', 'unknown'],
    ['q850', '17', 'busy'],
    ['q850', '16', 'released'],
    ['q850', 'NORMAL_CLEARING', 'released'],
    ['q850', 'ORIGINATOR_CANCEL', 'cancelled'],
    ['q850', 'NO_USER_RESPONSE', 'no-answer'],
    ['q850', 'Q.850: 34', 'unknown'],
    ['sip', '200', 'answered'],
    ['sip', '486 Busy Here', 'busy'],
    ['sip', '487', 'cancelled'],
    ['sip', '503', 'congestion'],
  ] as const)('of kind %s: %s is %s', (codes, code, expected) => {
    expect(outcomeReader(codes, {})(code)).toBe(expected);
  });

  it('of the carrier’s own goes before all others, however it is written', () => {
    const read = outcomeReader('q850', { '17': 'rejected', 'Esito-7': 'busy' });
    expect([read('17'), read('ESITO 7'), read('18')]).toEqual(['rejected', 'busy', 'no-answer']);
  });

  it('says the same as another where SIP cannot tell them apart; answered is never the same as not', () => {
    expect(isSameOutcome('no-answer', 'unreachable')).toBe(true);
    expect(isSameOutcome('busy', 'no-answer')).toBe(false);
    expect(isSameOutcome('unknown', 'busy')).toBe(true);
    expect(isSameOutcome('unknown', 'answered')).toBe(false);
    expect(isSameOutcome('busy', 'answered')).toBe(false);
  });
});

describe('a duration of a CDR file', () => {
  it.each([
    ['s', '12', 12_000],
    ['s', '12,5', 12_500],
    ['s', '-1', 0],
    ['ms', '12', 12],
    ['min', '1.5', 90_000],
    ['hms', '1:02:03', 3_723_000],
    ['hms', '02:03', 123_000],
    ['s', '', null],
    ['s', '1:02', Number.NaN],
    ['hms', '12', Number.NaN],
  ] as const)('in %s: %s is %s ms', (unit, text, expected) => {
    expect(readDuration(text, unit)).toBe(expected);
  });

  it.each([
    [6_000, 3_100, { stepS: 6, rounded: 'up', minimumS: 0 }, 0],
    [6_000, 6_500, { stepS: 6, rounded: 'up', minimumS: 0 }, 500],
    [60_000, 3_000, { stepS: 6, rounded: 'up', minimumS: 60 }, 0],
    [66_000, 59_000, { stepS: 6, rounded: 'up', minimumS: 60 }, 1_000],
    [3_000, 3_900, { stepS: 1, rounded: 'down', minimumS: 0 }, 0],
    [3_000, 2_400, { stepS: 1, rounded: 'nearest', minimumS: 0 }, 100],
  ] as const)('of %i ms billed for %i ms, %o: %i ms beyond the rounding', (billed, really, form, gap) => {
    expect(beyondRounding(billed, really, { unit: 's', ...form })).toBe(gap);
  });
});

describe('rows of a CDR file', () => {
  function read(pieces: readonly string[], delimiter = ',') {
    const rows: unknown[] = [];
    const reader = createCsvReader(delimiter, {
      row: (fields, line) => rows.push([line, ...fields]),
      malformed: (line, fault) => rows.push([line, fault]),
    });
    for (const piece of pieces) reader.push(piece);
    return { rows, lines: reader.end() };
  }

  it('RFC 4180 §2.6: go on over line ends within quotes, and one quote too many costs its line alone', () => {
    const lines = [
      '"Durata',
      '(sec)",Esito,Nota',
      '3,busy,"a',
      '',
      'b, ""c"""',
      '4,"busy,x',
      '5,busy,y',
      '6,"a',
      '7,busy',
    ];
    expect(read([lines.join('\r\n')]).rows).toEqual([
      [1, 'Durata (sec)', 'Esito', 'Nota'],
      [3, '3', 'busy', 'a  b, "c"'],
      [6, 'quote-not-closed'],
      [7, '5', 'busy', 'y'],
      [8, 'quote-not-closed'],
      [9, '7', 'busy'],
    ]);
    const unending = Array.from({ length: 12 }, (_, at) => `${at},x`);
    expect(read([['"open', ...unending].join('\n')]).rows).toEqual([
      [1, 'quote-not-closed'],
      ...unending.map((text, at) => [at + 2, ...text.split(',')]),
    ]);
  });

  it('are the same wherever the pieces end, with any line end', () => {
    const text = 'a,"b ""x"", c",d\r\n\r\n1, 2 ,"3"\r4,5,6\n"open,1\n7,8,9';
    const whole = read([text]);
    expect(whole).toEqual({
      lines: 6,
      rows: [
        [1, 'a', 'b "x", c', 'd'],
        [3, '1', '2', '3'],
        [4, '4', '5', '6'],
        [5, 'quote-not-closed'],
        [6, '7', '8', '9'],
      ],
    });
    for (let at = 0; at <= text.length; at++)
      expect(read([text.slice(0, at), text.slice(at)]), `cut at ${at}`).toEqual(whole);
    expect(read([...text])).toEqual(whole);
  });

  it('that are too long are told and cost no memory', () => {
    const long = 'x'.repeat(LINE_CHARACTERS_MAX);
    expect(read([long, long, long, '\na,b\n'])).toEqual({
      lines: 2,
      rows: [
        [1, 'too-long'],
        [2, 'a', 'b'],
      ],
    });
  });
});
