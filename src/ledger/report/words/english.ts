import type { ReportWords } from './report-words.ts';

/** English. */
export const ENGLISH: ReportWords = {
  language: 'en',
  locale: 'en-GB',
  title: 'Statistical report on silent calls',
  subject: 'Silent calls of a telephone campaign: NA, NB and P = NA / (NA + NB)',
  pageOf: (page, pages) => `page ${page} of ${pages}`,
  periods: {
    window: (number, from, to) => `window ${number ?? ''} of the campaign: ${from} to ${to}`,
    day: (day) => `the day ${day}`,
    range: (from, to) => `${from} to ${to}`,
  },
  facts: {
    ...{
      campaign: 'Campaign',
      controller: 'Controller',
      period: 'Period',
      timeZone: 'Days of',
      began: 'Campaign began',
    },
    ...{ made: 'Report made', rules: 'Rules', number: 'Report number', key: 'Signed with key' },
  },
  incomplete:
    'When this report was made its period was not over, or corrections of its calls could still come: the figures may change.',
  summary: {
    heading: 'Summary',
    none: 'No call of this campaign was answered in this period, so that there is no percentage.',
    counted: ({ campaign, answered, silent, handled }) =>
      `Predictive calls of campaign “${campaign}” answered in this period: ${answered}. Silent calls (class A), in which nobody was on the line for the called person in time: ${silent}. Calls that were not silent (class B): ${handled}.`,
    ratio: ({ silent, counted, percent }) =>
      `The share of silent calls is P = NA / (NA + NB) = ${silent} / ${counted} = ${percent} %.`,
    kept: (limit) => `The limit of ${limit} % for this period was kept.`,
    breached: (limit) => `The limit of ${limit} % for this period was EXCEEDED.`,
    daysKept: (days, limit) =>
      `The daily limit of ${limit} % was kept on each of the ${days} days with answered calls.`,
    daysBreached: (days, limit) => `The daily limit of ${limit} % was EXCEEDED on: ${days}.`,
    otherwise: 'Where the law leaves room, this report shows further down what P would be by the other reading.',
    noise: ({ due, played, missing }) =>
      `Answered calls with no agent on the line in the moment of the answer: ${due}. Of these with comfort noise: ${played}; without: ${missing}.`,
    ringing: ({ givenUp, seconds, short, notRung, citation }) =>
      `Unanswered calls that were given up: ${givenUp}; of these before ${seconds} seconds of ringing: ${short}, and before any ringing was heard: ${notRung}. Source: ${citation}.`,
    refused: (calls) => `Calls not placed because a rule of law would have been broken: ${calls}.`,
    agrees:
      'The calls were counted one by one from their records. The hash-chained ledger and the counts that were kept day by day say the same.',
    differs:
      'ATTENTION: the records of the calls, the hash-chained ledger and the counts that were kept day by day do NOT say the same. The differences are listed under “Evidence”.',
    fromMemory: (figures) =>
      `Figures of the rules that rest on memory, were not looked up again in their source, and are marked in the list of rules: ${figures}.`,
  },
  verdicts: { within: 'within', breached: 'EXCEEDED', none: '–' },
  windows: {
    heading: 'Windows',
    note: 'The periods over which the law measures. A window that reaches beyond this report is shown by the counts kept in the ledger.',
    open: 'not over',
  },
  days: { heading: 'Days', note: 'A call belongs to the local day on which it was answered.' },
  hours: {
    heading: 'Appendix: the single hours',
    note: 'Local time with its difference from UTC. The law has no limit for an hour.',
    tooMany: 'Too many to be shown here: report.csv and report.json have them.',
  },
  alternatives: {
    heading: 'Other readings',
    note: 'What the counts of the whole period would be if the law were read otherwise. The reading in force is that of the version of the rules.',
    readings: {
      'machine=A': 'Calls reported as answered by a machine or fax counted as silent (A)',
      'machine=B': 'Calls reported as answered by a machine or fax counted as not silent (B)',
      'machine=none': 'Calls reported as answered by a machine or fax not counted',
      'machine-estimate=none': 'Counted calls alone, nothing estimated of machines',
      'callee-hang-up=none': 'Calls that the called person ended before the end of the wait not counted',
      'callee-hang-up=A': 'Calls that the called person ended before the end of the wait counted as silent (A)',
      'callee-hang-up=B': 'Calls that the called person ended before the end of the wait counted as not silent (B)',
    },
    falsePositive: (percent, evidence) =>
      `Estimate: ${percent} % of reported machines were persons, added to the silent calls. Evidence: ${evidence}`,
  },
  estimates: {
    heading: 'Counted and estimated',
    note: 'NA and NB are counted. By these rules the persons whom machine detection took for machines are estimated, and added to NA in P: of the machines that detection found, the share that the settings give with its evidence, rounded up to a call. Each row is estimated by itself: the days need not add up to the period.',
    noteDeducted:
      'NA and NB are counted. No machine detection is used in this campaign, by its settings. By these rules the silent calls to machines are estimated, and taken out of NA in P: D′ = D − D × Ag / (Ag + NB), D being NA with machines that no agent heard, Ag machines that agents heard; D′ / (D′ + NB) is D / (D + Ag + NB) in whole calls. What is taken out is shown rounded down.',
    ratio: ({ silent, counted, percent }) =>
      `The share of silent calls, with this estimate, is P = ${silent} / ${counted} = ${percent} %.`,
    added: ({ silent, added, found, percent, evidence }) =>
      `Counted silent calls: ${silent}. Estimated, and added to them: ${added}, being ${percent} % of the ${found} calls that detection took for machines. Evidence of the estimate: ${evidence}`,
    deducted: ({ silent, found, heard, handled, deducted }) =>
      `Silent calls: ${silent} counted, and ${found} reported as machines that no agent heard. Estimated to have been machines, and taken out of them: ${deducted}, by the ${heard} machines that agents heard beside ${handled} persons.`,
    none: (silent) =>
      `Counted silent calls: ${silent}. Detection found no machine, so that there is nothing to estimate.`,
    missing: (found) =>
      `ATTENTION: detection took ${found} calls for machines, and the settings have no estimate of how many were persons (machineFalsePositive): P is WITHOUT the estimate that the rules ask for, and is too low.`,
    missingCell: 'no estimate',
    total: 'whole period',
  },
  policies: {
    heading: 'By version of the rules',
    note: 'Each call is counted by the rules that held when it was placed.',
  },
  refusals: {
    heading: 'Refused calls, by rule',
    note: (byLaw, otherwise) =>
      `Not placed because of a rule of law: ${byLaw}. Not placed for another reason (no room, wrong settings): ${otherwise}. A call may break several rules; “observed only”: the rule was set to be noted, and the call was placed.`,
    none: 'No call broke a rule.',
    rules: {
      'campaign-dates': 'Dates of the campaign',
      roc: 'ROC number',
      'declared-caller-id': 'Declared caller id',
      'calling-hours': 'Calling hours',
      'opt-out': 'Opted out of further calls',
      screening: 'Opposition register',
      'recall-lock': 'Days of rest after a silent call',
      'guaranteed-agent': 'Guaranteed agent after a silent call',
      frequency: 'Frequency of calls',
      'abandonment-budget': 'Reserve for silent calls',
    },
  },
  noise: {
    heading: 'Comfort noise',
    note: 'From the answer (2xx) to the first packet of ambience, measured in each call.',
    rows: {
      ...{
        due: 'Answered with no agent on the line',
        played: 'of these with comfort noise',
        missing: 'of these without',
      },
      ...{ p50: 'First packet after, half of the calls at most', p99: '99 of 100 calls at most', max: 'longest' },
    },
  },
  announcements: {
    heading: 'Information message',
    note: 'A recorded message that says who called, played where no agent came in time. Each is named with the SHA-256 of its recording. “In part”: the called person hung up or pressed the key, or the call was cut off by a crash.',
    rows: {
      ...{ calls: 'Calls in which one was begun', whole: 'of these heard whole', partly: 'of these in part' },
      ...{ optOuts: 'Opted out by key', wholeShort: 'Whole', partlyShort: 'In part', optOutsShort: 'Opted out' },
    },
    optOutsBy: (calls, digit) => `${calls} with key ${digit}`,
  },
  outcomes: {
    heading: 'What became of the calls',
    network: {
      ...{ answered: 'answered', busy: 'busy', 'no-answer': 'no answer', rejected: 'rejected', blocked: 'not placed' },
      ...{ 'invalid-number': 'invalid number', unreachable: 'unreachable', congestion: 'congestion' },
      ...{ 'network-failure': 'network failure', cancelled: 'cancelled', unknown: 'unknown' },
    },
    answeredBy: { human: 'a person', machine: 'a machine', fax: 'a fax', 'not-classified': 'not reported' },
    handling: {
      ...{ agent: 'an agent', silent: 'nobody', 'machine-dropped': 'machine, no agent', message: 'a message' },
    },
    groups: {
      ...{ network: 'Network', answeredBy: 'Answered by', handling: 'Connected with', notGuarded: 'Not predictive' },
      ...{ corrected: 'Outcomes corrected afterwards', live: 'Counted, and still going on' },
    },
    kinds: { inbound: 'inbound', manual: 'manual', callback: 'callback', transfer: 'transfer' },
  },
  law: {
    heading: 'Rules',
    note: 'What the calls were judged by, with the source of each figure, in our words: the published text alone binds.',
    memory: 'Rests on memory: not looked up again.',
    reading: 'Reading',
    sources: 'Other rules, whose values stand in the settings of each campaign:',
    values: {
      ...{ answer: 'the answer', 'speech-start': 'the callee’s first word', 'speech-end': 'the end of the greeting' },
      ...{ drop: 'call torn down', message: 'message', true: 'yes', false: 'no', none: 'not counted' },
    },
    texts: {},
    names: {
      ...{ 'wait.limitMs': 'Longest wait, ms', 'wait.from': 'The wait begins with', 'wait.then': 'At its end' },
      ...{ 'ratio.window': 'Limit of a window', 'ratio.window.span': 'Length of a window, days' },
      counting: 'What is counted',
      'machinesInRatio.falsePositives': 'Persons taken for machines',
      'machinesInRatio.withoutDetection': 'Machines, where none are detected',
      ...{ 'ratio.day': 'Limit of a day', 'recallLock.hours': 'Rest after a silent call, hours' },
      ...{ 'recallLock.calendarDays': 'The same, calendar days', minRingMs: 'Shortest ringing, ms' },
      ...{ 'machineLock.hours': 'Rest after a machine, hours', 'options.machineAnswered': 'Class of machines' },
      ...{ 'options.calleeHangUp': 'Class of hang-ups', statisticsKeptYears: 'Statistics kept, years' },
      ...{ callerIdPresentation: 'Caller id shown', 'admission.campaignDates': 'Dates of the campaign' },
      ...{ 'admission.roc': 'ROC number', 'admission.declaredCallerId': 'Declared caller id' },
      ...{ 'admission.callingHours': 'Calling hours', 'admission.screening': 'Opposition register' },
      'admission.optOut': 'Opting out of calls',
      ...{ 'admission.recallLock': 'Days of rest', 'admission.guaranteedAgent': 'Guaranteed agent' },
      'admission.frequency': 'Frequency of calls',
    },
    readings: {},
  },
  ledger: {
    heading: 'Evidence',
    note: 'Every call has entries in a hash-chained ledger. The hash of an entry fixes all entries before it in its chain; a root fixes the last entries of all chains, and may be timestamped by an authority (RFC 3161).',
    ranges: 'Entries of this report’s calls',
    roots: 'Roots',
    noRoot: 'No root was written since the period began.',
    counts: 'Counted three times',
    counters: ['Records of the calls', 'Ledger', 'Counts kept by day'],
    differences: 'Differences',
  },
  signature: {
    heading: 'Signature, and how to verify it',
    note: 'The file manifest.json beside this document has the SHA-256 of this document, of report.json and of report.csv, and an Ed25519 signature (RFC 8032) with the key of this fingerprint (SHA-256):',
    how: 'On any machine, without the database: brusio verify-report FOLDER --fingerprint "…" with the fingerprint as the operator made it known before, not as it is printed here.',
    proves:
      'It proves that the three files are, octet for octet, those that the holder of the key signed: every change is found, however small.',
    not: 'It does not prove by itself whose key it is, when the files were made, or that what was recorded is true. For that the ledger positions above are compared with the ledger, its roots and their timestamps.',
  },
  columns: {
    ...{
      period: 'Period',
      day: 'Day',
      hour: 'Hour',
      na: 'NA',
      nb: 'NB',
      p: 'P %',
      limit: 'Limit %',
      verdict: 'Verdict',
    },
    ...{ machines: 'Machines', hangUps: 'Hang-ups', reading: 'Reading', rule: 'Rule', enforced: 'Refused' },
    ...{ observed: 'Observed only', policy: 'Version', calls: 'Calls', what: 'What', value: 'Value', source: 'Source' },
    ...{ chain: 'Chain', first: 'First', last: 'Last', entries: 'Entries', hash: 'Hash of the last', at: 'Written' },
    ...{ found: 'Detected', heard: 'Heard', added: 'Added', deducted: 'Taken out', fraction: 'P as a fraction' },
    ...{ root: 'Root', timestamp: 'Timestamp', answered: 'Answered', entry: 'Entry' },
    ...{ message: 'Message', sha256: 'SHA-256' },
  },
};
