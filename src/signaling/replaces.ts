/** The `Replaces` header of an INVITE (RFC 3891): which dialog it takes the place of, and who speaks in it from then on. */
import type { Agent } from '../call/call-facts.ts';
import type { DialogRecord } from '../guard/journal.ts';
import { readText } from './brusio-headers.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { userOf } from './sip-uri.ts';

/** What the header says (§6.1). Tags as the sender of the header sees them: `toTag` is ours. */
export type Replaces = {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly earlyOnly: boolean;
};

/** How a dialog that is named stands; null: it is none of ours, or not confirmed yet. */
export type ReplacedDialog = 'confirmed' | 'terminated' | null;

/** RFC 3261 §25.1. */
const TOKEN = /^[\w.!%*+`'~-]+$/;

/** A parameter's value: no list, no further parameter. */
const VALUE = /^(?:"[^"]*"|[^\s;,"]+)$/;

/** Reads the header; null when it is malformed, or there are several (§3: both are 400). */
export function readReplaces(value: string): Replaces | null {
  // A Call-ID has no white space, comma or semicolon (RFC 3261 §25.1), and all else may be in it, quotes too.
  const end = value.indexOf(';');
  const callId = value.slice(0, Math.max(0, end)).trim();
  if (callId === '' || /[\s,]/.test(callId)) return null;
  const parameters = new Map<string, string>();
  for (const parameter of splitAtSemicolons(value.slice(end + 1))) {
    const equals = parameter.indexOf('=');
    const name = (equals === -1 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
    const text = equals === -1 ? null : parameter.slice(equals + 1).trim();
    if (!TOKEN.test(name) || parameters.has(name) || (text !== null && !VALUE.test(text))) return null;
    parameters.set(name, text ?? '');
  }
  const toTag = parameters.get('to-tag') ?? '';
  const fromTag = parameters.get('from-tag') ?? '';
  if (toTag === '' || fromTag === '') return null;
  return { callId, toTag, fromTag, earlyOnly: parameters.has('early-only') };
}

/** Those outside quotes. */
function splitAtSemicolons(text: string): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === ';' && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Whether it names this dialog (§3). A tag of 0 stands for none, as RFC 2543 had it. */
export function isNamed({ callId, toTag, fromTag }: Replaces, dialog: DialogRecord): boolean {
  return callId === dialog.callId && isTag(toTag, dialog.localTag) && isTag(fromTag, dialog.remoteTag);
}

function isTag(named: string, tag: string): boolean {
  return named === tag || (named === '0' && tag === '');
}

/**
 * The final status for an INVITE whose dialog stands so (§3); null when it may take its place. A dialer's early dialog was
 * not initiated by us: as if there were none.
 */
export function refusalOfReplacing(replaced: ReplacedDialog, { earlyOnly }: Replaces): number | null {
  if (replaced === null) return 481;
  if (replaced === 'terminated') return 603;
  return earlyOnly ? 486 : null;
}

/**
 * Who speaks in the new dialog when no header of Brusio's says so: whom From names.
 *
 * @param callerId shown to the callee, which tells nothing of who speaks
 */
export function agentInFrom(request: SipRequest, callerId: string): Agent {
  const from = request.getParsedHeader('from');
  const user = readText(userOf(from.uri));
  const isTold = user !== null && user !== callerId;
  const name = readText(from.name?.replace(/^"|"$/g, ''));
  return {
    id: isTold ? user : 'unknown',
    source: 'sip-replaces',
    name: isTold ? name : null,
    extension: isTold ? user : null,
  };
}
