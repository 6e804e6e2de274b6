import { germanyAdmission } from './germany-admission.ts';
import type { Jurisdiction } from './jurisdiction.ts';

/** Branchenkodex der Customer-Service- und Contact-Center-Branche of CCV and DDV, since 1 January 2015. */
const CODE = 'CCV and DDV, Branchenkodex of 1/2015';

/** Germany, with every option at its default. docs/compliance/germany.md has the text beside the code. */
export const germany = {
  name: 'de',
  policy: 'de-ccv-ddv-code@1',
  timeZone: 'Europe/Berlin',
  effective: {
    from: '2015-01-01',
    to: null,
    note: "the associations' code, which the Bundesnetzagentur holds callers to; its frequency was made stricter in autumn 2016, and the figures here are those before",
  },
  wait: {
    limitMs: {
      value: 3000,
      citation: `${CODE}: no figure for the wait; the limit is that of the settings (wait.limitMs)`,
      reading: 'the longest that the settings allow',
    },
    from: { value: 'answer', citation: `${CODE}: no figure for the wait`, reading: 'the 2xx' },
    // biome-ignore lint/suspicious/noThenProperty: never called; the contract's name, as in the outcome's recallLock.
    then: {
      value: 'message',
      citation: `${CODE}: whoever could not be connected is told so soon, in a fitting way`,
      reading: 'at the end of the wait: "only call-centre background noise" is a kind of complaint of its own',
    },
  },
  ratio: { window: null, day: null },
  counting: {
    value: 'calls without an agent in time, and all other answered calls',
    citation: `${CODE}: no figure for a share of lost calls is part of this profile`,
    reading: 'counted as in Italy, and held against nothing',
  },
  machinesInRatio: null,
  recallLock: null,
  machineLock: null,
  minRingMs: {
    value: 15_000,
    citation: `${CODE}: no call is given up before it rang for 15 seconds, nor rings for more than 40`,
    reading: null,
  },
  options: {
    machineAnswered: {
      value: 'B',
      default: 'B',
      choices: ['A', 'B'],
      stamp: 'machine',
      citation: `${CODE}: no figure`,
      reading: 'as in Italy',
    },
    calleeHangUp: {
      value: 'A',
      default: 'A',
      choices: ['A', 'B'],
      stamp: 'callee-hang-up',
      citation: `${CODE}: no figure`,
      reading: 'as in Italy',
    },
  },
  statisticsKeptYears: {
    value: 2,
    citation: `${CODE}: no figure for statistics`,
    reading: 'as in Italy, where most reports of one installation have to be kept',
  },
  callerIdPresentation: {
    required: true,
    citation: `${CODE}: a number is presented under which one can call back`,
  },
  admission: germanyAdmission,
} satisfies Jurisdiction;
