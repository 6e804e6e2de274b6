import type { WallMs } from '../../base/clock.ts';
import { toIso } from '../../base/clock.ts';
import type { AdmissionLaw } from '../jurisdictions/admission-law.ts';
import { italyAdmission } from '../jurisdictions/italy-admission.ts';
import type { Breach, Rule } from './ruling.ts';

const DAY_MS = 86_400_000;

/** How old an imported list may be, days; of a law without such lists it is Italy's, which alone has them. */
export function listDaysMaxOf({ screening: law }: AdmissionLaw): number {
  return (law ?? italyAdmission.screening).listDaysMax;
}

/** Until when a list may be used that was checked then. */
export function usableUntil(checkedAt: WallMs, listDaysMax: number): WallMs {
  return (checkedAt + listDaysMax * DAY_MS) as WallMs;
}

/**
 * The opposition register cleared the number, and not too long ago. Consent, or a contract, passes without: the guard writes
 * it into the call's decision.
 */
export const screening: Rule = ({ at, exception, history, terms }, { admission }) => {
  if (exception !== null || admission.screening === null) return null;
  const { citation, listDaysMax } = admission.screening;
  const list = history.screening;
  const breach = (facts: Breach['facts'], remedy: string): Breach => ({
    rule: 'screening',
    citation,
    facts: { controller: terms.controller, ...facts },
    remedy,
    retryAfterS: null,
  });
  if (list === null) {
    return breach({ list: 'none' }, "import the register's cleared list for this controller: brusio screening import");
  }
  if (at > usableUntil(list.checkedAt, listDaysMax)) {
    return breach(
      { list: list.list, checkedAt: toIso(list.checkedAt), listDaysMax },
      'consult the register again and import its new list: brusio screening import',
    );
  }
  if (list.cleared) return null;
  return breach(
    { list: list.list, checkedAt: toIso(list.checkedAt), cleared: false },
    'take the number out of the campaign, or send the reference of its consent or contract in the INVITE',
  );
};
