/** Every word of the page, in English and Italian, and how figures and times are written in each. */

const EN = {
  skip: 'To the figures',
  language: 'Language',
  theme: 'Colours',
  themeAuto: 'As the system',
  themeLight: 'Light',
  themeDark: 'Dark',
  leave: 'Sign out',
  enterTitle: 'Enter with an API key',
  enterHelp:
    'The key is in the file api-key of the data folder, or in the settings (http.apiKeys). It is not kept: this browser gets a session that may read, for twelve hours.',
  key: 'API key',
  enter: 'Enter',
  wrongKey: 'Brusio does not know this key.',
  noAnswer: 'Brusio does not answer: {why}',
  live: 'Live',
  connecting: 'Connecting …',
  lost: 'No connection: what is shown is old',
  about: 'Brusio {version}, running since {since}',
  now: 'At this moment',
  campaigns: 'Campaigns',
  campaignsNote: 'Silent calls against the limits of the law, by the counts in the database.',
  noCampaign: 'No campaign has had a call yet.',
  moreCampaigns: '{shown} of {running} running campaigns, those nearest to a limit.',
  window: 'Window {from} – {to}',
  day: 'Today, {from}',
  limit: 'limit {percent}',
  noLimit: 'no limit by law',
  noCalls: 'no call',
  silentCalls: 'silent (NA)',
  handledCalls: 'handled (NB)',
  room: 'room for {n} more',
  roomNone: 'no room for another silent call',
  estimateAdded: 'the share has {added} more, estimated of {found} detected machines',
  estimateDeducted: 'the share is without {deducted}, estimated of {heard} machines that agents heard',
  estimateMissing: 'without an estimate of the people among {found} detected machines',
  within: 'within',
  near: 'near the limit',
  breached: 'breached',
  gauge: '{percent} of {limit} allowed',
  waitingCalls: 'Waiting for an agent',
  nobodyWaits: 'Nobody waits.',
  ofLimit: '{waited} of {limit} s',
  lastOutcomes: 'Last outcomes',
  noOutcomes: 'No call has ended yet.',
  pause: 'Pause',
  time: 'Time',
  campaign: 'Campaign',
  number: 'Number',
  class: 'Class',
  outcome: 'Outcome',
  why: 'Why it ended',
  waited: 'Waited',
  carrier: 'Carrier',
  details: 'Details of the call',
  notAnsweredClass: 'no class',
  refusals: 'Refusals and breaches',
  rule: 'Rule',
  count: 'Calls',
  mode: 'What was done',
  refusedMode: 'refused',
  enforce: 'refused',
  observe: 'only noted',
  noRefusals: 'Nothing was refused since the start.',
  freeAgents: 'Free agents',
  free: 'Free',
  toldBy: 'Told by',
  noAgents: 'Nobody tells of free agents.',
  health: 'Health',
  takesCalls: 'Calls are taken',
  takesNoCalls: 'No new calls are taken: {why}',
  storeGood: 'Database writes',
  storeBad: 'Database: {why}',
  mediaGood: 'Media plane works',
  mediaBad: 'Media plane: {why}',
  carrierGood: 'Carrier {name} is up',
  carrierBad: 'Carrier {name} is down{why}',
  carrierPaused: 'Carrier {name} asked for a pause',
  unreachable: ': it does not answer',
  unregistered: ': it does not take the registration',
  sourceGood: 'Agent source {name} is connected',
  sourceBad: 'Agent source {name}: {why}',
  webhookGood: 'Webhooks to {name} are delivered',
  webhookDown: 'Webhooks to {name} fail and are tried again',
  webhookGone: 'Webhooks to {name} were stopped by the endpoint',
  webhookDead: ', {n} given up',
  story: 'One call',
  close: 'Close',
  asJson: 'As JSON',
  unknownCall: 'This call is not known any more.',
  tileLive: 'live calls, at most {max}',
  tileRefused: 'refused since the start',
  tileFirst: 'first packet, p99',
  tileFirstUnder: 'last {calls} calls, longest {max} ms',
  tileAgents: 'free agents',
  unknownFigure: '–',
  warnBreached: '{campaign}: limit breached, {period}: {silent} silent of {answered}.',
  warnEstimated: 'Estimated, not counted: {added}.',
  warnNear: '{campaign}: near the limit, {period}: {silent} silent of {answered}.',
  periodDay: 'today',
  periodWindow: 'this window',
  state: {
    dialing: 'ringing',
    cancelling: 'being cancelled',
    waiting: 'waiting',
    announcing: 'hearing the message',
    released: 'a machine',
    overdue: 'overdue, observed',
    bridged: 'with an agent',
    ended: 'ending',
  },
  network: {
    answered: 'answered',
    busy: 'busy',
    'no-answer': 'no answer',
    rejected: 'rejected',
    'invalid-number': 'invalid number',
    unreachable: 'unreachable',
    congestion: 'congestion',
    'network-failure': 'network failure',
    cancelled: 'cancelled',
    blocked: 'blocked',
    unknown: 'unknown',
  },
  handling: {
    agent: 'agent',
    silent: 'silent call',
    'machine-dropped': 'machine, dropped',
    message: 'message',
    relayed: 'relayed',
    none: '',
  },
  cause: {
    deadline: 'no agent in time',
    'callee-hung-up': 'callee hung up',
    'dialer-hung-up': 'dialer hung up',
    'dialer-cancelled': 'dialer gave up',
    'callee-lost': 'callee lost',
    'dialer-lost': 'dialer lost',
    'carrier-refused': 'refused by the carrier',
    'refused-by-guard': 'refused by a rule',
    'media-failed': 'media failed',
    'internal-error': 'internal error',
    'ring-limit': 'rang too long',
    'agent-lost': 'promised agent left',
    'guard-stopping': 'Brusio stopped',
    'guard-restarted': 'Brusio restarted',
  },
};

/** @type {typeof EN} */
const IT = {
  skip: 'Ai dati',
  language: 'Lingua',
  theme: 'Colori',
  themeAuto: 'Come il sistema',
  themeLight: 'Chiaro',
  themeDark: 'Scuro',
  leave: 'Esci',
  enterTitle: 'Entra con una chiave API',
  enterHelp:
    'La chiave è nel file api-key della cartella dati, o nelle impostazioni (http.apiKeys). Non viene conservata: questo browser riceve una sessione di sola lettura, per dodici ore.',
  key: 'Chiave API',
  enter: 'Entra',
  wrongKey: 'Brusio non conosce questa chiave.',
  noAnswer: 'Brusio non risponde: {why}',
  live: 'In diretta',
  connecting: 'Connessione …',
  lost: 'Nessuna connessione: i dati mostrati sono vecchi',
  about: 'Brusio {version}, in funzione dal {since}',
  now: 'In questo momento',
  campaigns: 'Campagne',
  campaignsNote: 'Chiamate mute rispetto ai limiti di legge, secondo i conteggi nel database.',
  noCampaign: 'Nessuna campagna ha ancora avuto chiamate.',
  moreCampaigns: '{shown} di {running} campagne in corso, le più vicine a un limite.',
  window: 'Periodo {from} – {to}',
  day: 'Oggi, {from}',
  limit: 'limite {percent}',
  noLimit: 'nessun limite di legge',
  noCalls: 'nessuna chiamata',
  silentCalls: 'mute (NA)',
  handledCalls: 'gestite (NB)',
  room: 'margine: ancora {n}',
  roomNone: 'nessun margine per altre mute',
  estimateAdded: 'la quota ne ha altre {added}, stimate su {found} segreterie rilevate',
  estimateDeducted: 'la quota è senza {deducted}, stimate su {heard} segreterie sentite da operatori',
  estimateMissing: 'senza stima delle persone tra {found} segreterie rilevate',
  within: 'nei limiti',
  near: 'vicino al limite',
  breached: 'superato',
  gauge: '{percent} su {limit} consentito',
  waitingCalls: 'In attesa di un operatore',
  nobodyWaits: 'Nessuno in attesa.',
  ofLimit: '{waited} di {limit} s',
  lastOutcomes: 'Ultimi esiti',
  noOutcomes: 'Nessuna chiamata è ancora finita.',
  pause: 'Pausa',
  time: 'Ora',
  campaign: 'Campagna',
  number: 'Numero',
  class: 'Classe',
  outcome: 'Esito',
  why: 'Perché è finita',
  waited: 'Attesa',
  carrier: 'Operatore di rete',
  details: 'Dettagli della chiamata',
  notAnsweredClass: 'senza classe',
  refusals: 'Rifiuti e violazioni',
  rule: 'Regola',
  count: 'Chiamate',
  mode: 'Che cosa si è fatto',
  refusedMode: 'rifiutate',
  enforce: 'rifiutate',
  observe: 'solo annotate',
  noRefusals: "Nulla è stato rifiutato dall'avvio.",
  freeAgents: 'Operatori liberi',
  free: 'Liberi',
  toldBy: 'Fonte',
  noAgents: 'Nessuno comunica operatori liberi.',
  health: 'Stato',
  takesCalls: 'Le chiamate vengono accettate',
  takesNoCalls: 'Nessuna nuova chiamata accettata: {why}',
  storeGood: 'Il database scrive',
  storeBad: 'Database: {why}',
  mediaGood: 'Il piano media funziona',
  mediaBad: 'Piano media: {why}',
  carrierGood: 'Operatore di rete {name} attivo',
  carrierBad: 'Operatore di rete {name} non attivo{why}',
  carrierPaused: 'Operatore di rete {name}: ha chiesto una pausa',
  unreachable: ': non risponde',
  unregistered: ': non accetta la registrazione',
  sourceGood: 'Fonte operatori {name} connessa',
  sourceBad: 'Fonte operatori {name}: {why}',
  webhookGood: 'Webhook verso {name} consegnati',
  webhookDown: 'Webhook verso {name} falliti, si riprova',
  webhookGone: 'Webhook verso {name} fermati dal destinatario',
  webhookDead: ', {n} abbandonati',
  story: 'Una chiamata',
  close: 'Chiudi',
  asJson: 'Come JSON',
  unknownCall: 'Questa chiamata non è più nota.',
  tileLive: 'chiamate in corso, massimo {max}',
  tileRefused: "rifiutate dall'avvio",
  tileFirst: 'primo pacchetto, p99',
  tileFirstUnder: 'ultime {calls} chiamate, massimo {max} ms',
  tileAgents: 'operatori liberi',
  unknownFigure: '–',
  warnBreached: '{campaign}: limite superato, {period}: {silent} mute su {answered}.',
  warnEstimated: 'Stimate, non contate: {added}.',
  warnNear: '{campaign}: vicino al limite, {period}: {silent} mute su {answered}.',
  periodDay: 'oggi',
  periodWindow: 'in questo periodo',
  state: {
    dialing: 'che squillano',
    cancelling: 'in annullamento',
    waiting: 'in attesa',
    announcing: 'che ascoltano il messaggio',
    released: 'segreterie',
    overdue: 'oltre il limite, osservate',
    bridged: 'con operatore',
    ended: 'in chiusura',
  },
  network: {
    answered: 'risposta',
    busy: 'occupato',
    'no-answer': 'nessuna risposta',
    rejected: 'rifiutata',
    'invalid-number': 'numero inesistente',
    unreachable: 'irraggiungibile',
    congestion: 'congestione',
    'network-failure': 'guasto di rete',
    cancelled: 'annullata',
    blocked: 'bloccata',
    unknown: 'sconosciuto',
  },
  handling: {
    agent: 'operatore',
    silent: 'chiamata muta',
    'machine-dropped': 'segreteria, chiusa',
    message: 'messaggio',
    relayed: 'inoltrata',
    none: '',
  },
  cause: {
    deadline: 'nessun operatore in tempo',
    'callee-hung-up': 'il chiamato ha riagganciato',
    'dialer-hung-up': 'il dialer ha riagganciato',
    'dialer-cancelled': 'il dialer ha rinunciato',
    'callee-lost': 'chiamato perso',
    'dialer-lost': 'dialer perso',
    'carrier-refused': "rifiutata dall'operatore di rete",
    'refused-by-guard': 'rifiutata da una regola',
    'media-failed': 'media guasti',
    'internal-error': 'errore interno',
    'ring-limit': 'squilli troppo lunghi',
    'agent-lost': "l'operatore promesso è andato via",
    'guard-stopping': 'Brusio si è fermato',
    'guard-restarted': 'Brusio è ripartito',
  },
};

const LANGUAGES = { en: EN, it: IT };

let language = 'en';

/** The language the page is in: `en` or `it`. */
export const currentLanguage = () => language;

/** @param {string} wanted another than these two is English */
export function setLanguage(wanted) {
  language = wanted === 'it' ? 'it' : 'en';
}

/**
 * A word or sentence, its places in braces filled.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function word(key, values = {}) {
  const text = LANGUAGES[language][key] ?? EN[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ''));
}

/**
 * What a value of the API is called; one that the page does not know is shown as it is.
 *
 * @param {'state' | 'network' | 'handling' | 'cause'} kind
 * @param {string} value
 */
export function nameOf(kind, value) {
  return LANGUAGES[language][kind][value] ?? value;
}

/** An integer with its groups. @param {number} value */
export const integer = (value) => value.toLocaleString(language, { maximumFractionDigits: 0 });

/** So many decimals. @param {number} value @param {number} digits */
export const decimal = (value, digits) =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/**
 * Per cent as the API writes it: it has rounded up, so that no breach reads as the limit.
 *
 * @param {string} text
 */
export const percentText = (text) => `${language === 'it' ? text.replace('.', ',') : text} %`;

/** @param {string} iso */
export const timeText = (iso) => new Date(iso).toLocaleTimeString(language, { hour12: false });

/** @param {string} iso */
export const momentText = (iso) => new Date(iso).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });

/** A local day `YYYY-MM-DD`, which belongs to the jurisdiction's zone and not to the browser's. @param {string} day */
export const dayText = (day) =>
  new Date(`${day}T12:00:00Z`).toLocaleDateString(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
