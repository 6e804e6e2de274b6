import type { Jurisdiction } from './jurisdiction.ts';
import { unitedKingdomAdmission } from './united-kingdom-admission.ts';

/** Ofcom, revised statement of policy on the persistent misuse of an electronic communications network or service, 2010. */
const STATEMENT = 'Ofcom, persistent misuse statement of 2010';

/** Ofcom, Tackling abandoned and silent calls, statement of 1 October 2010, which has the reasons. */
const REASONS = 'Ofcom, Tackling abandoned and silent calls, statement of 2010';

/** United Kingdom, with every option at its default. docs/compliance/uk.md has the text beside the code. */
export const unitedKingdom = {
  name: 'gb',
  policy: 'gb-ofcom-2010@1',
  timeZone: 'Europe/London',
  effective: {
    from: null,
    to: '2017-02-28',
    note:
      'the figures of 2010 (from which day they held was not looked up); the statement in force since 1 March 2017 names no safe level: every silent or abandoned call may ' +
      'be misuse, so that these figures are a target and no shelter',
  },
  wait: {
    limitMs: {
      value: 2000,
      citation: `${STATEMENT}: the information message within two seconds of the callee's beginning to speak`,
      reading: 'an agent within the same time makes the call none that is abandoned',
    },
    from: {
      value: 'speech-start',
      citation: `${STATEMENT}: two seconds after the callee begins to speak`,
      reading: 'the answer, where nothing is heard of the callee: the stricter',
    },
    // biome-ignore lint/suspicious/noThenProperty: never called; the contract's name, as in the outcome's recallLock.
    then: {
      value: 'message',
      citation: `${STATEMENT}: who called and a number to opt out by, and no marketing`,
      reading: null,
    },
  },
  ratio: {
    window: null,
    day: {
      value: { silent: 3, of: 100 },
      citation: `${STATEMENT}: abandoned calls are at most 3 % of live calls, per campaign over 24 hours`,
      reading: 'the 24 hours are a calendar day of Europe/London',
    },
  },
  counting: {
    value: 'dropped live calls of dropped and agent-taken live calls; machines are told apart and counted in neither',
    citation: `${STATEMENT}: abandoned live calls, with machine detection's estimated false positives, of these and live calls passed to agents`,
    reading: null,
  },
  machinesInRatio: {
    detection: 'used',
    falsePositives: {
      value: 'added to the abandoned calls, rounded up to a call',
      citation: `${STATEMENT}: abandoned calls include a reasoned estimate of machine detection's false positives`,
      reading:
        'the share of the settings (machineFalsePositive) of the machines that detection found, not of those that an agent heard; anew for each period',
    },
    withoutDetection: {
      value: 'deducted from the abandoned calls, in the share of machines among those put through to agents',
      citation: `${REASONS}, 4.70 to 4.73: where no machine detection is used, a reasoned estimate of calls abandoned to machines is deducted, from the machine calls put through to operators as a proportion of connected calls`,
      reading:
        'only where the settings say that none is used (machineDetection); a machine that is reported all the same, and that no agent heard, is then an abandoned call',
    },
  },
  recallLock: {
    hours: {
      value: 72,
      citation: `${STATEMENT}: 72 hours without a guaranteed operator there is no call after an abandoned one`,
      reading: 'times 72 hours from the end of the wait, whatever calls came meanwhile',
    },
    calendarDays: null,
    within: 'agent-only',
    after: 'free',
  },
  machineLock: {
    hours: {
      value: 24,
      citation: `${STATEMENT}: 24 hours without a guaranteed operator there is no call after machine detection found a machine`,
      reading: 'from the answer on; what detection called a machine, not what an agent heard',
    },
    calendarDays: null,
    within: 'agent-only',
    after: 'free',
  },
  minRingMs: { value: 15_000, citation: `${STATEMENT}: unanswered calls ring for at least 15 seconds`, reading: null },
  options: {
    machineAnswered: {
      value: 'none',
      default: 'none',
      choices: ['none'],
      stamp: 'machine',
      citation: `${STATEMENT}: live calls alone are counted`,
      reading:
        'what the dialer reports as a machine is none; its false positives are estimated, and added (machinesInRatio)',
    },
    calleeHangUp: {
      value: 'none',
      default: 'none',
      choices: ['none', 'A'],
      stamp: 'callee-hang-up',
      citation: `${STATEMENT}: an abandoned call is one that its originator ends`,
      reading: 'a callee who hangs up before the wait is over was not abandoned, and was passed to no agent',
    },
  },
  statisticsKeptYears: {
    value: 0.5,
    citation: `${STATEMENT}: records are kept for six months`,
    reading: null,
    fromMemory: true,
  },
  callerIdPresentation: {
    required: true,
    citation: `${STATEMENT}: a valid, diallable number is presented`,
  },
  admission: unitedKingdomAdmission,
} satisfies Jurisdiction;
