/**
 * `npm run docs`: writes the parts of docs/settings.md, docs/rules.md, docs/ambience.md and ARCHITECTURE.md that are drawn from the code,
 * between `<!-- name:begin -->` and `<!-- name:end -->`, and the clips' pictures. `npm test` fails when they are not what
 * this would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CallEvent, CallEventType } from '../src/call/call-event.ts';
import type { CallState, CallStateName, ConnectRules } from '../src/call/call-state.ts';
import { dialing, TABLE, transition } from '../src/call/transition.ts';
import { ENVIRONMENT } from '../src/config/environment.ts';
import { settingsSchema } from '../src/config/settings.ts';
import { italy } from '../src/policy/jurisdictions/italy.ts';
import { RULE_STATUSES } from '../src/policy/rules/refusal-of.ts';
import { LEGAL_RULES, type LegalRule } from '../src/policy/rules/ruling.ts';
import {
  AGENT,
  CALLEE_MEDIA,
  eventOf,
  instantAt,
  invitedFacts,
  MACHINE,
  WAIT_THEN_DROP,
  WAIT_THEN_TELL,
} from '../src/testing/call-samples.ts';
import { clipPicture, filesTable, measuresTable, picturePath, shippedClips } from './ambience-page.ts';

type Section = { readonly file: string; readonly name: string; readonly text: () => string };

/** Every generated section. */
export const SECTIONS: readonly Section[] = [
  { file: 'ARCHITECTURE.md', name: 'state-table', text: stateTable },
  { file: 'docs/settings.md', name: 'settings', text: settingsTable },
  { file: 'docs/settings.md', name: 'environment', text: environmentTable },
  { file: 'docs/rules.md', name: 'rules', text: rulesTable },
  { file: 'docs/ambience.md', name: 'ambience-measures', text: measuresTable },
  { file: 'docs/ambience.md', name: 'ambience-files', text: filesTable },
];

/** The file's text with the section written anew. */
export function withSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no section ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

/** One row an event, one column a state: what is done and where the call goes. */
function stateTable(): string {
  const states = Object.keys(TABLE) as CallStateName[];
  const events = Object.keys(TABLE.dialing) as CallEventType[];
  const rows = events.map((event) => [`\`${event}\``, ...states.map((state) => cellText(state, event))]);
  return table(['event', ...states.map((state) => `**${state}**`)], rows);
}

/** Plays every variant of state and event that takes another way, and tells each way once. */
function cellText(name: CallStateName, type: CallEventType): string {
  const cell = TABLE[name][type];
  if (cell === 'ignore') return '–';
  if (cell === 'impossible') return '✗';
  const ways = [WAIT_THEN_DROP, WAIT_THEN_TELL].flatMap((rules) =>
    statesNamed(name, rules).flatMap((state) =>
      variantsOf(type).map((event) => {
        const { state: next, effects } = transition(state, event, rules);
        const to = next.name === name ? 'noted' : `→ ${next.name}`;
        return effects.length === 0 ? to : `${to} (${effects.map((effect) => effect.type).join(', ')})`;
      }),
    ),
  );
  return [...new Set(ways)].join('; ');
}

function statesNamed(name: CallStateName, rules: ConnectRules): CallState[] {
  const start = dialing(invitedFacts());
  const from = (first: CallState, types: readonly CallEventType[]): CallState =>
    types.reduce((state, type, index) => transition(state, eventOf(type, index * 100), rules).state, first);
  const play = (...types: CallEventType[]): CallState => from(start, types);
  const observed = (...types: CallEventType[]): CallState =>
    from(dialing({ ...invitedFacts(), teardown: 'observe' }), types);
  switch (name) {
    case 'dialing':
      return [
        start,
        play('agent-bridged'),
        play('disposition-reported'),
        dialing({ ...invitedFacts(), kind: 'manual' }),
      ];
    case 'cancelling':
      return [play('dialer-cancelled')];
    case 'waiting':
      return [play('callee-answered'), observed('callee-answered')];
    case 'released':
      return [play('callee-answered', 'disposition-reported'), observed('callee-answered', 'disposition-reported')];
    case 'overdue':
      return [observed('callee-answered', 'deadline')];
    case 'announcing':
      // Only where the rules have a message.
      return [play('callee-answered', 'deadline')].filter((state) => state.name === 'announcing');
    case 'bridged':
      return [play('callee-answered', 'agent-bridged')];
    case 'ended':
      return [play('carrier-refused')];
  }
}

function variantsOf(type: CallEventType): CallEvent[] {
  const event = eventOf(type, 1000);
  if (event.type === 'callee-ringing') return [event, { ...event, media: CALLEE_MEDIA }];
  if (event.type === 'carrier-refused') return [event, { ...event, open: true }];
  if (event.type === 'callee-answered') return [event, { ...event, media: null }];
  if (event.type === 'disposition-reported') {
    const disposition = { ...MACHINE, answeredBy: 'human' } as const;
    return [event, { ...event, disposition }, { ...event, at: instantAt(5000), disposition }];
  }
  if (event.type === 'leg-lost') return [event, { ...event, leg: 'dialer' }];
  if (event.type === 'agent-bridged') return [{ ...event, agent: AGENT }];
  return [event];
}

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** `path` → schema of every setting that holds a value, arrays of objects as `carriers[].uri`, of several kinds as `sources[kind].name`. */
export function settingPaths(): ReadonlyMap<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const walk = (schema: JsonSchema, path: string): void => {
    if (schema.properties !== undefined) {
      for (const [key, value] of Object.entries(schema.properties)) walk(value, path === '' ? key : `${path}.${key}`);
    } else if (schema.items?.properties !== undefined) {
      walk(schema.items, `${path}[]`);
    } else {
      found.set(path, schema);
      // Entries of several kinds, told apart by their type.
      for (const one of schema.items?.oneOf ?? []) walk(one, `${path}[${one.properties?.type?.const}]`);
      // A section that may be null.
      for (const one of schema.anyOf ?? []) if (one.properties !== undefined) walk(one, path);
    }
  };
  walk(z.toJSONSchema(settingsSchema, { io: 'output' }) as JsonSchema, '');
  return found;
}

function settingsTable(): string {
  const rows = [...settingPaths()].map(([path, schema]) => [
    `\`${path}\``,
    schema.default === undefined ? 'required' : `\`${JSON.stringify(schema.default)}\``,
    rangeOf(schema),
    schema.description ?? '',
  ]);
  return table(['setting', 'default', 'range', 'meaning'], rows);
}

function rangeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.join(', ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.minimum !== undefined && schema.maximum !== undefined) return `${schema.minimum}–${schema.maximum}`;
  return '';
}

/** Rule, answer and source, as they are told. */
function rulesTable(): string {
  const { admission, ratio } = italy;
  const citations: Readonly<Record<LegalRule, string>> = {
    'campaign-dates': admission.campaignDates.citation,
    roc: admission.roc.citation,
    'declared-caller-id': admission.declaredCallerId.citation,
    'calling-hours': admission.callingHours.citation,
    'opt-out': admission.optOut.citation,
    screening: admission.screening.citation,
    'recall-lock': admission.recallLock.citation,
    'guaranteed-agent': admission.guaranteedAgent.citation,
    frequency: admission.frequency.citation,
    'abandonment-budget': `${ratio.window.citation}; ${ratio.day.citation}`,
  };
  const rows = LEGAL_RULES.map((rule) => {
    const { sipStatus, phrase } = RULE_STATUSES[rule];
    return [`\`${rule}\``, `${sipStatus} ${phrase}`, citations[rule]];
  });
  return table(['rule', 'answer', 'source'], rows);
}

function environmentTable(): string {
  const rows = Object.entries(ENVIRONMENT).map(([variable, { replaces }]) => [`\`${variable}\``, replaces]);
  return table(['variable', 'replaces'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, name, text } of SECTIONS) {
    const path = `${ROOT}/${file}`;
    writeFileSync(path, withSection(readFileSync(path, 'utf8'), name, text()));
  }
  for (const clip of shippedClips()) writeFileSync(`${ROOT}/${picturePath(clip)}`, clipPicture(clip));
}
