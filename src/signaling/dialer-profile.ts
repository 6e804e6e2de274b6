/** What signaling must know of one dialer. */
import type { CallKind } from '../call/call-facts.ts';
import type { DeclaredKind } from '../policy/call-kind.ts';
import type { CallerIdHeader } from '../policy/caller-id.ts';
import type { ServedAlgorithm } from '../policy/dialer-algorithms.ts';
import type { Credentials } from './digest.ts';
import type { SrtpMode } from './sdes.ts';

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
  readonly numberFrom: 'request-uri' | 'to';
  /** Dialled before the number and no part of it. */
  readonly stripPrefix: string;
  /** Read in this order. */
  readonly callerIdFrom: readonly CallerIdHeader[];
  /** The kind of its calls when nothing else is said. */
  readonly kind: CallKind;
  readonly mayDeclare: readonly DeclaredKind[];
  /** Whether its streams must be protected. */
  readonly srtp: SrtpMode;
};
