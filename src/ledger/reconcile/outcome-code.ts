/**
 * A carrier's word or code for what became of a call, on our network axis. Q.850 causes and SIP statuses by the same tables as
 * Brusio's own outcomes; words as Asterisk, FreeSWITCH, VoIP carriers and Italian exports write them.
 */
import { type NetworkAxis, networkAxisOf, networkAxisOfCause } from '../../policy/network-axis.ts';

/** What the codes of a file are. */
export const OUTCOME_CODES = ['words', 'q850', 'sip'] as const;
/** One kind of codes. */
export type OutcomeCodes = (typeof OUTCOME_CODES)[number];

/**
 * What a code says. `released`: the call ended in order (Q.850 16, 31), which says nothing of whether it was answered;
 * `unknown`: nobody knows the code.
 */
export type CodedOutcome = NetworkAxis | 'released';

/** Words, in capitals, letters and digits alone. */
const WORDS: Readonly<Record<string, NetworkAxis>> = {
  ...every(
    'answered',
    'ANSWERED ANSWER ANSWERD CONNECTED COMPLETED SUCCESS SUCCESSFUL OK RISPOSTO RISPOSTA CONVERSAZIONE EVASA',
  ),
  ...every('busy', 'BUSY USERBUSY OCCUPATO LINEBUSY BUSYEVERYWHERE'),
  ...every(
    'no-answer',
    'NOANSWER NOTANSWERED UNANSWERED MISSED NOREPLY RINGNOANSWER NOUSERRESPONSE TIMEOUT PROGRESSTIMEOUT',
  ),
  ...every('no-answer', 'NORISPOSTA NONRISPONDE NONRISPOSTO NESSUNARISPOSTA LIBERO ALLOTTEDTIMEOUT NOPICKUP'),
  ...every('cancelled', 'CANCEL CANCELED CANCELLED ABANDONED ORIGINATORCANCEL ANNULLATA ABBANDONATA LOSERACE'),
  ...every('rejected', 'REJECTED CALLREJECTED DECLINE DECLINED DENIED FORBIDDEN RIFIUTATA REJECTALL UNWANTED'),
  ...every(
    'invalid-number',
    'INVALIDNUMBER UNALLOCATEDNUMBER UNALLOCATED NUMBERCHANGED INVALIDNUMBERFORMAT INESISTENTE',
  ),
  ...every('invalid-number', 'INCOMPLETE DOESNOTEXISTANYWHERE NOTFOUND'),
  ...every('unreachable', 'UNREACHABLE CHANUNAVAIL UNAVAILABLE SUBSCRIBERABSENT NOTREGISTERED USERNOTREGISTERED'),
  ...every('unreachable', 'IRRAGGIUNGIBILE NONRAGGIUNGIBILE'),
  ...every('congestion', 'CONGESTION NORMALCIRCUITCONGESTION SWITCHCONGESTION NOCIRCUIT CONGESTIONE'),
  ...every('network-failure', 'FAILED FAILURE FAIL ERROR NETWORKOUTOFORDER FALLITA GATEWAYDOWN INVALIDGATEWAY'),
};

/** FreeSWITCH writes causes by name (`switch_types.h`, `SWITCH_CAUSE_…`): those that are Q.850's. */
const Q850_NAMES: Readonly<Record<string, number>> = {
  ...{ UNALLOCATEDNUMBER: 1, NOROUTETRANSITNET: 2, NOROUTEDESTINATION: 3, CHANNELUNACCEPTABLE: 6, NORMALCLEARING: 16 },
  ...{ USERBUSY: 17, NOUSERRESPONSE: 18, NOANSWER: 19, SUBSCRIBERABSENT: 20, CALLREJECTED: 21, NUMBERCHANGED: 22 },
  ...{ REDIRECTIONTONEWDESTINATION: 23, EXCHANGEROUTINGERROR: 25, DESTINATIONOUTOFORDER: 27, INVALIDNUMBERFORMAT: 28 },
  ...{ FACILITYREJECTED: 29, NORMALUNSPECIFIED: 31, NORMALCIRCUITCONGESTION: 34, NETWORKOUTOFORDER: 38 },
  ...{ NORMALTEMPORARYFAILURE: 41, SWITCHCONGESTION: 42, ACCESSINFODISCARDED: 43, REQUESTEDCHANUNAVAIL: 44 },
  ...{ FACILITYNOTSUBSCRIBED: 50, OUTGOINGCALLBARRED: 52, INCOMINGCALLBARRED: 54, BEARERCAPABILITYNOTAUTH: 57 },
  ...{ BEARERCAPABILITYNOTAVAIL: 58, SERVICEUNAVAILABLE: 63, BEARERCAPABILITYNOTIMPL: 65, FACILITYNOTIMPLEMENTED: 69 },
  ...{ SERVICENOTIMPLEMENTED: 79, INCOMPATIBLEDESTINATION: 88, INVALIDMSGUNSPECIFIED: 95, MANDATORYIEMISSING: 96 },
  ...{ MESSAGETYPENONEXIST: 97, IENONEXIST: 99, INVALIDIECONTENTS: 100, WRONGCALLSTATE: 101 },
  ...{ RECOVERYONTIMEREXPIRE: 102, PROTOCOLERROR: 111, INTERWORKING: 127 },
};

/** Q.850 16 and 31, and 127: the release of a call that went well, or one that nobody explains. */
const IN_ORDER: ReadonlySet<number> = new Set([16, 31, 127]);

/** From the text of a field to what it says. */
export type OutcomeReader = (code: string) => CodedOutcome;

/** @param own the carrier's own codes, before all others; compared as they are, then without case and punctuation */
export function outcomeReader(codes: OutcomeCodes, own: Readonly<Record<string, NetworkAxis>>): OutcomeReader {
  const folded = new Map(Object.entries(own).map(([code, axis]) => [foldedWord(code), axis]));
  const known = new Map<string, CodedOutcome>();
  return (code) => {
    const seen = known.get(code);
    if (seen !== undefined) return seen;
    const said = own[code] ?? folded.get(foldedWord(code)) ?? readCode(codes, code);
    // As many as a file of nonsense may have.
    if (known.size < KNOWN_MAX) known.set(code, said);
    return said;
  };
}

const KNOWN_MAX = 10_000;

function readCode(codes: OutcomeCodes, code: string): CodedOutcome {
  const [digits] = /\d+/.exec(code) ?? [];
  const word = foldedWord(code);
  const isNumber = digits !== undefined && /^\D{0,4}\d+\b/.test(code.trim());
  if (codes === 'sip' && isNumber) {
    const status = Number(digits);
    if (status >= 200 && status < 300) return 'answered';
    return status >= 300 && status < 700 ? networkAxisOf({ status, phrase: '', reason: null }) : 'unknown';
  }
  const cause = isNumber ? Number(digits) : Q850_NAMES[word];
  if (codes === 'q850' && cause !== undefined) {
    if (IN_ORDER.has(cause)) return 'released';
    if (cause === 487) return 'cancelled'; // FreeSWITCH's ORIGINATOR_CANCEL
    return networkAxisOfCause(cause) ?? 'unknown';
  }
  return WORDS[word] ?? 'unknown';
}

function foldedWord(code: string): string {
  return code.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

function every(axis: NetworkAxis, words: string): Readonly<Record<string, NetworkAxis>> {
  return Object.fromEntries(words.split(' ').map((word) => [word, axis]));
}
