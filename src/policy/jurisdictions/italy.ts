import { italyAdmission } from './italy-admission.ts';
import type { Jurisdiction } from './jurisdiction.ts';

/** Italy: Garante per la protezione dei dati personali, decision 83 of 20 February 2014 (doc. web 3017499). */
export const italy: Jurisdiction = {
  policy: 'it-garante-83-2014@1',
  timeZone: 'Europe/Rome',
  waitLimitMs: {
    value: 3000,
    citation: 'Garante, decision 83/2014, point 1: no operator within 3 seconds of the answer, then torn down',
  },
  callerIdPresentation: {
    required: true,
    citation: 'L. 5/2018 art. 2 (18G00021): calls for sales, promotion or surveys present the calling number',
  },
  // Our reading of the premises, contestable: point 1 speaks only of the operator's answer.
  machineAnsweredClass: 'B',
  admission: italyAdmission,
};
