import type { Clock } from '../../base/clock.ts';
import type { Counters } from '../counters.ts';
import type { OverloadReason } from '../refusal-notices.ts';
import type { TokenSource } from '../token-source.ts';
import type { Hop } from '../transaction/hop.ts';
import type { SipTimers } from '../transaction/sip-timers.ts';
import type { TargetHealth } from '../transaction/target-health.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Application, Applications } from './application.ts';
import type { Cdr } from './cdr.ts';
import type { DialogTable } from './dialog-table.ts';
import type { Faces } from './faces.ts';
import type { Locator } from './location.ts';

/** What both sides of the user agent stand on. */
export type UserAgentContext = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly layer: TransactionLayer;
  readonly dialogs: DialogTable;
  readonly applications: Applications;
  readonly cdr: Cdr;
  readonly locator: Locator;
  readonly newToken: TokenSource;
  readonly counters: Counters;
  readonly faces: Faces;
  /** Which targets have failed lately. */
  readonly health: TargetHealth;
  /** Octets of a request that still go over UDP (RFC 3261 §18.1.1). */
  readonly udpOctetsMax: number;
  /** Whether a message can go back the way that hop's came: a connection may have been closed since. */
  readonly isOpen: (hop: Hop) => boolean;
  /** Whether that is this very engine: a call to ourselves would collide with itself. */
  readonly isSelf: (hop: Hop) => boolean;
  /** Dialogs and unanswered INVITEs at once; over it new INVITEs are refused both ways. */
  readonly dialogsMax: number;
  /** Written as User-Agent or Server where the application gave none; null for no such header. */
  readonly userAgent: string | null;
  /** A request was refused with 503. */
  readonly onOverload?: (reason: OverloadReason) => void;
};

/** An application that hears nothing: requests of the engine itself are sent for it. */
export const NOBODY: Application = {
  isGone: () => false,
  deliverRequest: () => undefined,
  deliverInDialog: () => undefined,
  deliverResponse: () => undefined,
  deliverUnsolicited: () => undefined,
  deliverCdr: () => undefined,
};
