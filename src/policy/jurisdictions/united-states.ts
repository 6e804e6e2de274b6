import type { Jurisdiction } from './jurisdiction.ts';
import { unitedStatesAdmission } from './united-states-admission.ts';

/** Federal Trade Commission, Telemarketing Sales Rule: the safe harbour for abandoned calls. */
const RULE = 'FTC, 16 CFR 310.4(b)(4)';

/** United States, with every option at its default. docs/compliance/us.md has the text beside the code. */
export const unitedStates = {
  name: 'us',
  policy: 'us-ftc-tsr@1',
  timeZone: 'America/New_York',
  effective: {
    from: null,
    to: null,
    note: 'in force; on 28 October 2025 the FCC proposed to delete its own 3 % and 15 s rules (47 CFR 64.1200), not those of the FTC',
  },
  wait: {
    limitMs: {
      value: 2000,
      citation: `${RULE}(iii): a representative, or a message, within two seconds of the person's completed greeting`,
      reading: null,
    },
    from: {
      value: 'speech-end',
      citation: `${RULE}(iii) and 310.4(b)(1)(iv): the two seconds begin with the end of the greeting`,
      reading: 'the answer, where nothing is heard of the callee: the stricter',
    },
    // biome-ignore lint/suspicious/noThenProperty: never called; the contract's name, as in the outcome's recallLock.
    then: {
      value: 'message',
      citation: `${RULE}(iii): the seller's name and telephone number; 47 CFR 64.1200(a)(7): with an opt-out by key or voice`,
      reading: null,
    },
    optOutKey: {
      value: true,
      citation: '47 CFR 64.1200(a)(7)(i)(B): an opt-out by voice or key press, which ends the call at once',
      reading: 'by key: Brusio understands no words',
    },
  },
  ratio: {
    window: {
      value: { silent: 3, of: 100 },
      citation: `${RULE}(i): at most three percent of all calls answered by a person`,
      reading: null,
      span: {
        value: { kind: 'blocks', days: 30 },
        citation: `${RULE}(i): over a campaign of less than 30 days, else over each successive 30-day period or portion of it`,
        reading:
          "calendar days of the time zone of the settings (policy.us.timeZone), the first call's day being the first",
      },
    },
    day: null,
  },
  counting: {
    value: 'abandoned live calls of all live calls; machines are told apart and counted in neither',
    citation: `${RULE}(i): calls answered by a person`,
    reading: 'what the dialer reports as machine or fax was not answered by a person; all else was',
  },
  machinesInRatio: null,
  recallLock: null,
  machineLock: null,
  minRingMs: {
    value: 15_000,
    citation: `${RULE}(ii): at least fifteen seconds or four rings before an unanswered call is given up`,
    reading: 'the seconds: nobody but the callee counts rings',
  },
  options: {
    machineAnswered: {
      value: 'none',
      default: 'none',
      choices: ['none'],
      stamp: 'machine',
      citation: `${RULE}(i): calls answered by a person alone are measured`,
      reading: 'what the dialer reports as a machine is none; its false positives are estimated (machineFalsePositive)',
    },
    calleeHangUp: {
      value: 'B',
      default: 'B',
      choices: ['A', 'B'],
      stamp: 'callee-hang-up',
      citation: `${RULE}(i) and 310.4(b)(1)(iv): a person answered, and the call was not left without a representative after two seconds`,
      reading:
        'a callee who hangs up before the wait is over is answered and not abandoned; counted as abandoned by the other reading',
    },
  },
  statisticsKeptYears: {
    value: 5,
    citation: '16 CFR 310.5 (since 15 October 2024): records of each call, and a copy of each message, for five years',
    reading: "the statistics; the records of calls have the settings' own retention, which must then be as long",
  },
  callerIdPresentation: {
    required: true,
    citation: 'FTC, 16 CFR 310.4(a)(8): the caller id is transmitted',
    fromMemory: true,
  },
  admission: unitedStatesAdmission,
} satisfies Jurisdiction;
