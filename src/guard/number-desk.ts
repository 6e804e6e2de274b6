/** A person's request: everything by the number as it may be written, found by its digests. */
import type { NumberDigests } from '../base/number-digest.ts';
import { type NumberPlan, spellingsOf, toE164 } from '../policy/telephone-number.ts';
import type { NumberDesk, NumberErasure, PrivacyStore } from './privacy-port.ts';

/** `plan`: that of the digests (`digestPlan`). */
export function createNumberDesk(
  store: Pick<PrivacyStore, 'eraseNumber' | 'callsByDigest'>,
  digests: NumberDigests,
  plan: NumberPlan,
): NumberDesk {
  return {
    erase: (number, controller) => store.eraseNumber(erasureOf(number, controller, digests, plan)),
    find: (number) => store.callsByDigest(digests.all(toE164(number.replaceAll(/\s/g, ''), plan))),
  };
}

/** What is to go of a number, however it was written. */
export function erasureOf(
  written: string,
  controller: string | null,
  digests: NumberDigests,
  plan: NumberPlan,
): NumberErasure {
  const number = toE164(written.replaceAll(/\s/g, ''), plan);
  return { digests: digests.all(number), spellings: spellingsOf(number, plan), controller };
}
