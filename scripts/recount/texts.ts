/**
 * What the laws of the recount say, by the stamp that calls carry: a second time, from the texts and not from `src/`. Whoever
 * changes a figure there must change it here too, and say why.
 */

/** At most so many silent calls of so many. */
export type Limit = { readonly silent: number; readonly of: number };

/** One country's figures as the recount needs them. */
export type Text = {
  /** IANA zone of its days. */
  readonly zone: string;
  readonly waitMs: number;
  /** What the wait counts from: the answer, or beginning or end of what the callee says first. */
  readonly from: 'answer' | 'greeting' | 'end-of-greeting';
  /** Days of a window from the campaign's first, a calendar month, or none. */
  readonly window: number | 'month' | null;
  /** Of a window, and of a day; null: none. */
  readonly limits: { readonly window: Limit | null; readonly day: Limit | null };
  /** How a reported machine, and a callee who hangs up before the wait is over, count; `-`: in neither class. */
  readonly machine: 'A' | 'B' | '-';
  readonly hungUp: 'A' | 'B' | '-';
  /** All the readings that the text bears of each, in the order in which reports show them. */
  readonly choices: { readonly machine: readonly ('A' | 'B' | '-')[]; readonly hungUp: readonly ('A' | 'B' | '-')[] };
  /** How machines enter the share: estimated of those that detection found, or by those that agents heard; null: not. */
  readonly machines: 'found' | 'heard' | null;
  /** For how long a call rings at least before it is given up; null: no figure. */
  readonly minRingMs: number | null;
  /** A machine that an agent was connected to is one all the same. */
  readonly machineFirst: boolean;
  /** Hours of rest after a silent call, and after a machine that no agent heard; `days`: and to the end of so many days. */
  readonly rest: { readonly hours: number; readonly days: number; readonly endsByBridge: boolean } | null;
  readonly machineRestHours: number | null;
};

const EITHER = ['A', 'B'] as const;

const LIVE = {
  minRingMs: null,
  choices: { machine: ['-'], hungUp: EITHER },
  machines: null,
  waitMs: 2_000,
  from: 'answer',
  machine: '-',
  machineFirst: true,
  rest: null,
  machineRestHours: null,
} as const;

const TEXTS: Readonly<Record<string, Text>> = {
  'it-garante-83-2014@1': {
    ...{
      zone: 'Europe/Rome',
      waitMs: 3_000,
      from: 'answer',
      window: 10,
      limits: { window: { silent: 3, of: 100 }, day: { silent: 4, of: 100 } },
      choices: { machine: EITHER, hungUp: EITHER },
      ...{ machines: null, minRingMs: null },
      machine: 'B',
      hungUp: 'A',
      machineFirst: false,
    },
    ...{ rest: { hours: 120, days: 5, endsByBridge: true }, machineRestHours: null },
  },
  'gb-ofcom-2010@1': {
    ...{ ...LIVE, from: 'greeting', zone: 'Europe/London', window: null, hungUp: '-' },
    limits: { window: null, day: { silent: 3, of: 100 } },
    ...{ choices: { machine: ['-'], hungUp: ['-', 'A'] }, machines: 'found', minRingMs: 15_000 },
    ...{ rest: { hours: 72, days: 0, endsByBridge: false }, machineRestHours: 24 },
  },
  'us-ftc-tsr@1': {
    ...{ ...LIVE, from: 'end-of-greeting', zone: 'America/New_York', window: 30, hungUp: 'B', minRingMs: 15_000 },
    limits: { window: { silent: 3, of: 100 }, day: null },
  },
  'ca-crtc-utr@1': {
    ...{ ...LIVE, zone: 'America/Toronto', window: 'month', hungUp: 'A' },
    limits: { window: { silent: 5, of: 100 }, day: null },
  },
  'de-ccv-ddv-code@1': {
    ...{
      zone: 'Europe/Berlin',
      waitMs: 3_000,
      from: 'answer',
      window: null,
      limits: { window: null, day: null },
      choices: { machine: EITHER, hungUp: EITHER },
      ...{ machines: null, minRingMs: 15_000 },
      machine: 'B',
      hungUp: 'A',
      machineFirst: false,
    },
    ...{ rest: null, machineRestHours: null },
  },
};

/** The figures of a stamp, its options included. Throws for one that this recount does not know. */
export function textOf(stamp: string): Text {
  const [name = '', ...options] = stamp.split(';');
  const text = TEXTS[name];
  if (text === undefined) throw new Error(`the recount knows no rules "${stamp}"`);
  const said = Object.fromEntries(options.map((option) => option.split('=')));
  const as = (word: string | undefined, usual: Text['machine']) =>
    word === 'A' || word === 'B' ? word : word === 'none' ? '-' : usual;
  return {
    ...text,
    zone: said.zone ?? text.zone,
    machine: as(said.machine, text.machine),
    hungUp: as(said['callee-hang-up'], text.hungUp),
    machines: text.machines !== null && said['machine-detection'] === 'none' ? 'heard' : text.machines,
  };
}
