/** A report in words and tables, for whoever knows the law and not the machine. Pure. */
import { LEGAL_RULES } from '../../../policy/rules/ruling.ts';
import { shownFingerprint } from '../public-key-note.ts';
import type { Shares } from '../readings.ts';
import type { PeriodReport, Report, WindowReport } from '../report.ts';
import type { Labels, ReportWords } from '../words/report-words.ts';
import type { PageBlock, PageColumn } from './page-block.ts';
import { type Written, writtenIn } from './written.ts';

/** Hours that are shown: those of two windows' calls, some five pages. */
const HOURS_SHOWN_MAX = 250;

/** All blocks after the title, in their order. */
export function reportPages(report: Report, words: ReportWords, fingerprint: string): readonly PageBlock[] {
  const written = writtenIn(words);
  const parts = { report, words, written };
  return [
    ...head(parts, fingerprint),
    ...summary(parts),
    ...windowTable(parts),
    ...dayTable(parts),
    ...alternativeTable(parts),
    ...policyTable(parts),
    ...refusalTable(parts),
    ...noiseFacts(parts),
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

type Parts = { readonly report: Report; readonly words: ReportWords; readonly written: Written };

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

function summary({ report, words, written }: Parts): readonly PageBlock[] {
  const { total, days, campaign, ledger, windows } = report;
  const { summary: say } = words;
  const blocks: PageBlock[] = [{ type: 'heading', text: say.heading }];
  const tell = (text: string, look?: 'lead' | 'alarm') =>
    blocks.push({ type: 'paragraph', text, ...(look === undefined ? {} : { look }) });
  const { silent, handled, percent } = total;
  if (percent === null) tell(say.none, 'lead');
  else {
    const counts = { silent: written.count(silent), handled: written.count(handled) };
    tell(say.counted({ campaign: campaign.name, answered: written.count(total.answered), ...counts }));
    tell(say.ratio({ ...counts, counted: written.count(silent + handled), percent: written.decimal(percent) }), 'lead');
    const limits = total.limit === null ? windows : [total];
    for (const { limit, verdict } of total.limit === null ? [] : limits)
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
  if (total.refusals.byLaw > 0) tell(say.refused(written.count(total.refusals.byLaw)));
  tell(ledger.agreement.agrees ? say.agrees : say.differs, ledger.agreement.agrees ? undefined : 'alarm');
  const figures = new Set(report.policies.flatMap((one) => one.citations.filter(({ fromMemory }) => fromMemory)));
  if (figures.size > 0) tell(say.fromMemory(written.count(figures.size)), 'alarm');
  return blocks;

  function tellDays(): void {
    const counted = days.filter(({ percent: of }) => of !== null);
    const limit = counted.find((one) => one.limit !== null)?.limit;
    if (limit == null) return;
    const breached = counted.filter(({ verdict }) => verdict === 'breached');
    if (breached.length === 0) tell(say.daysKept(written.count(counted.length), written.limit(limit)));
    else tell(say.daysBreached(breached.map(({ day }) => written.day(day)).join(', '), written.limit(limit)), 'alarm');
  }
}

function shareCells(shares: Shares & Pick<PeriodReport, 'limit'>, { words, written }: Parts): readonly string[] {
  return [
    ...[written.count(shares.silent), written.count(shares.handled), written.percent(shares.percent)],
    shares.limit === null ? '–' : written.limit(shares.limit),
    words.verdicts[shares.verdict ?? 'none'],
  ];
}

function shareColumns(words: ReportWords, first: PageColumn, ...more: readonly PageColumn[]): readonly PageColumn[] {
  const { columns } = words;
  const right = (title: string | undefined, share: number): PageColumn => ({
    title: title ?? '',
    share,
    align: 'right',
  });
  return [
    ...[first, right(columns.na, 9), right(columns.nb, 11), right(columns.p, 10), right(columns.limit, 12)],
    { title: columns.verdict ?? '', share: 15, align: 'left' },
    ...more,
  ];
}

function loudOf(rows: readonly Pick<Shares, 'verdict'>[]): ReadonlySet<number> {
  return new Set(rows.flatMap(({ verdict }, index) => (verdict === 'breached' ? [index] : [])));
}

function countColumn(title: string | undefined, share = 12): PageColumn {
  return { title: title ?? '', share, align: 'right' };
}

function textColumn(title: string | undefined, share: number): PageColumn {
  return { title: title ?? '', share, align: 'left' };
}

function windowTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  if (report.windows.length === 0) return [];
  const name = ({ number, from, to, complete }: WindowReport) =>
    `${number ?? ''}. ${written.shortDay(from)} – ${written.shortDay(to)}${complete ? '' : ` (${words.windows.open})`}`;
  return [
    { type: 'heading', text: words.windows.heading },
    { type: 'paragraph', text: words.windows.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(
        words,
        textColumn(words.columns.period, 34),
        countColumn(words.columns.machines, 14),
        countColumn(words.columns.hangUps, 14),
      ),
      rows: report.windows.map((window) => [
        ...[name(window), ...shareCells(window, parts), written.count(window.machines)],
        written.count(window.calleeHangUps),
      ]),
      loud: loudOf(report.windows),
    },
  ];
}

function dayTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  return [
    { type: 'heading', text: words.days.heading },
    { type: 'paragraph', text: words.days.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(words, textColumn(words.columns.day, 24), ...bothCounts(words)),
      rows: report.days.map((day) => [
        `${written.weekday(day.day)} ${written.shortDay(day.day)}`,
        ...shareCells(day, parts),
        ...bothCells(day, written),
      ]),
      loud: loudOf(report.days),
    },
  ];
}

function bothCounts({ columns }: ReportWords): readonly PageColumn[] {
  return [countColumn(columns.calls, 12), countColumn(columns.machines, 14), countColumn(columns.hangUps, 14)];
}

function bothCells({ calls, machines, calleeHangUps }: PeriodReport, written: Written): readonly string[] {
  const sum = ({ A, B, uncounted }: PeriodReport['machines']) => written.count(A + B + uncounted);
  return [written.count(calls), sum(machines), sum(calleeHangUps)];
}

function hourTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  const heading: PageBlock = { type: 'heading', text: words.hours.heading };
  if (report.hours.length > HOURS_SHOWN_MAX) return [heading, { type: 'paragraph', text: words.hours.tooMany }];
  return [
    heading,
    { type: 'paragraph', text: words.hours.note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.day, 24),
        textColumn(words.columns.hour, 20),
        ...[countColumn(words.columns.calls), countColumn(words.columns.na), countColumn(words.columns.nb)],
        countColumn(words.columns.p),
      ],
      rows: report.hours.map((hour) => [
        ...[`${written.weekday(hour.day)} ${written.shortDay(hour.day)}`, hour.hour, written.count(hour.calls)],
        ...[written.count(hour.silent), written.count(hour.handled), written.percent(hour.percent)],
      ]),
    },
  ];
}

function alternativeTable(parts: Parts): readonly PageBlock[] {
  const { report, words } = parts;
  const { alternatives, limit } = report.total;
  if (alternatives.length === 0) return [];
  const { readings, falsePositive } = words.alternatives;
  const estimate = report.machineFalsePositive;
  const name = (reading: string) =>
    readings[reading] ??
    (estimate === null ? reading : falsePositive(parts.written.decimal(String(estimate.percent)), estimate.evidence));
  return [
    { type: 'heading', text: words.alternatives.heading },
    { type: 'paragraph', text: words.alternatives.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(words, textColumn(words.columns.reading, 55)),
      rows: alternatives.map((one) => [name(one.reading), ...shareCells({ ...one, limit }, parts)]),
      loud: loudOf(alternatives),
    },
  ];
}

function policyTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  return [
    { type: 'heading', text: words.policies.heading },
    { type: 'paragraph', text: words.policies.note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.policy, 40),
        ...[countColumn(words.columns.na), countColumn(words.columns.nb), countColumn(words.columns.p)],
        ...bothCounts(words),
      ],
      rows: report.policies.map((one) => [
        ...[one.policy, written.count(one.silent), written.count(one.handled), written.percent(one.percent)],
        ...bothCells(one, written),
      ]),
    },
  ];
}

function refusalTable({ report, words, written }: Parts): readonly PageBlock[] {
  const { byLaw, otherwise, byRule } = report.total.refusals;
  const heading: PageBlock = { type: 'heading', text: words.refusals.heading };
  const note = words.refusals.note(written.count(byLaw), written.count(otherwise));
  if (byRule.length === 0)
    return [heading, { type: 'paragraph', text: `${words.refusals.none} ${note}`, look: 'small' }];
  const rows = LEGAL_RULES.flatMap((rule) => byRule.filter((one) => one.rule === rule));
  return [
    heading,
    { type: 'paragraph', text: note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.rule, 50),
        countColumn(words.columns.enforced, 20),
        countColumn(words.columns.observed, 20),
      ],
      rows: rows.map(({ rule, enforced, observed }) => [
        ...[words.refusals.rules[rule] ?? rule, written.count(enforced), written.count(observed)],
      ]),
    },
  ];
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

function lawList(parts: Parts): readonly PageBlock[] {
  const { report, words } = parts;
  return [
    { type: 'heading', text: words.law.heading },
    { type: 'paragraph', text: words.law.note, look: 'small' },
    ...report.policies.flatMap(({ policy, citations }): readonly PageBlock[] => {
      const [figures, others] = [
        citations.filter(({ value }) => value !== null),
        citations.filter(({ value }) => value === null),
      ];
      return [
        { type: 'paragraph', text: policy, look: 'mono' },
        lawTable(parts, policy, figures, true),
        ...(others.length === 0
          ? []
          : [
              { type: 'paragraph', text: words.law.sources, look: 'label' } as const,
              lawTable(parts, policy, others, false),
            ]),
      ];
    }),
  ];
}

function lawTable(
  { words: { law, columns }, written }: Parts,
  policy: string,
  citations: Report['policies'][number]['citations'],
  hasValues: boolean,
): PageBlock {
  const { texts, readings }: Pick<typeof law, 'texts' | 'readings'> = policy.startsWith('it-') ? law : NO_TEXTS;
  return {
    type: 'table',
    columns: [
      textColumn(columns.rule, 26),
      ...(hasValues ? [textColumn(columns.value, 14)] : []),
      textColumn(columns.source, hasValues ? 60 : 74),
    ],
    rows: citations.map(({ rule, value, citation, reading, fromMemory }) => [
      law.names[rule] ?? rule,
      ...(hasValues ? [law.values[String(value)] ?? written.value(value)] : []),
      [
        texts[rule] ?? citation,
        ...(reading === null ? [] : [`${law.reading}: ${readings[rule] ?? reading}`]),
        ...(fromMemory ? [law.memory] : []),
      ].join('\n'),
    ]),
    loud: new Set(citations.flatMap(({ fromMemory }, index) => (fromMemory ? [index] : []))),
  };
}

function evidence({ report, words, written }: Parts): readonly PageBlock[] {
  const { ranges, roots, agreement } = report.ledger;
  const { ledger, columns } = words;
  const counted = [agreement.rows, agreement.ledger, agreement.projection].map((sum, index) => [
    ...[ledger.counters[index] ?? '', written.count(sum.silent), written.count(sum.handled)],
    ...[written.count(sum.machines), written.count(sum.hungUp)],
  ]);
  const mono = (title: string | undefined, share: number): PageColumn => ({ ...textColumn(title, share), mono: true });
  return [
    { type: 'heading', text: ledger.heading },
    { type: 'paragraph', text: ledger.note, look: 'small' },
    { type: 'paragraph', text: ledger.counts, look: 'label' },
    {
      type: 'table',
      columns: [
        textColumn(columns.what, 40),
        ...[
          countColumn(columns.na),
          countColumn(columns.nb),
          countColumn(columns.machines),
          countColumn(columns.hangUps),
        ],
      ],
      rows: counted,
    },
    ...(agreement.differences.length === 0
      ? []
      : [
          { type: 'paragraph', text: ledger.differences, look: 'label' } as const,
          ...agreement.differences.map((text) => ({ type: 'paragraph', text, look: 'alarm' }) as const),
        ]),
    { type: 'paragraph', text: ledger.ranges, look: 'label' },
    {
      type: 'table',
      columns: [
        textColumn(columns.chain, 18),
        ...[
          countColumn(columns.first),
          countColumn(columns.last),
          countColumn(columns.entries),
          mono(columns.hash, 52),
        ],
      ],
      rows: ranges.map(({ chain, first, last, entries, lastHash }) => [
        ...[chain, written.count(first), written.count(last), written.count(entries), inTwoLines(lastHash)],
      ]),
    },
    roots.length === 0
      ? { type: 'paragraph', text: ledger.noRoot }
      : { type: 'paragraph', text: ledger.roots, look: 'label' },
    ...(roots.length === 0
      ? []
      : [
          {
            type: 'table' as const,
            columns: [
              textColumn(columns.day, 15),
              textColumn(columns.entry, 17),
              mono(columns.root, 52),
              textColumn(columns.timestamp, 28),
            ],
            rows: roots.map(({ day, chain, seq, root, timestamps }) => [
              ...[day, `${chain} ${written.count(seq)}`, inTwoLines(root)],
              timestamps.map(({ authority, time }) => `${time} ${authority}`).join('\n') || '–',
            ]),
          },
        ]),
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

/** Rules of other countries are cited as they stand in the program. */
const NO_TEXTS = { texts: {}, readings: {} };

/** 64 digits are too many for a column. */
function inTwoLines(hash: string): string {
  return `${hash.slice(0, 32)}\n${hash.slice(32)}`;
}
