/** A report in words and tables, for whoever knows the law and not the machine. Pure. */
import { shownFingerprint } from '../public-key-note.ts';
import type { Report } from '../report.ts';
import type { RingingReport } from '../ringing-report.ts';
import type { Labels, ReportWords } from '../words/report-words.ts';
import { announcementTable } from './announcement-tables.ts';
import { alternativeTable, dayTable, hourTable, policyTable, refusalTable, windowTable } from './count-tables.ts';
import { estimateSentences, estimateTable } from './estimate-parts.ts';
import { evidence } from './evidence-tables.ts';
import { lawList } from './law-tables.ts';
import type { PageBlock } from './page-block.ts';
import type { Parts } from './report-parts.ts';
import { writtenIn } from './written.ts';

/** All blocks after the title, in their order. */
export function reportPages(report: Report, words: ReportWords, fingerprint: string): readonly PageBlock[] {
  const written = writtenIn(words);
  const parts = { report, words, written };
  return [
    ...head(parts, fingerprint),
    ...summary(parts),
    ...windowTable(parts),
    ...dayTable(parts),
    ...estimateTable(parts),
    ...alternativeTable(parts),
    ...policyTable(parts),
    ...refusalTable(parts),
    ...noiseFacts(parts),
    ...announcementTable(parts),
    ...outcomeFacts(parts),
    ...lawList(parts),
    ...evidence(parts),
    ...signature(parts, fingerprint),
    ...hourTable(parts),
  ];
}

/** What a report's period is called. */
export function periodTitle({ period }: Pick<Report, 'period'>, words: ReportWords): string {
  const { day } = writtenIn(words);
  const { kind, number, from, to } = period;
  if (kind === 'day') return words.periods.day(day(from));
  if (kind === 'range') return words.periods.range(day(from), day(to));
  return words.periods.window(number, day(from), day(to));
}

function head({ report, words, written }: Parts, fingerprint: string): readonly PageBlock[] {
  const { campaign, period, policies, madeAt, madeBy, id } = report;
  const { facts } = words;
  const blocks: PageBlock[] = [
    {
      type: 'facts',
      facts: [
        [facts.campaign, campaign.name],
        [facts.controller, campaign.controller],
        [facts.period, periodTitle(report, words)],
        [facts.timeZone, `${period.timeZone} (${period.beginsAt} – ${period.endsAt})`],
        [facts.began, written.day(campaign.firstDay)],
        [facts.rules, policies.map(({ policy }) => policy).join(', ')],
        [
          facts.made,
          `${written.moment(madeAt, period.timeZone)} (${madeAt}), Brusio ${madeBy.version}, ${madeBy.process}`,
        ],
        [facts.number, id],
        [facts.key, shownFingerprint(fingerprint)],
      ],
    },
  ];
  if (!period.complete) blocks.push({ type: 'paragraph', text: words.incomplete, look: 'alarm' });
  return blocks;
}

function summary(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  const { total, days, campaign, ledger } = report;
  const { summary: say } = words;
  const blocks: PageBlock[] = [{ type: 'heading', text: say.heading }];
  const tell = (text: string, look?: 'lead' | 'alarm') =>
    blocks.push({ type: 'paragraph', text, ...(look === undefined ? {} : { look }) });
  const { silent, handled, percent } = total;
  if (percent === null) tell(say.none, 'lead');
  else {
    const counts = { silent: written.count(silent), handled: written.count(handled) };
    tell(say.counted({ campaign: campaign.name, answered: written.count(total.answered), ...counts }));
    const estimated = estimateSentences(parts);
    if (estimated !== null) blocks.push(...estimated);
    else
      tell(
        say.ratio({ ...counts, counted: written.count(silent + handled), percent: written.decimal(percent) }),
        'lead',
      );
    const { limit, verdict } = total;
    if (limit !== null && verdict !== null)
      tell(
        (verdict === 'within' ? say.kept : say.breached)(written.limit(limit)),
        verdict === 'within' ? undefined : 'alarm',
      );
    if (report.period.kind !== 'day') tellDays();
    tell(say.otherwise);
    const { due, played, missing } = total.comfortNoise;
    tell(say.noise({ due: written.count(due), played: written.count(played), missing: written.count(missing) }));
  }
  if (total.ringing !== undefined) tellRinging(total.ringing);
  if (total.refusals.byLaw > 0) tell(say.refused(written.count(total.refusals.byLaw)));
  tell(ledger.agreement.agrees ? say.agrees : say.differs, ledger.agreement.agrees ? undefined : 'alarm');
  const figures = new Set(report.policies.flatMap((one) => one.citations.filter(({ fromMemory }) => fromMemory)));
  if (figures.size > 0) tell(say.fromMemory(written.count(figures.size)), 'alarm');
  return blocks;

  function tellRinging({ minMs, citation, givenUp, short, notRung }: RingingReport): void {
    const calls = { givenUp: written.count(givenUp), short: written.count(short), notRung: written.count(notRung) };
    const text = say.ringing({ ...calls, seconds: written.decimal(String(minMs / 1000)), citation });
    tell(text, short > 0 ? 'alarm' : undefined);
  }

  function tellDays(): void {
    const counted = days.filter(({ percent: of }) => of !== null);
    const limit = counted.find((one) => one.limit !== null)?.limit;
    if (limit == null) return;
    const breached = counted.filter(({ verdict }) => verdict === 'breached');
    if (breached.length === 0) tell(say.daysKept(written.count(counted.length), written.limit(limit)));
    else tell(say.daysBreached(breached.map(({ day }) => written.day(day)).join(', '), written.limit(limit)), 'alarm');
  }
}

function noiseFacts({ report, words, written }: Parts): readonly PageBlock[] {
  const { due, played, missing, firstPacketMs } = report.total.comfortNoise;
  const { rows, heading, note } = words.noise;
  const ms = (value: number) => `${written.decimal(String(value))} ms`;
  const times: (readonly [string, string])[] =
    firstPacketMs === null
      ? []
      : [
          [rows.p50, ms(firstPacketMs.p50)],
          [rows.p99, ms(firstPacketMs.p99)],
          [rows.max, ms(firstPacketMs.max)],
        ];
  return [
    { type: 'heading', text: heading },
    { type: 'paragraph', text: note, look: 'small' },
    {
      type: 'facts',
      facts: [
        [rows.due, written.count(due)],
        [rows.played, written.count(played)],
        [rows.missing, written.count(missing)],
        ...times,
      ],
    },
  ];
}

function outcomeFacts({ report, words, written }: Parts): readonly PageBlock[] {
  const { network, answeredBy, handling, notGuarded, corrected, live } = report.total;
  const { groups, ...labels } = words.outcomes;
  const line = (tallies: Readonly<Record<string, number>>, by: Labels) =>
    Object.entries(tallies)
      .sort(([, one], [, other]) => other - one)
      .map(([word, calls]) => `${by[word] ?? word} ${written.count(calls)}`)
      .join(' · ') || '0';
  return [
    { type: 'heading', text: labels.heading },
    {
      type: 'facts',
      facts: [
        [groups.network, line(network, labels.network)],
        [groups.answeredBy, line(answeredBy, labels.answeredBy)],
        [groups.handling, line(handling, labels.handling)],
        [groups.corrected, written.count(corrected)],
        [groups.live, written.count(live.silent + live.handled)],
        [groups.notGuarded, line(notGuarded, labels.kinds)],
      ],
    },
  ];
}

function signature({ words }: Parts, fingerprint: string): readonly PageBlock[] {
  const { heading, note, how, proves, not } = words.signature;
  return [
    { type: 'heading', text: heading },
    { type: 'paragraph', text: note },
    { type: 'paragraph', text: shownFingerprint(fingerprint), look: 'mono' },
    { type: 'paragraph', text: how },
    { type: 'paragraph', text: proves },
    { type: 'paragraph', text: not },
  ];
}
