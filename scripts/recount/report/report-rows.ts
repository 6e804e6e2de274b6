/** The rows that a report of one campaign is made of. */
import { correctionOf, recordOf } from '../calls.ts';
import type { Rows } from '../rows.ts';
import type { Tree } from './compare.ts';
import type { LiveCall, ReportCall } from './figures.ts';

/** Every call of the campaign that is over, with the decision on it. */
export async function reportCalls(rows: Rows, campaign: string): Promise<readonly ReportCall[]> {
  const corrections = await rows.all(
    `SELECT c.call_id, c.correction FROM outcome_corrections c JOIN outcomes o ON o.call_id = c.call_id
       WHERE o.campaign = $1 ORDER BY c.call_id, c.sequence`,
    campaign,
  );
  const decisions = await rows.all(
    `SELECT l.call_id, l.body FROM ledger l JOIN outcomes o ON o.call_id = l.call_id
       WHERE o.campaign = $1 AND l.kind = 'decision'`,
    campaign,
  );
  const correctionsOf = Map.groupBy(corrections, (row) => String(row.call_id));
  const decisionOf = new Map(decisions.map((row) => [String(row.call_id), JSON.parse(String(row.body))]));
  const outcomes = await rows.all('SELECT call_id, controller, record FROM outcomes WHERE campaign = $1', campaign);
  return outcomes.map((row) => {
    const callId = String(row.call_id);
    const record = JSON.parse(String(row.record));
    const { comfortNoise, announcement = null, endedBy, ringMs } = record;
    return {
      ...{ callId, controller: String(row.controller), digest: null },
      record: { ...recordOf(record), comfortNoise, announcement, endedBy, ringMs },
      corrections: (correctionsOf.get(callId) ?? []).map((one) => correctionOf(JSON.parse(String(one.correction)))),
      decision: decisionOf.get(callId) ?? null,
    };
  });
}

/** Those that go on and are counted already. */
export async function reportLive(rows: Rows, campaign: string): Promise<readonly LiveCall[]> {
  const live: LiveCall[] = [];
  for (const row of await rows.all('SELECT call_id, dossier, state FROM open_calls')) {
    const callId = String(row.call_id);
    const dossier = JSON.parse(String(row.dossier));
    if (dossier.campaign !== campaign) continue;
    const entries = await rows.all(
      "SELECT body FROM ledger WHERE call_id = $1 AND kind = 'class' ORDER BY chain, seq",
      callId,
    );
    const last = entries.map((one) => JSON.parse(String(one.body)).count).findLast((move) => move !== null);
    if (last?.to == null) continue;
    const at = JSON.parse(String(row.state)).facts.answeredAt?.wallMs;
    live.push({ callId, at, policy: dossier.policy, class: last.to.class, as: last.to.as });
  }
  return live;
}

/** The first call that was let through; the table of campaigns is not believed. */
export async function campaignStart(rows: Rows, campaign: string): Promise<Tree> {
  let firstAt: string | undefined;
  let first: Tree | undefined;
  for await (const row of rows.each("SELECT body FROM ledger WHERE kind = 'decision'")) {
    const body = JSON.parse(String(row.body));
    if (body.campaign !== campaign || body.allowed !== true) continue;
    if (firstAt === undefined || body.invitedAt < firstAt) firstAt = body.invitedAt;
    const isEarlier = first === undefined || `${body.day} ${body.controller}` < `${first.day} ${first.controller}`;
    if (isEarlier) first = body;
  }
  return { controller: first?.controller, firstDay: first?.day, firstAt };
}
