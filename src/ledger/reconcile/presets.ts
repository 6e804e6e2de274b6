/**
 * Mappings for what known programs write, to be adapted: `preset: asterisk` in a mapping. Columns as the programs' own sources have
 * them: Asterisk `cdr/cdr_csv.c`, FreeSWITCH `cdr_csv.conf.xml`, Kamailio's table `acc` and its `kamailio_cdrs()`.
 */

type Preset = { readonly summary: string; readonly mapping: Readonly<Record<string, unknown>> };

/** By name; what they leave out is as in a mapping of one's own. */
export const PRESETS = {
  asterisk: {
    summary:
      'Asterisk, cdr_csv: Master.csv, 16 columns or more, no heading; zone: UTC where cdr.conf has usegmtime=yes',
    mapping: {
      file: { delimiter: ',', heading: false },
      number: { column: 3 },
      times: { start: 10, answer: 11, end: 12 },
      duration: { column: 14, rounded: 'down' },
      outcome: { column: 15, codes: 'words' },
    },
  },
  'asterisk-table': {
    summary: 'Asterisk, the table of cdr_adaptive_odbc and FreePBX, exported with its column names',
    mapping: {
      number: { column: 'dst' },
      times: { start: 'calldate' },
      duration: { column: 'billsec', rounded: 'down' },
      outcome: { column: 'disposition', codes: 'words' },
    },
  },
  freeswitch: {
    summary: 'FreeSWITCH, mod_cdr_csv, its template "example": no heading, the server’s local time',
    mapping: {
      file: { delimiter: ',', heading: false },
      number: { column: 3 },
      times: { start: 5, answer: 6, end: 7 },
      duration: { column: 9, rounded: 'nearest' },
      outcome: { column: 10, codes: 'q850' },
    },
  },
  'freeswitch-asterisk': {
    summary: 'FreeSWITCH, mod_cdr_csv, its template "asterisk"',
    mapping: {
      file: { delimiter: ',', heading: false },
      number: { column: 3 },
      times: { start: 10, answer: 11, end: 12 },
      duration: { column: 14, rounded: 'nearest' },
      outcome: { column: 15, codes: 'q850' },
    },
  },
  'kamailio-acc': {
    summary:
      'Kamailio or OpenSIPS, table acc with dst_user: the INVITE’s final answer, one row a transaction; no durations',
    mapping: {
      number: { column: 'dst_user' },
      times: { answer: 'time' },
      outcome: { column: 'sip_code', codes: 'sip' },
      callId: 'callid',
      rows: { only: [{ column: 'method', is: ['INVITE'] }] },
    },
  },
  'kamailio-cdrs': {
    summary: 'Kamailio, table cdrs as kamailio_cdrs() fills it: answered calls alone',
    mapping: {
      number: { column: 'dst_username' },
      times: { answer: 'call_start_time' },
      duration: { column: 'duration' },
      callId: 'sip_call_id',
      rows: { contain: 'answered' },
    },
  },
} as const satisfies Record<string, Preset>;

/** One of them. */
export type PresetName = keyof typeof PRESETS;
