import type { Rule } from './ruling.ts';

/** The caller id is one that the campaign declares, or begins as one does. */
export const declaredCallerId: Rule = ({ callerId, terms }, { admission }) => {
  if (terms.callerIds.some((declared) => isCovered(callerId, declared))) return null;
  return {
    rule: 'declared-caller-id',
    citation: admission.declaredCallerId.citation,
    // Not the caller id itself: it may be anybody's, and what the ledger has taken stays in it.
    facts: { callerId: callerId === '' ? 'none' : 'not declared', declared: terms.callerIds.length },
    remedy: "call with one of the campaign's callerIds, or add this one to them and to the ROC declaration",
    retryAfterS: null,
  };
};

/** @param declared a whole number, or a beginning with `*` after it */
function isCovered(callerId: string, declared: string): boolean {
  return declared.endsWith('*') ? callerId.startsWith(declared.slice(0, -1)) : callerId === declared;
}
