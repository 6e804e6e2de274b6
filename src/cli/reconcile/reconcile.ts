/** `brusio reconcile`: a carrier's CDR file against Brusio's outcomes. */
import { basename } from 'node:path';
import { parse } from 'yaml';
import { systemClock } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { digestWords } from '../../base/number-digest-words.ts';
import { campaignJurisdictions, homeJurisdiction } from '../../config/campaign-jurisdictions.ts';
import { machineFalsePositive } from '../../config/campaign-terms.ts';
import { loadSettings, readYaml } from '../../config/load-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { createBrusioCalls, createCarrierCalls } from '../../ledger/reconcile/call-columns.ts';
import { type CampaignMeasure, periodEffects } from '../../ledger/reconcile/campaign-effects.ts';
import { type CdrFindings, type CdrProblem, createCdrReader } from '../../ledger/reconcile/cdr-reader.ts';
import type { CampaignTerms } from '../../ledger/reconcile/difference.ts';
import { type CdrMapping, readMapping } from '../../ledger/reconcile/mapping.ts';
import { MOMENTS } from '../../ledger/reconcile/nearness.ts';
import { createNumberIndex } from '../../ledger/reconcile/number-index.ts';
import { type Reconciliation, reconcile } from '../../ledger/reconcile/reconciliation.ts';
import { suggestMapping } from '../../ledger/reconcile/suggestion.ts';
import { windowOf } from '../../policy/ratio-window.ts';
import type { Connection } from '../../store/connection.ts';
import { databasePlace } from '../../store/database-place.ts';
import { readCallNumbers, readCarriedCalls, readCounts } from '../../store/reconcile/carried-calls.ts';
import { openForReading } from '../../store/verify/open-for-reading.ts';
import { settingsNumbers } from '../people/settings-database.ts';
import { progressLine } from '../progress-line.ts';
import { complaint, EX_CONFIG, EX_USAGE } from '../settings-argument.ts';
import { type Period, periodOf, readMoment } from './period.ts';
import { cdrFileSize, readCdrBeginning, readCdrFile } from './read-cdr-file.ts';
import { type ReconcileArguments, reconcileArguments, USAGE } from './reconcile-arguments.ts';
import { writeReport } from './write-report.ts';

/** Not such a file (sysexits.h). */
const EX_DATAERR = 65;
/** Cannot be compared at all; not to be taken for differences. */
const EXIT_UNREADABLE = 2;
const STATUS_OF: Readonly<Record<string, number>> = {
  'reconcile.file': EX_DATAERR,
  'config.number-key': EX_CONFIG,
};
/** Calls so long before and after the period are looked at, so that none is missed whose clock is far off, ms. */
const BESIDE_MS = 15 * 3_600_000;

/** Runs the command with the arguments after its name; the exit status. */
export async function reconcileCommand(argv: readonly string[]): Promise<number> {
  const given = reconcileArguments(argv);
  if (given === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (typeof given === 'string') return said(`${given}\n\n${USAGE}`, EX_USAGE);
  try {
    if (given.suggest) return await suggest(given.file);
    return await compare(given);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return said(`${describeError(thrown)}\n`, STATUS_OF[thrown.code] ?? EXIT_UNREADABLE);
  }
}

async function suggest(file: string): Promise<number> {
  const { yaml, remarks } = suggestMapping(await readCdrBeginning(file, 'utf-8'));
  process.stdout.write(`${remarks.map((remark) => `# look at: ${remark}\n`).join('')}${yaml}`);
  return 0;
}

async function compare(given: ReconcileArguments): Promise<number> {
  const settings = loadSettings(given.config, process.env);
  if (!settings.ok) return said(complaint(given.config ?? undefined, settings.problem), EX_CONFIG, '');
  const timeZone = given.zone ?? homeJurisdiction(settings.value).timeZone;
  const edges = { from: edgeOf(given.from, 'from', timeZone), to: edgeOf(given.to, 'to', timeZone) };
  const wrong = (['from', 'to'] as const).find((edge) => Number.isNaN(edges[edge]));
  if (wrong !== undefined)
    return said(
      `--${wrong} is no time such as 2026-11-20, 2026-11-20T10:30 or 2026-11-20T10:30+01:00\n\n${USAGE}`,
      EX_USAGE,
    );
  const mapping = await mappingOf(given);
  if (typeof mapping === 'number') return mapping;
  const { carrier } = mapping;
  if (carrier !== null && !settings.value.carriers.some(({ name }) => name === carrier))
    return said(`mapping: carrier: the settings have no carrier "${carrier}"\n`, EX_CONFIG);

  const { keys, plan } = settingsNumbers(settings.value);
  const numbers = createNumberIndex(keys.map(digestWords));
  const calls = createCarrierCalls();
  const reader = createCdrReader(mapping, { plan, timeZone }, numbers, calls);
  const read = await readThrough(given.file, mapping, reader);
  if (!read.ok) return fileRefused(given, read.problem);
  const { findings, sha256 } = read;
  if (findings.span === null) return said(`${given.file} has no call\n`, EX_DATAERR);
  const period = periodOf(edges, findings.span, timeZone);
  if (period.from >= period.to) return said(`--from is not before --to\n\n${USAGE}`, EX_USAGE);

  const { database, data } = settings.value;
  const place = databasePlace({ url: database.url, dataDir: data.dir, process: database.process });
  const connection = await openForReading(place, systemClock);
  try {
    const { brusio, count } = await readBrusio(connection, period, carrier, numbers);
    const { duration, tolerance, clock, times } = mapping;
    const result = reconcile(calls, brusio, numbers.size(), {
      ...{ timeZone, termsOf: termsOf(settings.value), duration, period },
      ...{
        matchMs: tolerance.matchS * 1_000,
        answerMs: tolerance.answerS * 1_000,
        durationMs: tolerance.durationS * 1_000,
      },
      offsetMs: clock.offsetS === 'auto' ? null : clock.offsetS * 1_000,
      onlyAnswered: mapping.rows.contain === 'answered',
      placedBy: MOMENTS.find((name) => times[name] !== null) ?? 'start',
    });
    const effects = await effectsOf(connection, result, measuresOf(settings.value));
    const fileName = given.file === '-' ? 'standard input' : basename(given.file);
    const subject = { fileName, sha256, timeZone, period, brusio: count };
    const parts = { subject, mapping, findings, result, effects, showNumbers: given.showNumbers };
    const sources = {
      numberAt: numbers.numberAt,
      numbersOf: (callIds: readonly string[]) => readCallNumbers(connection, callIds),
    };
    process.stdout.write(await writeReport({ ...parts, ...sources }, given.out, given.asJson));
    return isClean(findings, result) ? 0 : 1;
  } finally {
    await connection.close();
  }
}

function termsOf(settings: Settings): (campaign: string) => CampaignTerms {
  const lawOf = campaignJurisdictions(settings);
  return (campaign) => {
    const { timeZone, wait } = lawOf(campaign);
    // A wait that begins with the callee's greeting is none that a carrier could know of.
    return { timeZone, waitLimitMs: wait.from.value === 'answer' ? wait.limitMs.value : Number.POSITIVE_INFINITY };
  };
}

function edgeOf(text: string | null, edge: 'from' | 'to', timeZone: string): number | null {
  return text === null ? null : (readMoment(text, edge, timeZone) ?? Number.NaN);
}

/** The one that is given, or the one that is proposed; an exit status after everything was said. */
async function mappingOf({ mapping: path, file }: ReconcileArguments): Promise<CdrMapping | number> {
  let written: unknown;
  if (path === null) {
    const { yaml, remarks } = suggestMapping(await readCdrBeginning(file, 'utf-8'));
    process.stderr.write(
      `brusio: no --mapping is given; read as proposed:\n\n${yaml}\n${remarks.map((one) => `look at: ${one}\n`).join('')}\n`,
    );
    written = parse(yaml);
  } else {
    const yaml = readYaml(path, 'a mapping, such as "number:" and "times:"');
    if (!yaml.ok) return said(complaint(path, yaml.problem), EX_CONFIG, '');
    written = yaml.value;
  }
  const mapping = readMapping(written);
  return mapping.ok ? mapping.value : said(complaint(path ?? 'the proposed mapping', mapping.problem), EX_CONFIG, '');
}

type ReadThrough =
  | { readonly ok: true; readonly findings: CdrFindings; readonly sha256: string }
  | { readonly ok: false; readonly problem: CdrProblem };

async function readThrough(
  file: string,
  mapping: CdrMapping,
  reader: ReturnType<typeof createCdrReader>,
): Promise<ReadThrough> {
  const size = await cdrFileSize(file);
  const line = progressLine(process.stderr, systemClock);
  let refusal: CdrProblem | null = null;
  const { sha256 } = await readCdrFile(file, mapping.file.encoding, (text, octets) => {
    const taken = reader.push(text);
    if (!taken.ok) refusal = taken.problem;
    line.tell(
      () =>
        `reading: ${reader.calls().toLocaleString('en')} calls${size === null || size === 0 ? '' : ` (${Math.floor((100 * octets) / size)} %)`}`,
    );
    return taken.ok;
  });
  line.end();
  if (refusal !== null) return { ok: false, problem: refusal };
  const findings = reader.end();
  return findings.ok ? { ok: true, findings: findings.value, sha256 } : { ok: false, problem: findings.problem };
}

function fileRefused({ file, mapping }: ReconcileArguments, problem: CdrProblem): number {
  if (problem.problem === 'file') return said(`${file}: ${problem.reason}\n`, EX_DATAERR);
  return said(complaint(mapping ?? 'the proposed mapping', problem.problems), EX_CONFIG, '');
}

async function readBrusio(
  connection: Connection,
  { from, to }: Period,
  carrier: string | null,
  numbers: ReturnType<typeof createNumberIndex>,
) {
  const brusio = createBrusioCalls();
  const line = progressLine(process.stderr, systemClock);
  const count = await readCarriedCalls(
    connection,
    { from: from - BESIDE_MS, to: to + BESIDE_MS, carrier },
    ({ digest, ...call }) => {
      brusio.add({ ...call, number: digest === null ? -1 : numbers.placeOfDigest(digest) });
      line.tell(() => `reading: ${brusio.count().toLocaleString('en')} of Brusio's calls`);
    },
  );
  line.end();
  return { brusio, count };
}

function measuresOf(settings: Settings): (campaign: string) => CampaignMeasure {
  const lawOf = campaignJurisdictions(settings);
  return (campaign) => ({ law: lawOf(campaign), falsePositive: machineFalsePositive(settings, campaign) });
}

async function effectsOf(
  connection: Connection,
  { effects }: Reconciliation,
  measureOf: (campaign: string) => CampaignMeasure,
) {
  const moved = effects.moved();
  const campaigns = [...moved.keys()];
  if (campaigns.length === 0) return [];
  const days = [...moved.values()].flatMap((ofCampaign) => [...ofCampaign.keys()]).sort();
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const { firstDays } = await readCounts(connection, campaigns, { from: first, to: last });
  const windows = [...firstDays].flatMap(([campaign, day]) => {
    const { window } = measureOf(campaign).law.ratio;
    return window === null ? [] : [first, last].map((at) => windowOf(day, at, window.span.value));
  });
  const from = [first, ...windows.map((range) => range.from)].sort()[0] ?? first;
  const to = [last, ...windows.map((range) => range.to)].sort().at(-1) ?? last;
  const { counts } = await readCounts(connection, campaigns, { from, to });
  return periodEffects(moved, counts, firstDays, measureOf);
}

function isClean(findings: CdrFindings, { kinds }: Reconciliation): boolean {
  return findings.malformed === 0 && Object.values(kinds).every((count) => count === 0);
}

function said(text: string, status: number, who = 'brusio: '): number {
  process.stderr.write(`${who}${text}`);
  return status;
}
