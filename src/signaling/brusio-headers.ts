/**
 * The headers that Brusio itself reads (agent, disposition, campaign, reference; names by setting), and which of the
 * dialer's headers may pass to the carrier (DESIGN §3).
 */
import { toIso, type WallMs } from '../base/clock.ts';
import type { Agent, AgentSignal, Disposition } from '../call/call-facts.ts';
import { withoutCallCodes } from '../policy/call-code.ts';
import type { ScreeningException } from '../policy/rules/ruling.ts';

/** The configured names. */
export type HeaderNames = {
  readonly campaign: string;
  readonly agent: string;
  readonly disposition: string;
  readonly reference: string;
  readonly callType: string;
  readonly consent: string;
};

/** What an agent header says. */
export type AgentReport = { readonly agent: Agent; readonly state: 'connected' | 'reserved' | 'left' };

/** The longest header value that is read; a longer one is cut. */
const VALUE_LENGTH_MAX = 128;

/**
 * `1001;state=connected` → the agent and its state.
 *
 * @param unsaid the state when none is given: `reserved` in an INVITE (the agent is promised, not yet heard),
 *   `connected` in an INFO, which has no other reason to be sent
 */
export function readAgent(
  value: string | undefined,
  source: AgentSignal,
  unsaid: 'connected' | 'reserved',
): AgentReport | null {
  const [id = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim());
  if (id === '') return null;
  const state = parameter(parameters, 'state') ?? unsaid;
  if (state !== 'connected' && state !== 'reserved' && state !== 'left') return null;
  return { agent: { id: id.slice(0, VALUE_LENGTH_MAX), source }, state };
}

/** `machine;method=amd` → the disposition; null for a word that is none. */
export function readDisposition(value: string | undefined, source: Disposition['source']): Disposition | null {
  const [word = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim());
  const answeredBy = word.toLowerCase();
  if (answeredBy !== 'human' && answeredBy !== 'machine' && answeredBy !== 'fax') return null;
  return { answeredBy, method: parameter(parameters, 'method')?.slice(0, VALUE_LENGTH_MAX) ?? null, source };
}

/**
 * `consent;ref=CRM-17;since=2026-11-20` or `contract;ref=…` → the exception; null without a reference, which nobody could look
 * up. A day begins at midnight UTC; what is no time is as if it were not said.
 */
export function readException(value: string | undefined): ScreeningException | null {
  const [word = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim());
  const basis = word.toLowerCase();
  const reference = readText(parameter(parameters, 'ref'));
  if ((basis !== 'consent' && basis !== 'contract') || reference === null) return null;
  return { basis, reference, since: readMoment(parameter(parameters, 'since')) };
}

/** RFC 3339: a day, or a time with its distance from UTC. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function readMoment(value: string | undefined): string | null {
  if (value === undefined || !MOMENT.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : toIso(at as WallMs);
}

/** A plain text header: trimmed and cut; null when absent or empty. */
export function readText(value: string | undefined): string | null {
  const text = (value ?? '').trim().slice(0, VALUE_LENGTH_MAX);
  return text === '' ? null : text;
}

/** Headers that belong to the hop, to the message or to the dialog, and are made anew for the carrier. */
const OWN_OF_THE_HOP: ReadonlySet<string> = new Set([
  'accept',
  'allow',
  'allow-events',
  'authorization',
  'call-id',
  'contact',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-type',
  'cseq',
  'from',
  'max-forwards',
  'mime-version',
  'min-se',
  'proxy-authorization',
  'proxy-require',
  'record-route',
  'replaces',
  'require',
  'route',
  'server',
  'session-expires',
  'supported',
  'to',
  'user-agent',
  'via',
]);

/** The dialer's headers that pass to the carrier unchanged. */
export function passedHeaders(
  headers: Readonly<Record<string, string>>,
  names: HeaderNames,
  passList: readonly string[],
): Record<string, string> {
  const ours = new Set(Object.values(names).map((name) => name.toLowerCase()));
  const listed = new Set(passList.map((name) => name.toLowerCase()));
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (OWN_OF_THE_HOP.has(lower) || ours.has(lower)) continue;
    if (lower.startsWith('x-') && !listed.has(lower)) continue;
    passed[name] = IDENTITIES.has(lower) ? withoutCallCodes(value) : value;
  }
  return passed;
}

/** Headers in which a dialer repeats its From, display name and all. */
const IDENTITIES: ReadonlySet<string> = new Set(['p-asserted-identity', 'p-preferred-identity', 'remote-party-id']);

function parameter(parameters: readonly string[], name: string): string | undefined {
  const found = parameters.find((one) => one.toLowerCase().startsWith(`${name}=`));
  return found
    ?.slice(name.length + 1)
    .replace(/^"|"$/g, '')
    .trim();
}
