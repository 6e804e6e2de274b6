import type { ReportWords } from './report-words.ts';

/** Italian. */
export const ITALIAN: ReportWords = {
  language: 'it',
  locale: 'it-IT',
  title: 'Rapporto statistico sulle chiamate mute',
  subject: 'Chiamate mute di una campagna telefonica: NA, NB e P = NA / (NA + NB)',
  pageOf: (page, pages) => `pagina ${page} di ${pages}`,
  periods: {
    window: (number, from, to) => `${number ?? ''}° periodo della campagna: dal ${from} al ${to}`,
    day: (day) => `giorno ${day}`,
    range: (from, to) => `dal ${from} al ${to}`,
  },
  facts: {
    ...{ campaign: 'Campagna', controller: 'Titolare', period: 'Periodo', timeZone: 'Giorni di calendario' },
    ...{ began: 'Inizio della campagna', made: 'Rapporto redatto', rules: 'Regole', number: 'Numero del rapporto' },
    key: 'Chiave di firma',
  },
  incomplete:
    'Quando questo rapporto è stato redatto il periodo non era concluso, o gli esiti delle chiamate potevano ancora essere corretti: le cifre possono cambiare.',
  summary: {
    heading: 'Sintesi',
    none: 'In questo periodo nessuna chiamata della campagna ha avuto risposta: non c’è dunque alcuna percentuale.',
    counted: ({ campaign, answered, silent, handled }) =>
      `Chiamate predittive della campagna «${campaign}» con risposta in questo periodo: ${answered}. Chiamate mute (classe A), in cui nessuno era in linea per la persona chiamata entro il tempo previsto: ${silent}. Chiamate non mute (classe B): ${handled}.`,
    ratio: ({ silent, counted, percent }) =>
      `La percentuale di chiamate mute è P = NA / (NA + NB) = ${silent} / ${counted} = ${percent} %.`,
    kept: (limit) => `Il limite del ${limit} % per questo periodo è stato rispettato.`,
    breached: (limit) => `Il limite del ${limit} % per questo periodo è stato SUPERATO.`,
    daysKept: (days, limit) =>
      `Il limite giornaliero del ${limit} % è stato rispettato in ciascuno dei ${days} giorni con chiamate che hanno avuto risposta.`,
    daysBreached: (days, limit) => `Il limite giornaliero del ${limit} % è stato SUPERATO nei giorni: ${days}.`,
    otherwise:
      'Dove la norma lascia margine, più avanti il rapporto mostra quale sarebbe P secondo l’altra interpretazione.',
    noise: ({ due, played, missing }) =>
      `Chiamate con risposta in cui nessun operatore era in linea al momento della risposta: ${due}. Di queste con comfort noise: ${played}; senza: ${missing}.`,
    ringing: ({ givenUp, seconds, short, notRung, citation }) =>
      `Chiamate senza risposta abbandonate: ${givenUp}; di queste prima di ${seconds} secondi di squillo: ${short}, e prima che si sentisse squillare: ${notRung}. Fonte: ${citation}.`,
    refused: (calls) => `Chiamate non effettuate perché avrebbero violato una regola di legge: ${calls}.`,
    agrees:
      'Le chiamate sono state contate una per una dalle loro registrazioni. Il registro concatenato (ledger) e i conteggi tenuti giorno per giorno danno gli stessi numeri.',
    differs:
      'ATTENZIONE: le registrazioni delle chiamate, il registro concatenato (ledger) e i conteggi tenuti giorno per giorno NON danno gli stessi numeri. Le differenze sono elencate alla voce «Prove».',
    fromMemory: (figures) =>
      `Cifre delle regole citate a memoria, non ricontrollate alla fonte e segnalate nell’elenco delle regole: ${figures}.`,
  },
  verdicts: { within: 'rispettato', breached: 'SUPERATO', none: '–' },
  windows: {
    heading: 'Periodi di misura',
    note: 'I periodi sui quali la norma misura la percentuale. Un periodo che va oltre questo rapporto è mostrato con i conteggi tenuti nel registro.',
    open: 'in corso',
  },
  days: { heading: 'Giorni', note: 'Una chiamata appartiene al giorno di calendario in cui ha avuto risposta.' },
  hours: {
    heading: 'Appendice: le singole ore',
    note: 'Ora locale, con la differenza dall’ora UTC. Per la singola ora la norma non fissa alcun limite.',
    tooMany: 'Troppe per essere mostrate qui: si trovano in report.csv e report.json.',
  },
  alternatives: {
    heading: 'Altre interpretazioni',
    note: 'I conteggi dell’intero periodo se la norma fosse letta altrimenti. L’interpretazione applicata è quella della versione delle regole.',
    readings: {
      'machine=A': 'Chiamate segnalate come risposte da segreteria o fax contate come mute (A)',
      'machine=B': 'Chiamate segnalate come risposte da segreteria o fax contate come non mute (B)',
      'machine=none': 'Chiamate segnalate come risposte da segreteria o fax non contate',
      'machine-estimate=none': 'Le sole chiamate contate, senza stima delle segreterie',
      'callee-hang-up=none': 'Chiamate chiuse dalla persona chiamata prima della fine dell’attesa non contate',
      'callee-hang-up=A': 'Chiamate chiuse dalla persona chiamata prima della fine dell’attesa contate come mute (A)',
      'callee-hang-up=B':
        'Chiamate chiuse dalla persona chiamata prima della fine dell’attesa contate come non mute (B)',
    },
    falsePositive: (percent, evidence) =>
      `Stima: il ${percent} % delle segreterie segnalate erano persone, aggiunte alle chiamate mute. Fonte della stima: ${evidence}`,
  },
  estimates: {
    heading: 'Contate e stimate',
    note: 'NA e NB sono contate. Secondo queste regole le persone che il rilevamento ha preso per segreterie sono stimate, e aggiunte a NA in P: delle segreterie rilevate, la quota che le impostazioni indicano con la sua fonte, arrotondata per eccesso a una chiamata. Ogni riga è stimata per sé: i giorni sommati non danno di necessità il periodo.',
    noteDeducted:
      'NA e NB sono contate. Secondo le impostazioni in questa campagna non si usa il rilevamento delle segreterie. Secondo queste regole le chiamate mute a segreterie sono stimate, e tolte da NA in P: D′ = D − D × Ag / (Ag + NB), dove D è NA con le segreterie che nessun operatore ha sentito e Ag le segreterie sentite da operatori; D′ / (D′ + NB) è D / (D + Ag + NB) in chiamate intere. Quanto è tolto è mostrato arrotondato per difetto.',
    ratio: ({ silent, counted, percent }) =>
      `La percentuale di chiamate mute, con questa stima, è P = ${silent} / ${counted} = ${percent} %.`,
    added: ({ silent, added, found, percent, evidence }) =>
      `Chiamate mute contate: ${silent}. Stimate, e aggiunte a queste: ${added}, cioè il ${percent} % delle ${found} chiamate che il rilevamento ha preso per segreterie. Fonte della stima: ${evidence}`,
    deducted: ({ silent, found, heard, handled, deducted }) =>
      `Chiamate mute: ${silent} contate, e ${found} segnalate come segreterie che nessun operatore ha sentito. Stimate come segreterie, e tolte da queste: ${deducted}, secondo le ${heard} segreterie sentite da operatori accanto a ${handled} persone.`,
    none: (silent) =>
      `Chiamate mute contate: ${silent}. Il rilevamento non ha trovato segreterie: non c’è nulla da stimare.`,
    missing: (found) =>
      `ATTENZIONE: il rilevamento ha preso ${found} chiamate per segreterie, e le impostazioni non dicono quante fossero persone (machineFalsePositive): P è SENZA la stima che le regole chiedono, ed è troppo bassa.`,
    missingCell: 'senza stima',
    total: 'intero periodo',
  },
  policies: {
    heading: 'Per versione delle regole',
    note: 'Ogni chiamata è contata secondo le regole in vigore quando è stata effettuata.',
  },
  refusals: {
    heading: 'Chiamate rifiutate, per regola',
    note: (byLaw, otherwise) =>
      `Non effettuate per una regola di legge: ${byLaw}. Non effettuate per altro motivo (capacità, configurazione): ${otherwise}. Una chiamata può violare più regole; «solo osservate»: la regola era impostata per essere annotata, e la chiamata è stata effettuata.`,
    none: 'Nessuna chiamata ha violato una regola.',
    rules: {
      'campaign-dates': 'Date della campagna',
      roc: 'Iscrizione al ROC',
      'declared-caller-id': 'Numero chiamante dichiarato',
      'calling-hours': 'Orari di chiamata',
      'opt-out': 'Opposizione a ulteriori chiamate',
      screening: 'Registro pubblico delle opposizioni',
      'recall-lock': 'Giorni di attesa dopo una chiamata muta',
      'guaranteed-agent': 'Operatore garantito dopo una chiamata muta',
      frequency: 'Frequenza delle chiamate',
      'abandonment-budget': 'Riserva per le chiamate mute',
    },
  },
  noise: {
    heading: 'Comfort noise',
    note: 'Dalla risposta (2xx) al primo pacchetto di rumore ambientale, misurato in ogni chiamata.',
    rows: {
      ...{ due: 'Risposte senza operatore in linea', played: 'di cui con comfort noise', missing: 'di cui senza' },
      ...{ p50: 'Primo pacchetto entro, metà delle chiamate', p99: '99 chiamate su 100 entro', max: 'il più lungo' },
    },
  },
  announcements: {
    heading: 'Messaggio informativo',
    note: 'Un messaggio registrato che dice chi ha chiamato, trasmesso quando nessun operatore è arrivato in tempo. Ciascuno è indicato con lo SHA-256 della registrazione. «In parte»: la persona chiamata ha riagganciato o premuto il tasto, o un guasto ha interrotto la chiamata.',
    rows: {
      ...{ calls: 'Chiamate in cui è iniziato', whole: 'di cui ascoltato per intero', partly: 'di cui in parte' },
      ...{
        optOuts: 'Opposizioni con tasto',
        wholeShort: 'Intero',
        partlyShort: 'In parte',
        optOutsShort: 'Opposizioni',
      },
    },
    optOutsBy: (calls, digit) => `${calls} con il tasto ${digit}`,
  },
  outcomes: {
    heading: 'Esito delle chiamate',
    network: {
      ...{
        answered: 'risposta',
        busy: 'occupato',
        'no-answer': 'nessuna risposta',
        rejected: 'rifiutata dal chiamato',
      },
      ...{ 'invalid-number': 'numero inesistente', unreachable: 'irraggiungibile', congestion: 'congestione' },
      ...{ 'network-failure': 'guasto di rete', cancelled: 'annullata', blocked: 'non effettuata', unknown: 'ignoto' },
    },
    answeredBy: { human: 'una persona', machine: 'una segreteria', fax: 'un fax', 'not-classified': 'non segnalato' },
    handling: {
      ...{
        agent: 'un operatore',
        silent: 'nessuno',
        'machine-dropped': 'segreteria, nessuno',
        message: 'un messaggio',
      },
    },
    groups: {
      ...{ network: 'Rete', answeredBy: 'Ha risposto', handling: 'In linea con', notGuarded: 'Non predittive' },
      ...{ corrected: 'Esiti corretti in seguito', live: 'Contate, e ancora in corso' },
    },
    kinds: { inbound: 'in entrata', manual: 'manuali', callback: 'richiamate concordate', transfer: 'trasferimenti' },
  },
  law: {
    heading: 'Regole applicate',
    note: 'Le regole secondo cui le chiamate sono state valutate, con la fonte di ogni cifra, in sintesi: fa fede soltanto il testo pubblicato.',
    memory: 'Citato a memoria: non ricontrollato alla fonte.',
    reading: 'Interpretazione',
    sources: 'Altre regole, i cui valori stanno nella configurazione di ogni campagna:',
    values: {
      ...{ answer: 'la risposta', 'speech-start': 'l’inizio della voce', 'speech-end': 'la fine del saluto' },
      ...{ drop: 'chiamata abbattuta', message: 'messaggio', true: 'sì', false: 'no', none: 'non contate' },
      'calls of class A of all answered calls': 'le chiamate di classe A su tutte quelle con risposta',
    },
    texts: {
      'wait.from': 'Garante, provv. 83/2014, punto 1: entro 3 secondi dalla risposta',
      counting: 'Garante, provv. 83/2014, punti 1 e 2: P = NA / (NA + NB)',
      'wait.then': 'Garante, provv. 83/2014, punto 1: la chiamata è quindi abbattuta',
      'wait.limitMs':
        'Garante, provv. 83/2014, punto 1: se entro 3 secondi dalla risposta nessun operatore è disponibile la chiamata va abbattuta',
      'ratio.window': 'Garante, provv. 83/2014, punto 2: NA / (NA + NB) non supera il 3 % per ciascuna campagna',
      'ratio.day': 'Garante, provv. 83/2014, punto 2: la media giornaliera non può in nessun caso superare il 4 %',
      'ratio.window.span':
        'Garante, provv. 83/2014, punto 2: al massimo dieci giorni dall’inizio della campagna, e a ogni multiplo o frazione di dieci giorni',
      'recallLock.hours':
        'Garante, provv. 83/2014, punto 4: dopo una chiamata muta il numero non è richiamato per almeno cinque giorni',
      'recallLock.calendarDays':
        'Garante, provv. 83/2014, punto 4: dopo una chiamata muta il numero non è richiamato per almeno cinque giorni',
      'options.machineAnswered':
        'Garante, provv. 83/2014, premesse: le risposte di fax e segreterie sono altra cosa dalle chiamate mute',
      'options.calleeHangUp':
        'Garante, provv. 83/2014, premesse: è muta la chiamata che la persona o il sistema chiude prima che un operatore sia disponibile',
      statisticsKeptYears:
        'Garante, provv. 83/2014, punto 5: i rapporti statistici per campagna si conservano per almeno due anni',
      callerIdPresentation: 'L. 5/2018 art. 2: le chiamate presentano il numero chiamante',
      'admission.campaignDates':
        'Garante, provv. 83/2014, punto 2: le chiamate mute si misurano per campagna, dal suo inizio alla sua fine',
      'admission.roc':
        'DL 83/2012 art. 24-bis c. 11: i call center, anche in subappalto, sono iscritti al ROC con tutti i loro numeri',
      'admission.declaredCallerId':
        'L. 5/2018 art. 2: le chiamate mostrano un numero con prefisso 0844 o 0843, o un numero richiamabile',
      'admission.callingHours':
        'Garante, codice di condotta 148/2024: giorni feriali 9–20, sabato e prefestivi 10–19, mai la domenica e i festivi',
      'admission.optOut':
        'Regolamento (UE) 2016/679 art. 21 parr. 2-3: chi si oppone al marketing diretto, in qualsiasi momento, non è più chiamato per tale fine',
      'admission.screening':
        'DPR 26/2022: il registro delle opposizioni è consultato prima della campagna, e la risposta vale 15 giorni',
      'admission.recallLock':
        'Garante, provv. 83/2014, punto 4: dopo una chiamata muta il numero non è richiamato per almeno cinque giorni',
      'admission.guaranteedAgent':
        'Garante, provv. 83/2014, punto 4: alla chiamata successiva un operatore è garantito prima che essa sia effettuata',
      'admission.frequency': 'Nessuna cifra nella legge italiana: valgono i limiti della configurazione',
    },
    names: {
      ...{
        'wait.limitMs': 'Attesa massima, ms',
        'wait.from': 'L’attesa decorre da',
        'wait.then': 'Alla fine dell’attesa',
      },
      ...{ 'ratio.window': 'Limite del periodo', 'ratio.window.span': 'Durata del periodo, giorni' },
      counting: 'Che cosa si conta',
      'machinesInRatio.falsePositives': 'Persone prese per segreterie',
      'machinesInRatio.withoutDetection': 'Segreterie, se non rilevate',
      ...{ 'ratio.day': 'Limite giornaliero', 'recallLock.hours': 'Attesa dopo una chiamata muta, ore' },
      ...{ 'recallLock.calendarDays': 'La stessa, giorni di calendario', minRingMs: 'Squillo minimo, ms' },
      ...{
        'machineLock.hours': 'Attesa dopo una segreteria, ore',
        'options.machineAnswered': 'Classe delle segreterie',
      },
      ...{ 'options.calleeHangUp': 'Classe dei riagganci', statisticsKeptYears: 'Conservazione, anni' },
      ...{ callerIdPresentation: 'Numero chiamante visibile', 'admission.campaignDates': 'Date della campagna' },
      ...{ 'admission.roc': 'Iscrizione al ROC', 'admission.declaredCallerId': 'Numero chiamante dichiarato' },
      ...{ 'admission.callingHours': 'Orari di chiamata', 'admission.screening': 'Registro delle opposizioni' },
      'admission.optOut': 'Opposizione a ulteriori chiamate',
      ...{ 'admission.recallLock': 'Giorni di attesa', 'admission.guaranteedAgent': 'Operatore garantito' },
      'admission.frequency': 'Frequenza delle chiamate',
    },
    readings: {
      'wait.from': 'la risposta è il 2xx: il momento in cui si solleva la cornetta',
      'ratio.window.span':
        'giorni di calendario di Europe/Rome, poiché il testo non indica un’ora; il primo è quello della prima chiamata; il periodo più lungo consentito',
      counting: 'le chiamate predittive',
      'ratio.day': 'per campagna, come il periodo: la frase non dice su che altro',
      'recallLock.hours': 'cinque volte 24 ore e cinque giorni di calendario, quale dei due finisce dopo',
      'recallLock.calendarDays': 'cinque volte 24 ore e cinque giorni di calendario, quale dei due finisce dopo',
      'options.machineAnswered': 'contestabile: il punto 1 parla della sola risposta dell’operatore',
      'options.calleeHangUp': 'anche se i tre secondi non erano trascorsi; il solo punto 1 consentirebbe B',
      statisticsKeptYears: 'le statistiche, non i dati personali delle chiamate, che si conservano per meno tempo',
    },
  },
  ledger: {
    heading: 'Prove',
    note: 'Ogni chiamata ha le sue voci in un registro concatenato (ledger). L’hash di una voce fissa tutte le voci precedenti della sua catena; una radice fissa le ultime voci di tutte le catene, e può essere marcata temporalmente da un’autorità (RFC 3161).',
    ranges: 'Voci delle chiamate di questo rapporto',
    roots: 'Radici',
    noRoot: 'Dall’inizio del periodo non è stata scritta alcuna radice.',
    counts: 'Tre conteggi',
    counters: ['Registrazioni delle chiamate', 'Registro (ledger)', 'Conteggi per giorno'],
    differences: 'Differenze',
  },
  signature: {
    heading: 'Firma e come verificarla',
    note: 'Il file manifest.json che accompagna questo documento contiene lo SHA-256 di questo documento, di report.json e di report.csv, e una firma Ed25519 (RFC 8032) apposta con la chiave che ha questa impronta (SHA-256):',
    how: 'Su qualunque computer, senza la base di dati: brusio verify-report CARTELLA --fingerprint "…" con l’impronta che il gestore ha reso nota in precedenza, non quella stampata qui.',
    proves:
      'Prova che i tre file sono, ottetto per ottetto, quelli firmati da chi detiene la chiave: ogni modifica, anche la più piccola, viene scoperta.',
    not: 'Non prova da sola di chi sia la chiave, quando i file siano stati redatti, né che quanto registrato sia vero. Per questo le posizioni nel registro indicate sopra si confrontano con il registro, le sue radici e le loro marche temporali.',
  },
  columns: {
    ...{
      period: 'Periodo',
      day: 'Giorno',
      hour: 'Ora',
      na: 'NA',
      nb: 'NB',
      p: 'P %',
      limit: 'Limite %',
      verdict: 'Esito',
    },
    ...{
      machines: 'Segreterie',
      hangUps: 'Riagganci',
      reading: 'Interpretazione',
      rule: 'Regola',
      enforced: 'Rifiutate',
    },
    ...{ observed: 'Solo osservate', policy: 'Versione', calls: 'Chiamate', what: 'Che cosa', value: 'Valore' },
    ...{ source: 'Fonte', chain: 'Catena', first: 'Prima', last: 'Ultima', entries: 'Voci', hash: 'Hash dell’ultima' },
    ...{ found: 'Rilevate', heard: 'Sentite', added: 'Aggiunte', deducted: 'Tolte', fraction: 'P come frazione' },
    ...{ at: 'Scritta', root: 'Radice', timestamp: 'Marca temporale', answered: 'Risposte', entry: 'Voce' },
    ...{ message: 'Messaggio', sha256: 'SHA-256' },
  },
};
