/** What signaling must know of one dialer. */
import type { CallKind } from '../call/call-facts.ts';
import type { DeclaredKind } from '../policy/call-kind.ts';
import type { CallerIdHeader } from '../policy/caller-id.ts';
import type { CampaignRule } from '../policy/campaign-rules.ts';
import type { ServedAlgorithm } from '../policy/dialer-algorithms.ts';
import type { Credentials } from './digest.ts';
import type { SrtpMode } from './sdes.ts';

/** The request-URI, To, or a header that has a number or a URI. */
export type NumberPlace = 'request-uri' | 'to' | `header:${string}`;

/** A header, VICIdial's call code in From's display name, or the INVITE's Call-ID. */
export type ReferencePlace = 'call-code' | 'call-id' | `header:${string}`;

/** The header's name in such a place; null when it is none. */
export function headerOfPlace(place: string): string | null {
  return place.startsWith('header:') ? place.slice('header:'.length) : null;
}

/** One dialer, as the settings say. */
export type DialerProfile = {
  readonly name: string;
  /** Addresses or CIDR blocks. */
  readonly sources: readonly string[];
  /** Who may call from there, by digest; none: whoever is there. */
  readonly users: readonly Credentials[];
  /** In which its users are asked, in this order. */
  readonly algorithms: readonly ServedAlgorithm[];
  /** Where it puts the called number. */
  readonly numberFrom: NumberPlace;
  /** Where its own reference of a call stands, in this order. */
  readonly referenceFrom: readonly ReferencePlace[];
  /** Which campaign a call belongs to that names none. */
  readonly campaignRules: readonly CampaignRule[];
  /** Dialled before the number and no part of it. */
  readonly stripPrefix: string;
  /** Read in this order. */
  readonly callerIdFrom: readonly CallerIdHeader[];
  /** The kind of its calls when nothing else is said. */
  readonly kind: CallKind;
  readonly mayDeclare: readonly DeclaredKind[];
  /** Whether whom its FreeSWITCH shows after the answer is an agent on the line. */
  readonly agentFromDisplay: boolean;
  /** Whether its streams must be protected. */
  readonly srtp: SrtpMode;
};
