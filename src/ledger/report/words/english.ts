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
      'callee-hang-up=none': 'Calls that the called person ended before the end of the wait not counted',
      'callee-hang-up=A': 'Calls that the called person ended before the end of the wait counted as silent (A)',
      'callee-hang-up=B': 'Calls that the called person ended before the end of the wait counted as not silent (B)',
    },
    falsePositive: (percent, evidence) =>
      `Estimate: ${percent} % of reported machines were persons, added to the silent calls. Evidence: ${evidence}`,
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
      ...{ 'ratio.day': 'Limit of a day', 'recallLock.hours': 'Rest after a silent call, hours' },
      ...{ 'recallLock.calendarDays': 'The same, calendar days', minRingMs: 'Shortest ringing, ms' },
      ...{ 'machineLock.hours': 'Rest after a machine, hours', 'options.machineAnswered': 'Class of machines' },
      ...{ 'options.calleeHangUp': 'Class of hang-ups', statisticsKeptYears: 'Statistics kept, years' },
      ...{ callerIdPresentation: 'Caller id shown', 'admission.campaignDates': 'Dates of the campaign' },
      ...{ 'admission.roc': 'ROC number', 'admission.declaredCallerId': 'Declared caller id' },
      ...{ 'admission.callingHours': 'Calling hours', 'admission.screening': 'Opposition register' },
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
    ...{ root: 'Root', timestamp: 'Timestamp', answered: 'Answered', entry: 'Entry' },
  },
};
