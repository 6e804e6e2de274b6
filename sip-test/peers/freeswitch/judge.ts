/** Compares what FreeSWITCH said of each call with the outcome that Brusio counted. */
import type { OutcomeRecord } from '../../../src/policy/outcome-record.ts';
import type { DialerSocket } from './dialer-socket.ts';
import type { SourceLog } from './source-log.ts';
import type { PlannedCall, WayName } from './ways.ts';

/** What came out. */
export type Verdict = { readonly wrong: number; readonly text: string };

const WAIT_LIMIT_MS = 3_000;
/** The PBX's clock steps by 20 ms; a bridge that close to the end of the wait may be on either side. */
const EDGE_MS = 60;

/** One line a way, and one for each call that is wrong. */
export function judge(
  planned: readonly PlannedCall[],
  outcomes: readonly OutcomeRecord[],
  dialer: DialerSocket,
  source: SourceLog,
): Verdict {
  const byCallId = new Map(outcomes.map((outcome) => [outcome.sip.dialerCallId, outcome]));
  const counts = new Map<
    WayName,
    { calls: number; A: number; B: number; edge: number; blind: number; wrong: number }
  >();
  const complaints: string[] = [];
  for (const call of planned) {
    const count = counts.get(call.way) ?? { calls: 0, A: 0, B: 0, edge: 0, blind: 0, wrong: 0 };
    counts.set(call.way, count);
    count.calls += 1;
    const outcome = byCallId.get(call.customer);
    const found = outcome === undefined ? 'no outcome' : compare(call, outcome, dialer, source);
    if (outcome?.class === 'A') count.A += 1;
    if (outcome?.class === 'B') count.B += 1;
    if (found === 'edge') count.edge += 1;
    else if (found === 'blind') count.blind += 1;
    else if (found !== null) {
      count.wrong += 1;
      complaints.push(`${call.way} ${call.customer}: ${found}`);
    }
  }
  const lines = [...counts].map(
    ([way, { calls, A, B, edge, blind, wrong }]) =>
      `${way.padEnd(24)} ${calls} calls: ${B} class B, ${A} class A, ${edge} at the edge, ${blind} A while the PBX could not be asked, ${wrong} wrong`,
  );
  return { wrong: complaints.length, text: [...lines, ...complaints].join('\n') };
}

/** @returns null: right; 'edge': too near to the end of the wait to tell; 'blind': the wait ended before the connection was back; else what is wrong */
function compare(call: PlannedCall, outcome: OutcomeRecord, dialer: DialerSocket, source: SourceLog): string | null {
  const answered = outcome.times.answered;
  if (answered === null) return `not answered: ${outcome.network}`;
  const meeting = dialer.story(call.customer).meetings[0];
  const waited = meeting === undefined || call.way === 'loopback' ? null : meeting.at - Date.parse(answered);
  if (waited !== null && Math.abs(waited - WAIT_LIMIT_MS) <= EDGE_MS) return 'edge';
  const expected = waited !== null && waited < WAIT_LIMIT_MS ? 'B' : 'A';
  const said = `met after ${waited} ms, Brusio: ${outcome.class} ${outcome.endCause} ${JSON.stringify(outcome.agent)}`;
  if (outcome.class === 'A' && expected === 'B' && meeting !== undefined) {
    const until = Math.min(Date.parse(answered) + WAIT_LIMIT_MS, Date.parse(outcome.times.ended));
    return source.wasUp(meeting.at, until) ? said : 'blind';
  }
  if (outcome.class !== expected) return said;
  if (expected === 'A') return outcome.agent === null ? null : said;
  const agent = outcome.agent;
  const isRight =
    call.way === 'callcenter'
      ? agent !== null && /^10\d\d@brusio$/.test(agent.id) && agent.id === `${agent.extension}@brusio`
      : agent?.id === call.extension && agent.extension === call.extension;
  return isRight && agent?.source === 'freeswitch' && agent.server === 'pbx' ? null : said;
}
