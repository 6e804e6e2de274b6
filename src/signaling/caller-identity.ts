/** Who calls, from the headers that say so (RFC 3325 §9.1, RFC 3323), and how it is written for a carrier. */

import type { CallerIdHeader } from '../policy/caller-id.ts';
import { formatted, type NumberFormat, type NumberPlan, toE164 } from '../policy/telephone-number.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { encodedUser, telephoneSubscriberOf } from './telephone-uri.ts';

/** What the headers say. */
export type CallerIdentity = {
  /** The number as it was given, unescaped; '' when none says one. */
  readonly number: string;
  /** The caller wants it hidden, or shows nobody. */
  readonly isAnonymous: boolean;
};

/** Users that stand for nobody: RFC 3323 §4.1.1.3, and what gateways write. */
const NOBODY: ReadonlySet<string> = new Set(['', 'anonymous', 'restricted', 'unavailable', 'unknown', 'private']);

/** RFC 3323 §4.2 and RFC 3325 §9.3: the values that hide who calls. `none` and `session` do not. */
const HIDING: ReadonlySet<string> = new Set(['id', 'header', 'user']);

/** The first header of the list that names somebody. */
export function callerIdentityOf(request: SipRequest, order: readonly CallerIdHeader[]): CallerIdentity {
  const named = order.map((header) => numberIn(request, header)).find((number) => !isNobody(number));
  const fromUri = uriIn(request.get('from') ?? '');
  const hides = (request.get('privacy') ?? '').split(/[;,]/).some((one) => HIDING.has(one.trim().toLowerCase()));
  // draft-ietf-sip-privacy-04 §5: Remote-Party-ID says it of itself.
  const remoteParty = /;\s*privacy\s*=\s*"?(full|name|uri)\b/i.test(request.get('remote-party-id') ?? '');
  const isNobodysFrom = isNobody(numberIn(request, 'from')) || /@anonymous\.invalid\b/i.test(fromUri);
  return {
    number: named ?? '',
    isAnonymous: named === undefined || hides || (remoteParty && order.includes('remote-party-id')) || isNobodysFrom,
  };
}

function isNobody(number: string): boolean {
  return NOBODY.has(number.toLowerCase());
}

function numberIn(request: SipRequest, header: CallerIdHeader): string {
  const value = request.get(header) ?? '';
  // RFC 3325 §9.1 allows two identities, a sip and a tel one: the first that has a number.
  const numbers = identities(value).map((one) => telephoneSubscriberOf(uriIn(one)).number);
  return numbers.find((number) => number !== '') ?? '';
}

/** A header that lists name-addrs, split outside of `<…>` and quotes. */
function identities(value: string): string[] {
  return value.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<]*>)/);
}

/** The URI of a name-addr or addr-spec. */
function uriIn(nameAddr: string): string {
  const withoutName = nameAddr.replace(/^\s*"(?:[^"\\]|\\.)*"/, '');
  return /<([^<>]*)>/.exec(withoutName)?.[1] ?? withoutName.split(';', 1)[0]?.trim() ?? '';
}

/** The caller's number as a carrier wants it: the same number, written its way. */
export function formattedCaller(number: string, format: NumberFormat, plan: NumberPlan): string {
  return format === 'unchanged' ? number : formatted(toE164(number, plan), format, plan);
}

/** An identity header for a carrier: the same identities, their numbers written its way. */
export function formattedIdentities(value: string, format: NumberFormat, plan: NumberPlan): string {
  if (format === 'unchanged') return value;
  return value.replace(/\b(sips?:|tel:)([^@;>,\s]+)/gi, (_all, scheme: string, user: string) => {
    const { number } = telephoneSubscriberOf(`tel:${user}`);
    return `${scheme}${encodedUser(formattedCaller(number, format, plan))}`;
  });
}
