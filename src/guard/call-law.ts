/** One call before the law: the rules that it is put before, the room it holds there, and what the ledger is told of it. */
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallEvent } from '../call/call-event.ts';
import type { CallState } from '../call/call-state.ts';
import type { CountedAs, CountMove, LedgerDraft } from '../ledger/ledger-entry.ts';
import type { Refusal } from '../policy/decision.ts';
import type { CallLedger } from './call-ledger.ts';
import type { CallRuling } from './ruling-desk.ts';
import type { Store } from './store-port.ts';

/** What it works with. */
export type CallLawParts = {
  /** Null for a call that no rule concerns. */
  readonly ruling: CallRuling | null;
  readonly ledger: CallLedger;
  readonly store: Pick<Store, 'ledger'>;
  readonly log: Logger;
  /** The agent it was admitted for has left while it rings, and without one it is refused. */
  readonly onWithdrawn: (refusal: Refusal) => void;
};

/** Told of a call's steps. */
export type CallLaw = {
  /** Null when it may be placed; never rejects. */
  admit(): Promise<Refusal | null>;
  /** After each step, whatever it did. */
  step(before: CallState, after: CallState, event: CallEvent): void;
  /** Its outcome is to be recorded, which moves its count so. Resolves when it may be; null: at once. */
  concludes(count: CountMove | null): Promise<void> | null;
  /** Its outcome is committed: not before, so that neither a lock nor a count is missing in between. */
  recorded(): void;
};

/** The law over one call. */
export function createCallLaw({ ruling, ledger, store, log, onWithdrawn }: CallLawParts): CallLaw {
  /** The class by whose commit its room is given back. */
  let settledBy: LedgerDraft | null = null;
  /** It is taking room again: what is to be committed waits. */
  let takingRoom: Promise<void> | null = null;

  return {
    async admit() {
      if (ruling === null) return null;
      const { ruling: said, refusal } = await ruling.ask();
      if (said !== null) write(ledger.decision(ruling.invite, said));
      return refusal;
    },
    step(before, after, event) {
      if (ruling !== null) holdRoom(ruling, before, after, event);
      for (const draft of ledger.step(before, after, event.at)) {
        if (draft.kind !== 'class') write(draft);
        else if (mayChange(ledger.counted())) {
          takeRoomAgain();
          write(draft);
        } else {
          settledBy = draft;
          write(draft, () => settledBy === draft && ruling?.counted());
        }
      }
    },
    concludes(count) {
      if (mayChange(count?.to ?? null)) takeRoomAgain();
      return takingRoom;
    },
    recorded: () => ruling?.released(),
  };

  /**
   * One whose wait ended without an agent, and whose room is given back, is a machine after all: as long as that may be taken back it is
   * at risk again, and on the place that it frees in the count nobody else may be called.
   */
  function takeRoomAgain(): void {
    if (ruling === null || settledBy === null) return;
    settledBy = null;
    const taken = ruling.uncounted();
    takingRoom = taken;
    void taken.then(() => {
      if (takingRoom === taken) takingRoom = null;
    });
  }

  function holdRoom(held: CallRuling, before: CallState, after: CallState, event: CallEvent): void {
    const { answeredAt } = after.facts;
    if (answeredAt !== null && before.facts.answeredAt === null) held.answered(answeredAt.wallMs);
    if (!held.withAgent) return;
    // Its agent is free again: should a 2xx cross the CANCEL, nobody will be there.
    if (after.name === 'cancelling' && before.name !== 'cancelling') void held.askWithoutAgent();
    if (event.type !== 'agent-left' || after.name !== 'dialing') return;
    void held.askWithoutAgent().then(({ refusal }) => {
      if (refusal !== null) onWithdrawn(refusal);
    });
  }

  function write(draft: LedgerDraft, committed: () => void = () => {}): void {
    const written = takingRoom === null ? store.ledger([draft]) : takingRoom.then(() => store.ledger([draft]));
    written.then(committed, (thrown: unknown) => {
      log.error({ kind: draft.kind, problem: describeError(thrown) }, 'a ledger entry could not be written');
    });
  }
}

/** A reported machine may be taken back. */
function mayChange(counted: CountedAs | null): boolean {
  return counted?.as === 'machine';
}
