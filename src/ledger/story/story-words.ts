/** The words of a story in each language. Technical terms stay as the record has them, so that both can be compared. */
import type { CorrectedOutcome } from '../../policy/outcome-correction.ts';
import type { ReportLanguage } from '../report/report-language.ts';

/** What a story says around its figures. */
export type StoryWords = {
  readonly title: string;
  readonly madeAt: string;
  readonly number: string;
  readonly campaign: string;
  readonly controller: string;
  readonly rules: string;
  readonly times: string;
  readonly stepNames: Readonly<Record<string, string>>;
  readonly clock: (synchronised: boolean | null, source: string | null, offsetMs: number | null) => string;
  readonly clockUnknown: string;
  readonly decision: string;
  readonly noDecision: string;
  readonly allowed: string;
  readonly refused: string;
  readonly agentPromise: string;
  readonly exception: string;
  readonly results: Readonly<Record<string, string>>;
  readonly observedOnly: string;
  readonly sip: string;
  readonly finalStatus: string;
  readonly attempts: string;
  readonly noFinal: string;
  readonly exchange: string;
  readonly leftOut: (messages: number) => string;
  readonly ambience: string;
  readonly noAmbience: string;
  readonly afterAnswer: string;
  readonly packets: string;
  readonly level: string;
  readonly sequence: string;
  readonly calleeReport: (lost: number, jitterMs: number, roundTripMs: number | null) => string;
  readonly noCalleeReport: string;
  readonly media: string;
  readonly noMedia: string;
  readonly greeting: string;
  readonly noGreeting: string;
  readonly greetingAt: (startedMs: number, endedMs: number | null) => string;
  readonly waitFrom: (from: string, fallback: string | null) => string;
  readonly noMessage: string;
  readonly messageAt: (startedMs: number, playedMs: number | null, complete: boolean) => string;
  readonly optOut: (digit: string, atMs: number) => string;
  readonly agent: string;
  readonly noAgent: string;
  readonly outcome: string;
  readonly endedBy: string;
  readonly verdict: string;
  readonly class: string;
  readonly noClass: string;
  readonly source: string;
  readonly reading: string;
  readonly fromMemory: string;
  readonly corrections: string;
  readonly none: string;
  readonly locks: string;
  readonly lockMoves: Readonly<Record<'set' | 'lift' | 'withdraw', string>>;
  readonly until: string;
  readonly byCall: string;
  readonly laterCalls: string;
  readonly moreCalls: string;
  readonly lifts: string;
  readonly ledger: string;
  readonly noLedger: string;
  readonly verified: string;
  readonly bad: string;
  readonly ledgerNote: string;
  readonly webhooks: string;
  readonly noWebhooks: string;
  readonly delivered: string;
  readonly givenUp: string;
  readonly waits: string;
  readonly why: {
    blocked(rules: string): string;
    notAnswered(network: string, status: number | null, q850: number | null): string;
    relayed(kind: string): string;
    unknownRules(policy: string): string;
    agent(id: string, source: string, waitS: number, limitS: number, from: CorrectedOutcome['waitFrom']): string;
    machine(what: string, method: string | null): string;
    calleeHungUp(waitS: number, limitS: number): string;
    silent(outcome: CorrectedOutcome, waitS: number, limitS: number): string;
    notCounted(policy: string): string;
  };
};

type WaitFrom = NonNullable<CorrectedOutcome['waitFrom']>;

const FROM_EN: Readonly<Record<WaitFrom, string>> = {
  answer: 'the answer',
  'speech-start': "the beginning of the callee's greeting",
  'speech-end': "the end of the callee's greeting",
};

const FROM_IT: Readonly<Record<WaitFrom, string>> = {
  answer: 'dalla risposta',
  'speech-start': "dall'inizio del saluto della persona",
  'speech-end': 'dalla fine del saluto della persona',
};

const en: StoryWords = {
  title: 'The story of call',
  madeAt: 'made',
  number: 'called number',
  campaign: 'campaign',
  controller: 'controller',
  rules: 'rules',
  times: 'Times',
  stepNames: {
    invited: 'INVITE of the dialer',
    ringing: 'callee rings (first 18x)',
    answered: 'callee answers (2xx)',
    ambience: 'first packet of ambience',
    'callee-media': 'first packet of the callee',
    bridged: 'agent on the line',
    'agent-media': "first packet of the agent's side to the callee",
    'wait-over': 'end of the wait',
    ended: 'end of the call',
  },
  clock: (synchronised, source, offsetMs) =>
    `The machine's clock was ${synchronised === null ? 'set by nobody that could be asked' : synchronised ? 'synchronised' : 'NOT synchronised'}${source === null ? '' : ` (${source}${offsetMs === null ? '' : `, ${offsetMs} ms off`})`}.`,
  clockUnknown: "Nothing is recorded of the machine's clock.",
  decision: 'Decision on the INVITE',
  noDecision: 'The rules of law were not asked: the call is none that they concern, or ended before.',
  allowed: 'allowed',
  refused: 'REFUSED',
  agentPromise: 'agent, says the INVITE',
  exception: 'exception',
  results: { kept: 'kept', breached: 'BREACHED', 'not-asked': 'not asked (off)', unknown: 'not breached' },
  observedOnly: 'observed only',
  sip: 'SIP',
  finalStatus: 'final status',
  attempts: 'INVITEs to carriers',
  noFinal: 'no final response',
  exchange: 'messages: ms since the INVITE, leg, < received or > sent',
  leftOut: (messages) => `${messages} messages in between are not kept`,
  ambience: 'Ambience',
  noAmbience: 'None was played, or nothing is known of it.',
  afterAnswer: 'ms after the answer',
  packets: 'packets',
  level: 'level',
  sequence: 'sequence numbers',
  calleeReport: (lost, jitterMs, roundTripMs) =>
    `the callee's side reported ${lost} packets lost, ${jitterMs} ms jitter${roundTripMs === null ? '' : `, ${roundTripMs} ms round trip`} (RTCP)`,
  noCalleeReport: "the callee's side sent no RTCP report",
  media: 'RTP packets',
  noMedia: 'No media was opened, or what it did is not known.',
  greeting: 'Greeting and message',
  noGreeting: 'No greeting was listened for, or none was heard.',
  greetingAt: (startedMs, endedMs) =>
    `greeting from ${startedMs} ms after the answer ${endedMs === null ? '(its end was not waited for)' : `to ${endedMs} ms`}, found by its energy`,
  waitFrom: (from, fallback) => `the wait counted from: ${from}${fallback === null ? '' : ` (${fallback})`}`,
  noMessage: 'No message was played.',
  messageAt: (startedMs, playedMs, complete) =>
    `message from ${startedMs} ms after the answer, ${playedMs === null ? 'how much of it is not known' : `${playedMs} ms of it`}${complete ? ', to its end' : ', not to its end'}`,
  optOut: (digit, atMs) => `OPTED OUT: the callee pressed ${digit} ${atMs} ms after the answer`,
  agent: 'Agent',
  noAgent: 'No agent came to this call.',
  outcome: 'Outcome',
  endedBy: 'ended by',
  verdict: 'Class and why',
  class: 'class',
  noClass: 'no class',
  source: 'source',
  reading: 'our reading',
  fromMemory: 'rests on memory: not looked up again in its source',
  corrections: 'Corrections',
  none: 'none',
  locks: 'Recall lock of the number',
  lockMoves: {
    set: 'set',
    lift: 'lifted: an agent was on the line in time',
    withdraw: 'withdrawn: the call was no silent one after all',
  },
  until: 'until',
  byCall: 'by call',
  laterCalls: 'Later calls to the number',
  moreCalls: 'and more',
  lifts: 'lifted the lock',
  ledger: 'Ledger',
  noLedger: 'This call has no entry: it is of a time before the ledger.',
  verified: 'verified',
  bad: 'BAD',
  ledgerNote:
    'Verified: the hash was recomputed just now over the entry and the hash of the one before it, the body fits its schema, and the row of the call says the same. "brusio verify-ledger" checks the whole chain.',
  webhooks: 'Webhooks',
  noWebhooks: 'None is kept: none was configured, or they were dropped after their time.',
  delivered: 'delivered',
  givenUp: 'given up',
  waits: 'waits',
  why: {
    blocked: (rules) => `Refused before it reached a carrier (${rules}): nobody was called, and it is in no count.`,
    notAnswered: (network, status, q850) =>
      `Nobody answered (${network}${status === null ? '' : `, SIP ${status}`}${q850 === null ? '' : `, Q.850 ${q850}`}): the call is in no count.`,
    relayed: (kind) => `No predictive call (${kind}): it was relayed whole, and is in no count.`,
    unknownRules: (policy) => `This Brusio does not know the rules ${policy} by which it was counted.`,
    agent: (id, source, waitS, limitS, from) =>
      `Agent ${id} (told by ${source}) was on the line ${waitS} s after the answer, within the ${limitS} s allowed from ${FROM_EN[from ?? 'answer']}.`,
    machine: (what, method) =>
      `The dialer reported a ${what}${method === null ? '' : ` (${method})`}, and no agent was there in time.`,
    calleeHungUp: (waitS, limitS) =>
      `The called person hung up ${waitS} s after the answer, before the ${limitS} s were over, and no agent had come.`,
    silent: ({ endCause, times, handling, waitFrom }, waitS, limitS) =>
      times.bridged !== null
        ? `An agent came ${waitS} s after the answer, later than the ${limitS} s allowed.`
        : handling === 'message'
          ? `No agent came within ${limitS} s of ${FROM_EN[waitFrom ?? 'answer']}; a recorded message said who had called.`
          : endCause === 'deadline'
            ? `No agent came within ${limitS} s of ${FROM_EN[waitFrom ?? 'answer']} and the call was torn down: a silent call.`
            : `The call ended ${waitS} s after the answer (${endCause}) and no agent had come: a silent call. Technical causes excuse nothing.`,
    notCounted: (policy) => `By the rules ${policy} a call like this is in no count.`,
  },
};

const it: StoryWords = {
  title: 'La storia della chiamata',
  madeAt: 'redatta',
  number: 'numero chiamato',
  campaign: 'campagna',
  controller: 'titolare',
  rules: 'regole',
  times: 'Orari',
  stepNames: {
    invited: 'INVITE del dialer',
    ringing: 'il telefono squilla (primo 18x)',
    answered: 'risposta della persona (2xx)',
    ambience: 'primo pacchetto del brusio',
    'callee-media': 'primo pacchetto della persona chiamata',
    bridged: 'operatore in linea',
    'agent-media': 'primo pacchetto del lato operatore verso la persona',
    'wait-over': "fine dell'attesa",
    ended: 'fine della chiamata',
  },
  clock: (synchronised, source, offsetMs) =>
    `L'orologio della macchina ${synchronised === null ? 'non risultava regolato da alcun programma interrogabile' : synchronised ? 'era sincronizzato' : 'NON era sincronizzato'}${source === null ? '' : ` (${source}${offsetMs === null ? '' : `, scarto ${offsetMs} ms`})`}.`,
  clockUnknown: "Dell'orologio della macchina non è registrato nulla.",
  decision: "Decisione sull'INVITE",
  noDecision: 'Le regole di legge non sono state interrogate: non riguardano questa chiamata, o è finita prima.',
  allowed: 'ammessa',
  refused: 'RIFIUTATA',
  agentPromise: "operatore, secondo l'INVITE",
  exception: 'eccezione',
  results: {
    kept: 'rispettata',
    breached: 'VIOLATA',
    'not-asked': 'non interrogata (off)',
    unknown: 'non violata',
  },
  observedOnly: 'solo osservata',
  sip: 'SIP',
  finalStatus: 'risposta finale',
  attempts: 'INVITE agli operatori di rete',
  noFinal: 'nessuna risposta finale',
  exchange: "messaggi: ms dall'INVITE, lato, < ricevuto o > inviato",
  leftOut: (messages) => `${messages} messaggi intermedi non sono conservati`,
  ambience: 'Brusio (comfort noise)',
  noAmbience: 'Non è stato riprodotto, o non se ne sa nulla.',
  afterAnswer: 'ms dopo la risposta',
  packets: 'pacchetti',
  level: 'livello',
  sequence: 'numeri di sequenza',
  calleeReport: (lost, jitterMs, roundTripMs) =>
    `il lato della persona ha riferito ${lost} pacchetti persi, jitter ${jitterMs} ms${roundTripMs === null ? '' : `, andata e ritorno ${roundTripMs} ms`} (RTCP)`,
  noCalleeReport: 'il lato della persona non ha inviato rapporti RTCP',
  media: 'Pacchetti RTP',
  noMedia: 'Nessun flusso audio è stato aperto, o non se ne sa nulla.',
  greeting: 'Saluto e messaggio',
  noGreeting: 'Nessun saluto è stato atteso o udito.',
  greetingAt: (startedMs, endedMs) =>
    `saluto da ${startedMs} ms dopo la risposta ${endedMs === null ? '(la fine non è stata attesa)' : `a ${endedMs} ms`}, riconosciuto dalla sua energia`,
  waitFrom: (from, fallback) => `attesa contata da: ${from}${fallback === null ? '' : ` (${fallback})`}`,
  noMessage: 'Nessun messaggio è stato riprodotto.',
  messageAt: (startedMs, playedMs, complete) =>
    `messaggio da ${startedMs} ms dopo la risposta, ${playedMs === null ? 'durata riprodotta ignota' : `${playedMs} ms riprodotti`}${complete ? ', fino alla fine' : ', non fino alla fine'}`,
  optOut: (digit, atMs) => `OPPOSIZIONE: la persona ha premuto ${digit} ${atMs} ms dopo la risposta`,
  agent: 'Operatore',
  noAgent: 'Nessun operatore è arrivato in questa chiamata.',
  outcome: 'Esito',
  endedBy: 'terminata da',
  verdict: 'Classe e perché',
  class: 'classe',
  noClass: 'nessuna classe',
  source: 'fonte',
  reading: 'nostra lettura',
  fromMemory: 'a memoria: la fonte non è stata riverificata',
  corrections: 'Correzioni',
  none: 'nessuna',
  locks: 'Blocco di richiamata del numero',
  lockMoves: {
    set: 'posto',
    lift: 'tolto: un operatore era in linea in tempo',
    withdraw: 'ritirato: la chiamata non era muta',
  },
  until: 'fino a',
  byCall: 'dalla chiamata',
  laterCalls: 'Chiamate successive al numero',
  moreCalls: 'e altre',
  lifts: 'ha tolto il blocco',
  ledger: 'Registro (ledger)',
  noLedger: 'Questa chiamata non ha voci: è anteriore al registro.',
  verified: 'verificata',
  bad: 'ERRATA',
  ledgerNote:
    "Verificata: l'hash è stato ricalcolato ora sulla voce e sull'hash della precedente, il contenuto rispetta lo schema e la riga della chiamata dice lo stesso. «brusio verify-ledger» controlla l'intera catena.",
  webhooks: 'Webhook',
  noWebhooks: 'Nessuno è conservato: non erano configurati, o sono stati eliminati a termine.',
  delivered: 'consegnato',
  givenUp: 'abbandonato',
  waits: 'in attesa',
  why: {
    blocked: (rules) =>
      `Rifiutata prima di raggiungere la rete (${rules}): nessuno è stato chiamato e non entra in alcun conteggio.`,
    notAnswered: (network, status, q850) =>
      `Nessuno ha risposto (${network}${status === null ? '' : `, SIP ${status}`}${q850 === null ? '' : `, Q.850 ${q850}`}): non entra in alcun conteggio.`,
    relayed: (kind) =>
      `Non è una chiamata predittiva (${kind}): è stata inoltrata per intero e non entra in alcun conteggio.`,
    unknownRules: (policy) => `Questo Brusio non conosce le regole ${policy} con cui è stata conteggiata.`,
    agent: (id, source, waitS, limitS, from) =>
      `L'operatore ${id} (segnalato da ${source}) era in linea ${waitS} s dopo la risposta, entro i ${limitS} s ammessi ${FROM_IT[from ?? 'answer']}.`,
    machine: (what, method) =>
      `Il dialer ha segnalato ${what === 'fax' ? 'un fax' : 'una segreteria o altra macchina'}${method === null ? '' : ` (${method})`} e nessun operatore era in linea in tempo.`,
    calleeHungUp: (waitS, limitS) =>
      `La persona ha riagganciato ${waitS} s dopo la risposta, prima che passassero ${limitS} s, senza che un operatore fosse arrivato.`,
    silent: ({ endCause, times, handling, waitFrom }, waitS, limitS) =>
      times.bridged !== null
        ? `Un operatore è arrivato ${waitS} s dopo la risposta, oltre i ${limitS} s ammessi.`
        : handling === 'message'
          ? `Nessun operatore entro ${limitS} s ${FROM_IT[waitFrom ?? 'answer']}; un messaggio registrato ha detto chi chiamava.`
          : endCause === 'deadline'
            ? `Nessun operatore entro ${limitS} s ${FROM_IT[waitFrom ?? 'answer']} e la chiamata è stata abbattuta: chiamata muta.`
            : `La chiamata è finita ${waitS} s dopo la risposta (${endCause}) senza che un operatore fosse arrivato: chiamata muta. Le cause tecniche non scusano.`,
    notCounted: (policy) => `Secondo le regole ${policy} una chiamata così non entra in alcun conteggio.`,
  },
};

/** By language. */
export const STORY_WORDS: Readonly<Record<ReportLanguage, StoryWords>> = { it, en };
