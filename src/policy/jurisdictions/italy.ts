import { italyAdmission } from './italy-admission.ts';
import type { Jurisdiction } from './jurisdiction.ts';

/** Garante per la protezione dei dati personali, decision 83 of 20 February 2014, doc. web 3017499, G.U. 79 of 4 April 2014. */
const DECISION = 'Garante, decision 83/2014';

/** Italy, with every option at its default. docs/compliance/italy.md has the text beside the code. */
export const italy = {
  name: 'it',
  policy: 'it-garante-83-2014@1',
  timeZone: 'Europe/Rome',
  effective: {
    from: '2014-04-04',
    to: null,
    note: 'published in the Gazzetta Ufficiale 79 of 4 April 2014; still cited by the code of conduct 148/2024',
  },
  wait: {
    limitMs: {
      value: 3000,
      citation: `${DECISION}, point 1: no operator within 3 seconds of the answer, then torn down`,
      reading: null,
    },
    from: {
      value: 'answer',
      citation: `${DECISION}, point 1: within 3 seconds of the answer`,
      reading: 'the answer is the 2xx: the moment in which the receiver is lifted',
    },
    // biome-ignore lint/suspicious/noThenProperty: never called; the contract's name, as in the outcome's recallLock.
    then: { value: 'drop', citation: `${DECISION}, point 1: the call is then torn down`, reading: null },
  },
  ratio: {
    window: {
      value: { silent: 3, of: 100 },
      citation: `${DECISION}, point 2: NA / (NA + NB) is at most 3 % per campaign`,
      reading: null,
      span: {
        value: { kind: 'blocks', days: 10 },
        citation: `${DECISION}, point 2: at most ten days from the campaign's start, and at each multiple or portion of ten days`,
        reading:
          'calendar days of Europe/Rome, as the text names no hour, that of the first call being the first; the longest period allowed',
      },
    },
    day: {
      value: { silent: 4, of: 100 },
      citation: `${DECISION}, point 2: the daily mean may in no case exceed 4 %`,
      reading: 'per campaign, as the window is: the sentence does not say over what else',
    },
  },
  counting: {
    value: 'calls of class A of all answered calls',
    citation: `${DECISION}, points 1 and 2: P = NA / (NA + NB)`,
    reading: 'predictive calls alone',
  },
  machinesInRatio: null,
  recallLock: {
    hours: {
      value: 120,
      citation: `${DECISION}, point 4: not called again for at least five days`,
      reading: 'five times 24 hours and five calendar days, whichever ends later',
    },
    calendarDays: {
      value: 5,
      citation: `${DECISION}, point 4: not called again for at least five days`,
      reading: 'five times 24 hours and five calendar days, whichever ends later',
    },
    within: 'blocked',
    after: 'agent-only',
  },
  machineLock: null,
  minRingMs: null,
  options: {
    machineAnswered: {
      value: 'B',
      default: 'B',
      choices: ['A', 'B'],
      stamp: 'machine',
      citation: `${DECISION}, premises: calls answered by fax machines and voicemail are another kind than silent ones`,
      reading: "contestable: point 1 speaks of the operator's answer only",
    },
    calleeHangUp: {
      value: 'A',
      default: 'A',
      choices: ['A', 'B'],
      stamp: 'callee-hang-up',
      citation: `${DECISION}, premises: silent is a call that the called person or the system ended before an operator was available`,
      reading: 'so even when the three seconds were not over; point 1 alone would bear B',
    },
  },
  statisticsKeptYears: {
    value: 2,
    citation: `${DECISION}, point 5: statistical reports per campaign are kept at least two years`,
    reading: "the statistics, not the calls' personal data, which have a shorter retention of their own",
  },
  callerIdPresentation: {
    required: true,
    citation: 'L. 5/2018 art. 2 (18G00021): calls for sales, promotion or surveys present the calling number',
  },
  admission: italyAdmission,
} satisfies Jurisdiction;
