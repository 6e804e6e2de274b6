/** Answers the questions of the store's main side. */
import { unreachable } from '../base/assert.ts';
import type { WallMs } from '../base/clock.ts';
import { maskNumber, NUMBER_DROPPED } from '../base/redact.ts';
import type { DialogRecord, JournalledCall, LegName } from '../guard/journal.ts';
import type { DueWebhook, WebhookRow } from '../guard/store-port.ts';
import { campaignPolicySchema } from '../ledger/campaign-policy.ts';
import type { LedgerBody } from '../ledger/ledger-body.ts';
import type { CampaignDay, CampaignStart } from '../ledger/projection.ts';
import type { OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { recordOf } from '../policy/stored-record.ts';
import {
  selectCorrections,
  selectOpenCalls,
  selectOpenDialogs,
  selectOutcome,
  selectOutcomeByReference,
  selectOwner,
} from './call-queries.ts';
import { campaignDayOf, selectCampaigns, selectDays, selectDaysFrom } from './campaign-queries.ts';
import type { Connection } from './connection.ts';
import { selectCampaignPolicies, selectSettingsSeen } from './ledger-queries.ts';
import { addOptOut, calledNumber, optOutPage, optOutsOf, removeOptOuts } from './opt-outs/opt-out-orders.ts';
import { useNumberKeys } from './privacy/number-keys.ts';
import { eraseAndTell, findByDigest, sweepAndTell } from './privacy/orders.ts';
import type { StoreAnswers, StoreQuery } from './store-message.ts';
import { readStory } from './story/story-reads.ts';
import type { TreeGrower } from './tree/tree-grower.ts';
import { selectDue, selectNextDue } from './webhook-queries.ts';

/** Of open calls and webhooks, those of `process`. Rejects with the database's own errors. */
export async function readStore(
  connection: Connection,
  process: string,
  question: StoreQuery,
  trees: TreeGrower,
): Promise<StoreAnswers[keyof StoreAnswers]> {
  switch (question.ask) {
    case 'open-calls':
      return readOpenCalls(connection, process);
    case 'outcome':
      return toRecord(await connection.all(selectOutcome, { ref: question.ref }));
    case 'outcome-by-reference':
      return toRecord(await connection.all(selectOutcomeByReference, { reference: question.reference }));
    case 'corrections': {
      const rows = await connection.all(selectCorrections, { callId: question.callId });
      return rows.map((row) => parse<OutcomeCorrection>(row.correction));
    }
    case 'story':
      return readStory(connection, question.ref);
    case 'owner': {
      const [row] = await connection.all(selectOwner, { callId: question.callId });
      return row ?? null;
    }
    case 'ledger-trees':
      return trees.grow(connection);
    case 'campaign-policies': {
      const [last] = await connection.all(selectCampaignPolicies, {});
      return last === undefined ? null : campaignPolicySchema.parse(parse<LedgerBody<'settings'>>(last.body).content);
    }
    case 'settings-seen': {
      const seen = await connection.all(selectSettingsSeen, {});
      return new Map(seen.map(({ name, sha256 }) => [name, sha256]));
    }
    case 'campaigns':
      return (await connection.all(selectCampaigns, {})).map(toCampaignStart);
    case 'campaign-days':
      return readCampaignDays(connection, question.campaign, question.from);
    case 'due-webhooks': {
      const { endpoint, at, limit } = question;
      return (await connection.all(selectDue, { process, endpoint, at, limit })).map(toDueWebhook);
    }
    case 'next-due': {
      const [row] = await connection.all(selectNextDue, { process, endpoint: question.endpoint });
      return row === undefined ? null : (row.next as WallMs);
    }
    case 'erase-number':
      return eraseAndTell(connection, process, question.erasure, question.at);
    case 'add-opt-out':
      return addOptOut(connection, process, question.said, question.at);
    case 'remove-opt-outs':
      return removeOptOuts(connection, process, question.removal, question.at);
    case 'opt-outs-of':
      return optOutsOf(connection, question.digests);
    case 'opt-out-page':
      return optOutPage(connection, question.page);
    case 'called-number':
      return calledNumber(connection, question.ref);
    case 'sweep':
      return sweepAndTell(connection, process, question.limits, question.at);
    case 'calls-by-digest':
      return findByDigest(connection, question.digests);
    case 'use-number-keys':
      await connection.transaction(() => useNumberKeys(connection, question.ids, question.at));
      return null;
    default:
      return unreachable(question);
  }
}

async function readCampaignDays(
  connection: Connection,
  campaign: string | null,
  from: string,
): Promise<readonly CampaignDay[]> {
  const campaigns = JSON.stringify([campaign]);
  const rows =
    campaign === null
      ? await connection.all(selectDaysFrom, { from })
      : await connection.all(selectDays, { campaigns, from, to: LAST_DAY });
  return rows.map(campaignDayOf);
}

/** No local day comes after it. */
const LAST_DAY = '9999-12-31';

async function readOpenCalls(connection: Connection, process: string): Promise<JournalledCall[]> {
  const dialogs = new Map<string, Partial<Record<LegName, DialogRecord>>>();
  for (const row of await connection.all(selectOpenDialogs, { process })) {
    const legs = dialogs.get(row.call_id) ?? {};
    legs[row.leg] = parse<DialogRecord>(row.dialog);
    dialogs.set(row.call_id, legs);
  }
  const calls = await connection.all(selectOpenCalls, { process });
  return calls.map((row) => ({
    dossier: parse<JournalledCall['dossier']>(row.dossier),
    state: parse<JournalledCall['state']>(row.state),
    dialogs: dialogs.get(row.call_id) ?? {},
  }));
}

/** Our own JSON, written by `store-writes.ts`; a database that somebody else edited fails here, loudly. */
function parse<T>(json: string): T {
  return JSON.parse(json) as T;
}

/** The record with the number as people may see it; one whose number was dropped shows that. */
function toRecord([row]: readonly { readonly record: string; readonly number: string | null }[]): OutcomeRecord | null {
  if (row === undefined) return null;
  const number = row.number === null ? NUMBER_DROPPED : maskNumber(row.number);
  return { ...recordOf(row.record), number };
}

function toDueWebhook(row: {
  readonly id: string;
  readonly call_id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly body: string;
  readonly attempts: number;
}): DueWebhook {
  const { id, endpoint, body, attempts } = row;
  return { id, callId: row.call_id, type: row.type as WebhookRow['type'], endpoint, body, attempts };
}

function toCampaignStart(row: {
  readonly campaign: string;
  readonly controller: string;
  readonly first_day: string;
  readonly first_at_ms: number;
}): CampaignStart {
  const { campaign, controller } = row;
  return { campaign, controller, firstDay: row.first_day, firstAt: row.first_at_ms as WallMs };
}
