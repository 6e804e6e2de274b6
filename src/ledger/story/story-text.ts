/** A story as one page of text. Pure. */

import type { WallMs } from '../../base/clock.ts';
import { isoLocal } from '../../base/iso-local.ts';
import type { CallStory } from './call-story.ts';
import { citedText } from './cited-text.ts';
import { STORY_WORDS, type StoryWords } from './story-words.ts';

/** The page, lines of at most about 130 characters but for texts of others. */
export function storyText(story: CallStory): string {
  const words = STORY_WORDS[story.language];
  const parts = [
    head(story, words),
    times(story, words),
    decision(story, words),
    sip(story, words),
    audio(story, words),
    ...greeting(story, words),
    agent(story, words),
    verdict(story, words),
    corrections(story, words),
    locks(story, words),
    ledger(story, words),
    webhooks(story, words),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [title.toUpperCase(), ...lines.map((line) => `  ${line}`)];
}

function both(story: CallStory, at: string): string {
  return `${at}  ${isoLocal(story.timeZone, Date.parse(at) as WallMs)}`;
}

function head(story: CallStory, words: StoryWords): readonly string[] {
  const { outcome, controller, digest } = story;
  return [
    `${words.title} ${story.callId}`,
    `  ${words.madeAt} ${both(story, story.madeAt)} (${story.timeZone})`,
    `  ${words.number} ${outcome.number}${digest === null ? '' : `  digest ${digest}`}`,
    `  ${words.campaign} ${outcome.campaign}, ${words.controller} ${controller}, ${words.rules} ${outcome.policy}`,
    `  CLI ${outcome.callerId}, dialer ${outcome.dialer ?? '-'}, kind ${outcome.kind}, reference ${outcome.dialerReference ?? '-'}`,
  ];
}

function times(story: CallStory, words: StoryWords): readonly string[] {
  const { clock } = story.outcome;
  const lines = story.steps.map(({ step, at, local, sinceInviteMs }) => {
    const since = sinceInviteMs === null ? '' : `+${sinceInviteMs.toFixed(1)} ms`;
    return `${at}  ${local}  ${since.padStart(14)}  ${words.stepNames[step] ?? step}`;
  });
  lines.push(clock === null ? words.clockUnknown : words.clock(clock.synchronised, clock.source, clock.offsetMs));
  return section(words.times, lines);
}

function decision({ decision: told, language }: CallStory, words: StoryWords): readonly string[] {
  if (told === null) return section(words.decision, [words.noDecision]);
  const lines = [
    `${told.allowed ? words.allowed : words.refused}; ${words.agentPromise}: ${told.agent}` +
      (told.exception === null ? '' : `; ${words.exception}: ${exceptionText(told.exception)}`),
  ];
  for (const { rule, mode, result, citation, facts, remedy } of told.rules) {
    const observed = result === 'breached' && mode === 'observe' ? `, ${words.observedOnly}` : '';
    lines.push(`${rule.padEnd(20)} ${(mode ?? '-').padEnd(8)} ${words.results[result] ?? result}${observed}`);
    if (citation !== null) lines.push(`    ${citedText(citation, language)}`);
    if (facts !== null) lines.push(`    ${listed(facts)}`);
    if (remedy !== null) lines.push(`    ${remedy}`);
  }
  return section(words.decision, lines);
}

function exceptionText({
  basis,
  reference,
  since,
}: NonNullable<NonNullable<CallStory['decision']>['exception']>): string {
  return [basis, reference, since].filter((part) => part != null).join(' ');
}

function listed(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

function sip({ outcome: { sip: told } }: CallStory, words: StoryWords): readonly string[] {
  const { status, reason, q850, attempts, exchange, dialerCallId, carrierCallId, carrier } = told;
  const lines = [
    `${words.finalStatus} ${status ?? words.noFinal}${reason === null ? '' : `, Reason ${reason}`}${q850 === null ? '' : `, Q.850 ${q850}`}`,
    `Call-ID dialer ${dialerCallId}`,
    `Call-ID carrier ${carrierCallId ?? '-'} (${carrier ?? '-'})`,
    `${words.attempts}: ${attempts.map((one) => `${one.carrier} ${one.status ?? words.noFinal}`).join(', ') || '-'}`,
  ];
  if (exchange !== null) {
    lines.push(`${words.exchange}:`, ...exchange.messages.map((message) => `    ${message}`));
    if (exchange.leftOut > 0) lines.push(`    (${words.leftOut(exchange.leftOut)})`);
  }
  return section(words.sip, lines);
}

function audio({ outcome: { comfortNoise, media } }: CallStory, words: StoryWords): readonly string[] {
  const lines: string[] = [];
  if (comfortNoise === null) lines.push(words.noAmbience);
  else {
    const { startedAfterMs, packets, codec, clip, clipSha256, levelDbm0, stream, calleeReport } = comfortNoise;
    lines.push(
      `${startedAfterMs} ${words.afterAnswer}, ${packets} ${words.packets}, ${codec}, ${words.level} ${levelDbm0} dBm0`,
      `clip ${clip}, SHA-256 ${clipSha256}`,
    );
    if (stream !== null) {
      const { ssrc, firstSequence, lastSequence, firstTimestamp, lastTimestamp } = stream;
      lines.push(
        `SSRC 0x${ssrc.toString(16).padStart(8, '0')}, ${words.sequence} ${firstSequence}–${lastSequence}, timestamp ${firstTimestamp}–${lastTimestamp}`,
      );
    }
    lines.push(
      calleeReport === null
        ? words.noCalleeReport
        : words.calleeReport(calleeReport.lost, calleeReport.jitterMs, calleeReport.roundTripMs),
    );
  }
  if (media === null) lines.push(words.noMedia);
  else {
    const { packetsToCallee, packetsFromCallee, packetsToDialer, packetsFromDialer, packetsRejected } = media;
    lines.push(
      `${words.media}: → callee ${packetsToCallee}, callee → ${packetsFromCallee}, → dialer ${packetsToDialer}, dialer → ${packetsFromDialer}, rejected ${packetsRejected}`,
    );
  }
  return section(words.ambience, lines);
}

/** Of calls whose rules listen for a greeting or have a message: none of others. */
function greeting({ outcome }: CallStory, words: StoryWords): readonly (readonly string[])[] {
  const { greeting: heard, waitFrom, waitFallback, announcement } = outcome;
  const isPlain = (waitFrom === null || waitFrom === 'answer') && waitFallback === null;
  if (heard === null && announcement === null && isPlain) return [];
  const lines = [heard === null ? words.noGreeting : words.greetingAt(heard.startedMs, heard.endedMs)];
  if (waitFrom !== null) lines.push(words.waitFrom(waitFrom, waitFallback));
  if (announcement === null) lines.push(words.noMessage);
  else {
    const { name, text, sha256, startedMs, playedMs, complete, optOut } = announcement;
    lines.push(words.messageAt(startedMs, playedMs, complete), `${name}: "${text}"`, `SHA-256 ${sha256}`);
    if (optOut !== null) lines.push(words.optOut(optOut.digit, optOut.atMs));
  }
  return [section(words.greeting, lines)];
}

function agent({ outcome: { agent: told } }: CallStory, words: StoryWords): readonly string[] {
  if (told === null) return section(words.agent, [words.noAgent]);
  const { id, source, name, extension, server, bridgedAt } = told;
  const pbx = bridgedAt === null ? '' : `, PBX ${bridgedAt}`;
  return section(words.agent, [
    `${id}, ${source}${[name, extension, server].map((one) => (one === null ? '' : `, ${one}`)).join('')}${pbx}`,
  ]);
}

function verdict({ outcome, verdict: told, language }: CallStory, words: StoryWords): readonly string[] {
  const { network, answeredBy, answeredByMethod, handling, endedBy, endCause, waitMs, ringMs, talkMs } = outcome;
  const lines = [
    `${told.class === null ? words.noClass : `${words.class} ${told.class}`}: ${told.why}`,
    ...(told.citation === null ? [] : [`${words.source}: ${citedText(told.citation, language)}`]),
    ...(told.reading === null ? [] : [`${words.reading}: ${citedText(told.reading, language)}`]),
    ...(told.fromMemory ? [words.fromMemory] : []),
    `${words.outcome}: ${network} / ${answeredBy}${answeredByMethod === null ? '' : ` (${answeredByMethod})`} / ${handling}`,
    `${words.endedBy} ${endedBy} (${endCause}); ring ${ringMs} ms, wait ${waitMs} ms, talk ${talkMs} ms`,
  ];
  return section(words.verdict, lines);
}

function corrections(story: CallStory, words: StoryWords): readonly string[] {
  const lines = story.outcome.corrections.map(({ at, source, from, to }) => {
    const shown = (one: typeof from) => `${one.answeredBy}/${one.handling}/${one.class ?? '-'}`;
    return `${both(story, at)}  ${source}: ${shown(from)} → ${shown(to)}`;
  });
  return section(words.corrections, lines.length === 0 ? [words.none] : lines);
}

function locks(story: CallStory, words: StoryWords): readonly string[] {
  const lines = story.locks.map(({ move, at, until, callId, chain, seq }) => {
    const by = callId === story.callId ? '' : `, ${words.byCall} ${callId}`;
    const to = until === null ? '' : ` ${words.until} ${both(story, until)}`;
    return `${at}  ${words.lockMoves[move]}${to}${by} (${chain} ${seq})`;
  });
  if (story.laterCalls.length > 0) lines.push(`${words.laterCalls}:`);
  for (const { callId, at, campaign, network, handling, class: counted, breached, lifted } of story.laterCalls) {
    const rules = breached.map(({ rule, mode }) => `${rule} (${mode})`).join(', ');
    const touched = [rules, lifted ? words.lifts : ''].filter((part) => part !== '').join('; ');
    lines.push(
      `    ${both(story, at)}  ${callId}  ${campaign}  ${network}/${handling}/${counted ?? '-'}  ${touched}`.trimEnd(),
    );
  }
  if (story.laterLeftOut) lines.push(`    … ${words.moreCalls}`);
  return section(words.locks, lines.length === 0 ? [words.none] : lines);
}

function ledger(story: CallStory, words: StoryWords): readonly string[] {
  if (story.entries.length === 0) return section(words.ledger, [words.noLedger]);
  const lines = story.entries.flatMap(({ chain, seq, kind, at, hash, problem }) => [
    `${chain} ${seq}  ${kind.padEnd(10)} ${at}  ${problem === null ? words.verified : `${words.bad}: ${problem}`}`,
    `    ${hash}`,
  ]);
  return section(words.ledger, [...lines, words.ledgerNote]);
}

function webhooks({ webhooks: all }: CallStory, words: StoryWords): readonly string[] {
  const lines = all.map(({ type, endpoint, createdAt, deliveredAt, givenUpAt, attempts, problem }) => {
    const state =
      deliveredAt !== null
        ? `${words.delivered} ${deliveredAt}`
        : givenUpAt !== null
          ? `${words.givenUp} ${givenUpAt}`
          : words.waits;
    return `${type} → ${endpoint}  ${createdAt}, ${state} (${attempts})${problem === null || deliveredAt !== null ? '' : `: ${problem}`}`;
  });
  return section(words.webhooks, lines.length === 0 ? [words.noWebhooks] : lines);
}
