import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CarrierCall, rowReader } from './carrier-row.ts';
import { fieldsOfLine } from './csv-rows.ts';
import { readMapping } from './mapping.ts';
import { PRESETS } from './presets.ts';
import { suggestMapping } from './suggestion.ts';

const PLAN = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };

/** Rows as these programs write them. */
const FILES = {
  asterisk: [
    '"","0298765432","3331234567","from-internal","""Ufficio"" <0298765432>","PJSIP/brusio-00000001","PJSIP/trunk-00000002","Dial","PJSIP/3331234567@trunk,60","2026-11-20 10:15:00","2026-11-20 10:15:08","2026-11-20 10:15:11",11,3,"ANSWERED","DOCUMENTATION"',
    '"","0298765432","3331234568","from-internal","x","PJSIP/brusio-00000003","","Dial","","2026-11-20 10:16:00",,"2026-11-20 10:16:30",30,0,"NO ANSWER","DOCUMENTATION"',
  ],
  freeswitch: [
    '"Ufficio","0298765432","393331234567","default","2026-11-20 10:15:00","2026-11-20 10:15:08","2026-11-20 10:15:11","11","3","NORMAL_CLEARING","a5c9f6c0-e752-11e3-8bfb-65b6c3cdac7d","","","PCMA","PCMA"',
    '"Ufficio","0298765432","393331234568","default","2026-11-20 10:16:00","","2026-11-20 10:16:30","30","0","NO_ANSWER","a5c9f6c0-e752-11e3-8bfb-65b6c3cdac7e","","","",""',
  ],
  'kamailio-acc': [
    'id,method,from_tag,to_tag,callid,sip_code,sip_reason,time,src_user,dst_user',
    '1,INVITE,a,b,abc@203.0.113.10,200,OK,2026-11-20 10:15:08,0298765432,3331234567',
    '2,BYE,a,b,abc@203.0.113.10,200,OK,2026-11-20 10:15:11,0298765432,3331234567',
    '3,INVITE,a,b,abd@203.0.113.10,480,Temporarily Unavailable,2026-11-20 10:16:30,0298765432,3331234568',
  ],
  carrier: [
    'Date/Time Start (UTC);Date/Time Connect (UTC);Date/Time End (UTC);Source;Destination Number;Billing Duration (sec);Disconnect Code',
    '2026-11-20 09:15:00;2026-11-20 09:15:08;2026-11-20 09:15:11;390298765432;393331234567;3;200',
    '2026-11-20 09:16:00;;2026-11-20 09:16:30;390298765432;393331234568;0;480',
  ],
  italian: [
    'Numero chiamante;Numero chiamato;Data inizio;Durata;Esito',
    '0298765432;3331234567;20/11/2026 10:15:00;00:00:03;Risposta',
    '0298765432;3331234568;20/11/2026 10:16:00;00:00:00;Non risponde',
  ],
  'date and time apart': [
    'Data chiamata;Ora chiamata;Numero chiamante;Numero chiamato;Durata (sec);Esito',
    '20/11/2026;10:15:00;0298765432;3331234567;3;Risposta',
    '20/11/2026;10:16:00;0298765432;3331234568;0;Non risponde',
  ],
  'no heading': ['3331234567;2026-11-20;10:15;00:00:03;Risposta', '3331234568;2026-11-20;10:16;00:00:00;Non risponde'],
} as const;

function callsOf(name: keyof typeof FILES, written: unknown, delimiter: string): CarrierCall[] {
  const mapping = readMapping(written);
  if (!mapping.ok) throw new Error(JSON.stringify(mapping.problem));
  const lines = FILES[name].map((line) => fieldsOfLine(line, delimiter) ?? []);
  const heading = mapping.value.file.heading ? (lines.shift() ?? null) : null;
  const read = rowReader(mapping.value, heading, { plan: PLAN, timeZone: 'Europe/Rome' });
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return lines.map(read.value).filter((row) => typeof row !== 'string');
}

const said = ({ number, network, start, answer, durationMs }: CarrierCall) => [
  ...[number, network, new Date((start ?? answer)?.at ?? 0).toISOString(), durationMs],
];

describe('a mapping', () => {
  it.each([
    ['asterisk', { preset: 'asterisk', number: { format: 'national' } }, ','],
    ['freeswitch', { preset: 'freeswitch' }, ','],
  ] as const)('of preset %s reads what that program writes', (name, written, delimiter) => {
    expect(callsOf(name, written, delimiter).map(said)).toEqual([
      ['+393331234567', 'answered', '2026-11-20T09:15:00.000Z', 3_000],
      ['+393331234568', 'no-answer', '2026-11-20T09:16:00.000Z', 0],
    ]);
  });

  it('of Kamailio’s acc takes the INVITE’s row alone, and a final answer’s time for what its code says', () => {
    const calls = callsOf('kamailio-acc', { preset: 'kamailio-acc', number: { format: 'national' } }, ',');
    expect(calls.map(said)).toEqual([
      ['+393331234567', 'answered', '2026-11-20T09:15:08.000Z', null],
      ['+393331234568', 'unreachable', '2026-11-20T09:16:30.000Z', null],
    ]);
    expect(calls[0]?.callId).toBe('abc@203.0.113.10');
  });

  it('with mistakes is refused with all of them', () => {
    const refused = readMapping({
      number: { colum: 1, format: 'x' },
      times: { zone: 'Rome' },
      durations: {},
      carrier: 5,
    });
    expect(refused.ok ? [] : refused.problem.map(({ path }) => path)).toEqual([
      ...['carrier', 'number.column', 'number.format', 'number.colum', 'times.zone', 'times', 'durations'],
    ]);
    expect(readMapping({ preset: 'avaya' })).toMatchObject({ ok: false, problem: [{ path: 'preset' }] });
    expect(readMapping([])).toMatchObject({ ok: false });
    expect(readMapping({ file: { heading: false }, number: { column: 'dst' }, times: { start: 1 } })).toMatchObject({
      problem: [
        { path: 'number.column', message: 'the file has no heading: columns are given by their place, from 1' },
      ],
    });
  });

  it('of every preset is whole', () => {
    for (const preset of Object.keys(PRESETS)) expect(readMapping({ preset }), preset).toMatchObject({ ok: true });
  });

  it('strips prefixes, reads URIs, and places national numbers of its country', () => {
    const numberOf = (number: Record<string, unknown>, text: string) => {
      const mapping = readMapping({ file: { heading: false }, number: { column: 1, ...number }, times: { start: 2 } });
      const read = mapping.ok ? rowReader(mapping.value, null, { plan: PLAN, timeZone: 'UTC' }) : null;
      const call = read?.ok === true ? read.value([text, '2026-11-20 10:00:00']) : 'no-number';
      return typeof call === 'string' ? call : call.number;
    };
    expect(numberOf({}, '393331234567')).toBe('+393331234567');
    expect(numberOf({}, '00393331234567')).toBe('+393331234567');
    expect(numberOf({}, '"+39 333 123-4567"')).toBe('+393331234567');
    expect(numberOf({ format: 'national' }, '0612345678')).toBe('+390612345678');
    expect(numberOf({ format: 'national', country: '49', trunkPrefix: '0' }, '030123456')).toBe('+4930123456');
    expect(numberOf({ strip: ['9', '99'] }, '99393331234567')).toBe('+393331234567');
    expect(numberOf({}, 'sip:+393331234567@203.0.113.1')).toBe('+393331234567');
    expect(numberOf({}, 'anonymous')).toBe('not-a-number');
    expect(numberOf({}, '')).toBe('no-number');
  });

  it('tells a code that contradicts the duration, and takes a release cause for no outcome', () => {
    const rowOf = (codes: string, code: string, seconds: string, answer = '') => {
      const written = { file: { heading: false }, number: { column: 1 }, times: { start: 2, answer: 5 } };
      const mapping = readMapping({ ...written, duration: { column: 3 }, outcome: { column: 4, codes } });
      const read = mapping.ok ? rowReader(mapping.value, null, { plan: PLAN, timeZone: 'UTC' }) : null;
      const call =
        read?.ok === true ? read.value(['393331234567', '2026-11-20 10:00:00', seconds, code, answer]) : null;
      return typeof call === 'object' && call !== null ? [call.network, call.contradictory] : call;
    };
    expect(rowOf('words', 'BUSY', '20')).toEqual(['busy', true]);
    expect(rowOf('words', 'BUSY', '0')).toEqual(['busy', false]);
    expect(rowOf('q850', '17', '20')).toEqual(['answered', true]);
    expect(rowOf('q850', '102', '20')).toEqual(['answered', false]);
    expect(rowOf('q850', '16', '0')).toEqual(['unknown', false]);
    expect(rowOf('q850', '16', '0', '2026-11-20 10:00:05')).toEqual(['answered', false]);
  });
});

describe('a proposed mapping', () => {
  it.each([
    ['asterisk', ','],
    ['freeswitch', ','],
    ['carrier', ';'],
    ['italian', ';'],
    ['date and time apart', ';'],
    ['no heading', ';'],
  ] as const)('of a file such as %s reads it', (name, delimiter) => {
    const { yaml } = suggestMapping(FILES[name].join('\n'));
    expect(callsOf(name, parse(yaml), delimiter).map(said)).toEqual([
      ['+393331234567', 'answered', '2026-11-20T09:15:00.000Z', 3_000],
      [...['+393331234568', name === 'carrier' ? 'unreachable' : 'no-answer'], '2026-11-20T09:16:00.000Z', 0],
    ]);
  });

  it('says what it did not find', () => {
    const { yaml, remarks } = suggestMapping('a,b\n1,2\n3,4\n');
    expect(remarks.join('\n')).toContain('which column has the called number was not found');
    expect(readMapping(parse(yaml)).ok).toBe(false);
  });
});
