/** Opt-outs as they are told by hand: what the database edge does, and what may be asked of it. */
import type { WallMs } from '../base/clock.ts';
import type { OptOutPlace, OptOutRow } from '../ledger/opt-out.ts';
import type { OptOutSource } from '../policy/opt-out-source.ts';
import type { CallRef } from './guard-view.ts';

/** One to write down. */
export type OptOutSaid = {
  /** The controller, or the whole installation. */
  readonly scope: string;
  readonly digest: string;
  readonly callId: string | null;
  readonly source: OptOutSource;
  readonly reference: string | null;
};

/** Those of one number in one scope, to be taken back, and why. */
export type OptOutRemoval = {
  /** Under every key that is kept, newest first. */
  readonly digests: readonly string[];
  readonly scope: string;
  readonly source: OptOutSource;
  readonly reference: string;
};

/** A page of all, the latest first. */
export type OptOutPage = { readonly before: (OptOutPlace & { readonly at: WallMs }) | null; readonly most: number };

/** The number that a guarded call went to. */
export type CalledNumber = { readonly callId: string; readonly digest: string; readonly controller: string };

/** The database edge. All reject with AppError `store.cannot-read` when the database cannot be used at the moment. */
export type OptOutStore = {
  addOptOut(said: OptOutSaid): Promise<OptOutRow>;
  /** Those that were there. */
  removeOptOuts(removal: OptOutRemoval): Promise<readonly OptOutRow[]>;
  /** Of one number, the latest first. */
  optOutsOf(digests: readonly string[]): Promise<readonly OptOutRow[]>;
  optOutPage(page: OptOutPage): Promise<readonly OptOutRow[]>;
  /** By our id or, once the call is over, the Call-ID of the dialer's leg; null: no guarded call. */
  calledNumber(ref: CallRef): Promise<CalledNumber | null>;
};

/** What may be asked; numbers however they are written. Rejects as the store does. */
export type OptOutDesk = {
  /** @param controller null: the whole installation */
  add(number: string, controller: string | null, reference: string | null): Promise<OptOutRow>;
  /** For the controller of the call, or as the settings say for all; null: there is no such guarded call. */
  addOfCall(ref: CallRef, reference: string | null): Promise<OptOutRow | null>;
  remove(number: string, controller: string | null, reference: string): Promise<readonly OptOutRow[]>;
  of(number: string): Promise<readonly OptOutRow[]>;
  page(page: OptOutPage): Promise<readonly OptOutRow[]>;
};
