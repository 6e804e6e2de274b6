/** What the table's columns and rows are called. */
import type { ReportLanguage } from '../report-language.ts';

type CsvWords = {
  readonly place: readonly [string, string, string, string, string, string];
  readonly shares: readonly string[];
  /** Where the law has estimates in P. */
  readonly estimates: readonly string[];
  readonly figures: readonly string[];
  /** Where the law has a shortest ringing. */
  readonly ringing: readonly string[];
  readonly announcements: Readonly<Record<'messages' | 'whole' | 'partly' | 'optOuts' | 'key', string>>;
  readonly network: string;
  readonly enforced: string;
  readonly observed: string;
  readonly scopes: Readonly<Record<'total' | 'window' | 'day' | 'hour' | 'policy', string>>;
  readonly verdicts: Readonly<Record<'within' | 'breached', string>>;
};

/** Both languages, column by column. */
export const CSV_WORDS: Readonly<Record<ReportLanguage, CsvWords>> = {
  it: {
    place: ['Campagna', 'Periodo', 'Dal', 'Al', 'Ora locale', 'Versione delle regole'],
    shares: [
      ...['NA (classe A, mute)', 'NB (classe B)', 'P %', 'Limite %', 'Esito'],
      ...['NA se segreterie in A', 'P % se segreterie in A', 'NA se segreterie in B', 'P % se segreterie in B'],
      ...['NA se segreterie escluse', 'P % se segreterie escluse'],
      ...['NA se riagganci in A', 'P % se riagganci in A', 'NA se riagganci in B', 'P % se riagganci in B'],
      ...['NA se riagganci esclusi', 'P % se riagganci esclusi'],
      ...['NA con falsi positivi stimati', 'P % con falsi positivi stimati'],
    ],
    estimates: [
      ...['P: numeratore', 'P: denominatore', 'Segreterie rilevate', 'Segreterie sentite da operatori'],
      ...['Falsi positivi stimati %', 'Fonte della stima', 'Aggiunte a NA per stima', 'Tolte da NA per stima'],
      ...['Stima mancante', 'P % senza stima'],
    ],
    figures: [
      ...[
        'Chiamate predittive',
        'Risposte',
        'Segreterie e fax',
        'Segreterie in A',
        'Riagganci del chiamato',
        'Riagganci in A',
      ],
      ...['Corrette', 'Ancora in corso', 'Rifiutate per legge', 'Rifiutate per altro'],
      ...['Senza operatore alla risposta', 'con comfort noise', 'senza comfort noise'],
      ...['Primo pacchetto ms p50', 'Primo pacchetto ms p99', 'Primo pacchetto ms max', 'Non predittive'],
    ],
    announcements: {
      ...{ messages: 'Messaggi', whole: 'Ascoltati per intero', partly: 'Ascoltati in parte' },
      ...{ optOuts: 'Opposizioni con tasto', key: 'tasto' },
    },
    ringing: ['Non risposte, abbandonate', 'Squillo minimo s', 'Abbandonate prima', 'Abbandonate senza squillo'],
    network: 'Rete',
    enforced: 'Rifiuti',
    observed: 'Solo osservate',
    scopes: { total: 'totale', window: 'periodo', day: 'giorno', hour: 'ora', policy: 'regole' },
    verdicts: { within: 'nel limite', breached: 'superato' },
  },
  en: {
    place: ['Campaign', 'Period', 'From', 'To', 'Local hour', 'Version of the rules'],
    shares: [
      ...['NA (class A, silent)', 'NB (class B)', 'P %', 'Limit %', 'Verdict'],
      ...['NA if machines are A', 'P % if machines are A', 'NA if machines are B', 'P % if machines are B'],
      ...['NA if machines are left out', 'P % if machines are left out'],
      ...['NA if hang-ups are A', 'P % if hang-ups are A', 'NA if hang-ups are B', 'P % if hang-ups are B'],
      ...['NA if hang-ups are left out', 'P % if hang-ups are left out'],
      ...['NA with estimated false positives', 'P % with estimated false positives'],
    ],
    estimates: [
      ...['P: numerator', 'P: denominator', 'Machines found by detection', 'Machines heard by agents'],
      ...['Estimated false positives %', 'Evidence of the estimate', 'Added to NA by estimate'],
      ...['Taken out of NA by estimate', 'Estimate missing', 'P % without the estimate'],
    ],
    figures: [
      ...[
        'Predictive calls',
        'Answered',
        'Machines and faxes',
        'Machines in A',
        'Hung up by the callee',
        'Hang-ups in A',
      ],
      ...['Corrected', 'Still going on', 'Refused by law', 'Refused otherwise'],
      ...['No agent at the answer', 'with comfort noise', 'without comfort noise'],
      ...['First packet ms p50', 'First packet ms p99', 'First packet ms max', 'Not predictive'],
    ],
    announcements: {
      ...{
        messages: 'Messages',
        whole: 'Heard whole',
        partly: 'Heard in part',
        optOuts: 'Opt-outs by key',
        key: 'key',
      },
    },
    ringing: ['Unanswered, given up', 'Shortest ringing s', 'Given up before', 'Given up without ringing'],
    network: 'Network',
    enforced: 'Refused',
    observed: 'Observed only',
    scopes: { total: 'total', window: 'window', day: 'day', hour: 'hour', policy: 'rules' },
    verdicts: { within: 'within', breached: 'breached' },
  },
};
