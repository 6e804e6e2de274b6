import { canadaAdmission } from './canada-admission.ts';
import type { Jurisdiction } from './jurisdiction.ts';

/** CRTC, Unsolicited Telecommunications Rules (Telecom Decision 2007-48), the part on telemarketing. */
const RULES = 'CRTC, Unsolicited Telecommunications Rules (2007-48)';

/**
 * Canada, with every option at its default. Nearly all of it rests on memory: see docs/compliance/canada.md before a campaign
 * is run under it.
 */
export const canada = {
  name: 'ca',
  policy: 'ca-crtc-utr@1',
  timeZone: 'America/Toronto',
  effective: { from: null, to: null, note: 'from memory, but for the wait; no effective date was looked up' },
  wait: {
    limitMs: {
      value: 2000,
      citation: `${RULES}: a call is abandoned when no representative answers within two seconds`,
      reading: null,
    },
    from: {
      value: 'answer',
      citation: `${RULES}: two seconds of the answer`,
      reading: 'the 2xx',
      fromMemory: true,
    },
    // biome-ignore lint/suspicious/noThenProperty: never called; the contract's name, as in the outcome's recallLock.
    then: {
      value: 'drop',
      citation: `${RULES}: no figure and no message is known`,
      reading: 'torn down, as in Italy: no text is made up',
      fromMemory: true,
    },
  },
  ratio: {
    window: {
      value: { silent: 5, of: 100 },
      citation: `${RULES}: at most five percent of calls are abandoned`,
      reading: 'per campaign',
      fromMemory: true,
      span: {
        value: { kind: 'calendar-month' },
        citation: `${RULES}: in each calendar month`,
        reading: 'of the time zone of the settings (policy.ca.timeZone)',
        fromMemory: true,
      },
    },
    day: null,
  },
  counting: {
    value: 'abandoned live calls of all live calls; machines are told apart and counted in neither',
    citation: `${RULES}: no definition of numerator and denominator was found in 2007-48`,
    reading: 'as in the United States',
    fromMemory: true,
  },
  machinesInRatio: null,
  recallLock: null,
  machineLock: null,
  minRingMs: null,
  options: {
    machineAnswered: {
      value: 'none',
      default: 'none',
      choices: ['none'],
      stamp: 'machine',
      citation: `${RULES}: no definition was found in 2007-48`,
      reading: 'as in the United States: a machine is no live call',
      fromMemory: true,
    },
    calleeHangUp: {
      value: 'A',
      default: 'A',
      choices: ['A', 'B'],
      stamp: 'callee-hang-up',
      citation: `${RULES}: no definition was found in 2007-48`,
      reading: 'abandoned: the stricter, as long as nobody has looked',
      fromMemory: true,
    },
  },
  statisticsKeptYears: {
    value: 3,
    citation: `${RULES}: records are kept for three years`,
    reading: null,
    fromMemory: true,
  },
  callerIdPresentation: {
    required: true,
    citation: `${RULES}: the number of the telemarketer is shown`,
    fromMemory: true,
  },
  admission: canadaAdmission,
} satisfies Jurisdiction;
