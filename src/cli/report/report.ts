/** `brusio report`: signed statistical reports of campaigns. */
import { join } from 'node:path';
import { brusioVersion } from '../../app-version.ts';
import { systemClock } from '../../base/clock.ts';
import { localTimeOf } from '../../base/local-time.ts';
import { uuidV7 } from '../../base/uuid.ts';
import { reportKeyOf, reportKeyPath } from '../../config/report-key.ts';
import { reportBook } from '../../config/report-terms.ts';
import type { Settings } from '../../config/settings.ts';
import { publicKeyNote, publicKeyPem, shownFingerprint } from '../../ledger/report/public-key-note.ts';
import { reportTermsOf } from '../../ledger/report/report-book.ts';
import { REPORT_LANGUAGES, type ReportLanguage } from '../../ledger/report/report-language.ts';
import type { WantedPeriod } from '../../ledger/report/report-period.ts';
import { selectCampaigns } from '../../store/campaign-queries.ts';
import type { ReportOrder } from '../../store/report/collect-report.ts';
import { type MadeReport, makeReport } from '../../store/report/make-report.ts';
import { type PeopleArguments, WrongUsage, withPeopleArguments } from '../people/people-arguments.ts';
import { withDatabase } from '../people/settings-database.ts';
import { folderName } from './folder-name.ts';
import { KEPT_COMMANDS } from './kept-commands.ts';
import { writeFolder } from './write-folder.ts';

const USAGE = `usage: brusio report --campaign NAME [PERIOD] [--language it|en] [--out FOLDER] [--config FILE]
       brusio report --all [PERIOD] …
       brusio report list [--campaign NAME]
       brusio report get --id ID [--out FOLDER]
       brusio report delete --id ID
       brusio report --key

Makes a signed report of a campaign: report.json, report.csv, report.pdf and the signed manifest.json over them, in a folder of their own within FOLDER (default: the
present one). Only reads calls; Brusio may be running. The ledger is told of it (an \`export\` entry).

PERIOD, by the local days of the jurisdiction; without one, the last window that is over:
  --window N        the campaign's N-th window, from 1
  --day YYYY-MM-DD  one day
  --from D --to D   several days, both included
  --last-week       the last whole week, Monday to Sunday

  --all             of every campaign that has calls in that period
  --language        it or en; default: that of the jurisdiction
  --key             print the public key and its fingerprint, for whoever verifies reports

list, get, delete: reports that Brusio made by itself of every day and window, and keeps (\`reports.keep\`): which there are, one of
them as it was made, and out with one whose time is over. Before that the law wants it kept, and deletion is refused.

Exit status: 0; 1 not done; 64 wrong usage; 78 wrong settings.
`;

const OPTIONS = {
  campaign: { type: 'string' },
  all: { type: 'boolean' },
  window: { type: 'string' },
  day: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'last-week': { type: 'boolean' },
  language: { type: 'string' },
  out: { type: 'string' },
  key: { type: 'boolean' },
  id: { type: 'string' },
} as const;

/** Runs the command with the arguments after its name; the exit status. */
export function report(argv: readonly string[]): Promise<number> {
  return withPeopleArguments(argv, USAGE, OPTIONS, async (given) => {
    if (given.values.key === true) return showKey(given.settings);
    const [what, ...more] = given.positionals;
    if (what === undefined) return make(given);
    const kept = KEPT_COMMANDS[what];
    if (kept === undefined || more.length > 0)
      throw new WrongUsage(`"${given.positionals.join(' ')}" is nothing that reports do`);
    return kept(given);
  });
}

async function make({ values, settings }: PeopleArguments): Promise<number> {
  const wanted = wantedPeriod(values);
  const language = languageOf(values.language);
  const { campaign, all, out = '.' } = values;
  if ((typeof campaign === 'string') === (all === true)) throw new WrongUsage('name one --campaign, or --all');
  const privateKey = reportKeyOf(reportKeyPath(settings));
  const book = reportBook(settings);
  return withDatabase(settings, async (connection) => {
    const campaigns =
      typeof campaign === 'string'
        ? [campaign]
        : (await connection.all(selectCampaigns, {})).map((row) => row.campaign);
    for (const one of campaigns) {
      try {
        const signing = { language: language ?? reportTermsOf(book, one).language, privateKey };
        const made = await makeReport(
          connection,
          orderOf(settings, one, wanted),
          signing,
          systemClock,
          toldProgress(one),
        );
        write(made, String(out));
      } catch (thrown) {
        // Of all campaigns those are left out that had no calls then.
        if (all !== true || !(thrown instanceof Error && 'code' in thrown && thrown.code === 'report.no-period'))
          throw thrown;
      }
    }
    return 0;
  });
}

/** What the settings say of a report that is asked for now. */
function orderOf(settings: Settings, campaign: string, wanted: WantedPeriod): ReportOrder {
  const { law, endsOn, machineFalsePositive } = reportTermsOf(reportBook(settings), campaign);
  const madeAt = systemClock.now().wallMs;
  return {
    ...{ campaign, wanted, law, endsOn, machineFalsePositive, madeAt },
    id: uuidV7(madeAt),
    today: localTimeOf(law.timeZone, madeAt).day,
    madeBy: { version: brusioVersion(), process: settings.database.process },
  };
}

function write({ report: made, files }: MadeReport, out: string): void {
  const folder = writeFolder(join(out, folderName(made)), files);
  const { total, ledger } = made;
  const { silent, answered } = total.ratio;
  const verdict = total.verdict === null ? '' : `, ${total.verdict}`;
  const estimate = estimateText(total);
  process.stdout.write(`${folder}: P = ${silent}/${answered} = ${total.percent ?? '-'} %${verdict}${estimate}\n`);
  for (const difference of ledger.agreement.differences) process.stderr.write(`differs  ${difference}\n`);
}

function estimateText({ estimate }: MadeReport['report']['total']): string {
  if (estimate === undefined) return '';
  const { machinesFound, machinesHeard, added, deducted, missing } = estimate;
  if (missing) return ` (WITHOUT an estimate of the people among ${machinesFound} machines: machineFalsePositive)`;
  return deducted === null
    ? ` (${added} of it estimated of ${machinesFound} machines)`
    : ` (${deducted} less, estimated of ${machinesHeard} machines that agents heard)`;
}

function showKey(settings: Settings): number {
  const key = reportKeyOf(reportKeyPath(settings));
  process.stdout.write(`${publicKeyPem(key)}SHA-256 ${shownFingerprint(publicKeyNote(key).fingerprint)}\n`);
  return 0;
}

function wantedPeriod(values: PeopleArguments['values']): WantedPeriod {
  const { window, day, from, to, 'last-week': lastWeek } = values;
  const given = [window, day, from ?? to, lastWeek].filter((one) => one !== undefined);
  if (given.length > 1) throw new WrongUsage('name one period');
  if (typeof window === 'string') {
    if (!/^[1-9]\d{0,5}$/.test(window)) throw new WrongUsage('--window is the number of a window, from 1');
    return { kind: 'window', number: Number(window) };
  }
  if (typeof day === 'string') return { kind: 'day', day: localDay('--day', day) };
  if (typeof from === 'string' && typeof to === 'string')
    return { kind: 'range', from: localDay('--from', from), to: localDay('--to', to) };
  if (from !== undefined || to !== undefined) throw new WrongUsage('--from and --to go together');
  return { kind: lastWeek === true ? 'last-week' : 'last-window' };
}

function localDay(option: string, text: string): string {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return text;
  throw new WrongUsage(`${option} is a day, such as 2026-11-22`);
}

/** Null: that of the settings. */
function languageOf(text: unknown): ReportLanguage | null {
  if (text === undefined) return null;
  const language = REPORT_LANGUAGES.find((one) => one === text);
  if (language === undefined) throw new WrongUsage(`--language is ${REPORT_LANGUAGES.join(' or ')}`);
  return language;
}

/** Between two lines that tell how far it is, ms. */
const PROGRESS_MS = 2_000;

function toldProgress(campaign: string): (calls: number) => void {
  let toldAt: number = systemClock.monotonicMs();
  return (calls) => {
    const now = systemClock.monotonicMs();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    process.stderr.write(`${campaign}: ${calls.toLocaleString('en-GB')} calls counted\n`);
  };
}
