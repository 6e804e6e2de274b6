/** What `verify-ledger` and its threads say to each other. */
import type { ChainPart, PartFindings, PlacedMove } from '../../ledger/verify/range-check.ts';

/** To a thread. */
export type VerifyRequest =
  | { readonly type: 'check'; readonly part: Omit<ChainPart, 'prevHash'> }
  /** Once all parts are checked: lifts are kept by the threads, since only those of numbers with a lock matter. */
  | { readonly type: 'lifts'; readonly numbers: ReadonlySet<string> }
  | { readonly type: 'close' };

/** From a thread; each request but `close` has one answer. */
export type VerifyReply =
  | { readonly type: 'opened' }
  | { readonly type: 'cannot-open'; readonly message: string }
  | { readonly type: 'checked'; readonly findings: PartFindings }
  | { readonly type: 'lifts'; readonly lifts: readonly PlacedMove[] }
  | { readonly type: 'failed'; readonly message: string };
