import type { Rule } from './ruling.ts';

/** The campaign says under which number its operator stands in the ROC register, where there is such a register. */
export const roc: Rule = ({ terms }, { admission }) =>
  admission.roc === null || terms.roc !== null
    ? null
    : {
        rule: 'roc',
        citation: admission.roc.citation,
        facts: { roc: 'none' },
        remedy: "write the operator's ROC number into the campaign's settings (roc)",
        retryAfterS: null,
      };
