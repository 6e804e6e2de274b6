/** `brusio call`: one call's story. */
import { systemClock, type WallMs } from '../../base/clock.ts';
import { isoLocal } from '../../base/iso-local.ts';
import { homeJurisdiction } from '../../config/campaign-jurisdictions.ts';
import type { Settings } from '../../config/settings.ts';
import { REPORT_LANGUAGES, type ReportLanguage } from '../../ledger/report/report-language.ts';
import { type NamedTime, namedTime, spokenDuration } from '../../ledger/story/around.ts';
import { callStory } from '../../ledger/story/call-story.ts';
import { storyText } from '../../ledger/story/story-text.ts';
import { isTimeZone } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { isTelephoneNumber, toE164 } from '../../policy/telephone-number.ts';
import type { Connection } from '../../store/connection.ts';
import { type FoundCall, findCalls } from '../../store/story/find-calls.ts';
import { readStory } from '../../store/story/story-reads.ts';
import { type PeopleArguments, WrongUsage, withPeopleArguments } from '../people/people-arguments.ts';
import { settingsNumbers, withDatabase } from '../people/settings-database.ts';
import { noSuchCall } from './no-such-call.ts';
import { writeStory } from './write-story.ts';

const USAGE = `usage: brusio call ID [--language it|en] [--json] [--config FILE]
       brusio call --number NUMBER [--around TIME [--within 30m] [--zone ZONE]] …
       brusio call … --out FOLDER

Tells one call's story: times, the decision on its INVITE with every rule, SIP messages, ambience, agent, class and why, corrections,
recall lock and what it touched, its ledger entries, verified there and then, and its webhooks. By a number it is found also after the
number was dropped. Where several calls may be meant they are listed, the nearest first. Brusio may be running.

  ID                a call's id, or the Call-ID of the dialer's leg
  --number NUMBER   however it is written: +393331234567, 00393331234567, 3331234567
  --around TIME     local time, "2026-11-22 10:15", by the clocks of the country whose rules each call was placed under, or ISO 8601
                    with an offset. An hour that the clocks show twice is looked at both ways
  --zone ZONE       by whose clocks instead: Europe/London, America/Denver
  --within SPAN     how far from it: 90s, 30m (the default), 2h, 3d
  --language        it or en; default: that of the jurisdiction
  --json            the story as JSON; a list as one JSON object a line
  --out FOLDER      writes the story, its ledger entries and the proof that they stand in the ledger, signed, into a folder of their
                    own within FOLDER: "brusio verify-report" checks it on any machine. The ledger is told of it

Exit status: 0; 1 there is no such call, or one of its ledger entries is not as it was written; 64 wrong usage; 78 wrong settings.
`;

const OPTIONS = {
  number: { type: 'string' },
  around: { type: 'string' },
  within: { type: 'string' },
  zone: { type: 'string' },
  language: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** How far from the time that was named. */
const WITHIN_MS = 30 * 60_000;

/** Further than any call from any time, ms. */
const EVER_MS = 1e14;

/** Runs the command with the arguments after its name; the exit status. */
export function call(argv: readonly string[]): Promise<number> {
  return withPeopleArguments(argv, USAGE, OPTIONS, (given) => {
    const { positionals, values, settings } = given;
    const [ref, ...more] = positionals;
    if (more.length > 0) throw new WrongUsage(`what is "${more.join(' ')}"?`);
    if ((ref === undefined) === (values.number === undefined)) throw new WrongUsage('name a call, or a --number');
    if (ref !== undefined && (values.around ?? values.within ?? values.zone) !== undefined)
      throw new WrongUsage('--around, --within and --zone go with --number');
    if ((values.within ?? values.zone) !== undefined && values.around === undefined)
      throw new WrongUsage('--within and --zone go with --around');
    const language = languageOf(values.language, settings);
    return withDatabase(settings, async (connection) => {
      if (ref !== undefined) return told(connection, ref, language, given);
      const found = await search(connection, given);
      const [only, ...others] = found;
      if (only === undefined) return 1;
      if (others.length === 0) return told(connection, only.callId, language, given);
      list(found, values.json === true);
      return 0;
    });
  });
}

/** The calls that may be meant; what there is to say of the time goes to standard error. */
async function search(connection: Connection, { values, settings }: PeopleArguments): Promise<readonly FoundCall[]> {
  const { number, around, within, zone } = values;
  if (typeof number !== 'string' || !isTelephoneNumber(number)) throw new WrongUsage('--number is a telephone number');
  const withinMs = typeof within === 'string' ? spokenDuration(within) : WITHIN_MS;
  if (withinMs === null) throw new WrongUsage('--within is a span such as 30m, 90s, 2h, 3d');
  const { timeZone: homeZone } = homeJurisdiction(settings);
  const named = typeof around === 'string' ? readAround(around, zone) : null;
  const { digests, plan } = settingsNumbers(settings);
  const all = digests.all(toE164(number.replaceAll(/\s/g, ''), plan));
  const found = await findCalls(connection, all, named, withinMs, homeZone);
  const whenever = found.length > 0 || named === null ? [] : await findCalls(connection, all, named, EVER_MS, homeZone);
  if (named !== null && typeof around === 'string') tellOfClocks(named, around, [...found, ...whenever]);
  if (found.length > 0) return found;
  const [nearest] = whenever;
  process.stderr.write(
    nearest === undefined
      ? 'no call to this number\n'
      : `no call to this number then; of ${whenever.length} the nearest: ${lineOf(nearest)}\n`,
  );
  return [];
}

function readAround(around: string, zone: unknown): NamedTime {
  if (zone !== undefined && !(typeof zone === 'string' && isTimeZone(zone)))
    throw new WrongUsage('--zone is a time zone such as Europe/London');
  const named = namedTime(around, typeof zone === 'string' ? zone : null);
  if (named === null)
    throw new WrongUsage('--around is a time, such as "2026-11-22 10:15" or 2026-11-22T10:15:00+01:00');
  return named;
}

/** Where the clocks of a country showed it twice, or never. */
function tellOfClocks(named: NamedTime, around: string, calls: readonly FoundCall[]): void {
  for (const timeZone of new Set(calls.map((one) => one.timeZone))) {
    const { note, moments } = named.readIn(timeZone);
    if (note !== null) process.stderr.write(`${noteOn(note, around, moments, timeZone)}\n`);
  }
}

function noteOn(note: 'twice' | 'skipped', around: string, moments: readonly WallMs[], timeZone: string): string {
  const shown = moments.map((at) => isoLocal(timeZone, at)).join(' and ');
  return note === 'twice'
    ? `The clocks of ${timeZone} showed ${around} twice: looked at both, ${shown}.`
    : `The clocks of ${timeZone} skipped ${around}: looked at ${shown}.`;
}

function told(
  connection: Connection,
  ref: string,
  language: ReportLanguage,
  { values: { out, json }, settings }: PeopleArguments,
): Promise<number> {
  return typeof out === 'string'
    ? writeStory(connection, ref, language, { settings, out })
    : tell(connection, ref, language, json === true);
}

async function tell(connection: Connection, ref: string, language: ReportLanguage, json: boolean): Promise<number> {
  const evidence = await readStory(connection, ref);
  if (evidence === null) return noSuchCall(ref);
  const story = callStory(evidence, language, systemClock.now().wallMs);
  process.stdout.write(json ? `${JSON.stringify(story)}\n` : storyText(story));
  return story.entries.every(({ problem }) => problem === null) ? 0 : 1;
}

function list(found: readonly FoundCall[], json: boolean): void {
  for (const one of found) process.stdout.write(`${json ? JSON.stringify(one) : lineOf(one)}\n`);
  if (!json) process.stdout.write(`${found.length} calls: choose one with "brusio call ID"\n`);
}

function lineOf(one: FoundCall): string {
  const { callId, campaign, timeZone, invitedAt, network, handling, class: counted, distanceMs } = one;
  const away = `${Math.round(distanceMs / 1_000)} s away`;
  return [isoLocal(timeZone, invitedAt), callId, campaign, network, handling, counted ?? '-', away].join('  ');
}

function languageOf(text: unknown, { policy }: Settings): ReportLanguage {
  if (text === undefined) return policy.jurisdiction === 'it' ? 'it' : 'en';
  const language = REPORT_LANGUAGES.find((one) => one === text);
  if (language === undefined) throw new WrongUsage(`--language is ${REPORT_LANGUAGES.join(' or ')}`);
  return language;
}
