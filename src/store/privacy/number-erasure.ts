/**
 * A person's request: whatever says which number was called goes. What stays is the call itself (its ledger entry, outcome, count and
 * lock), and the number's digest, by which it is found again by whoever has the key and is given the number.
 */
import { NUMBER_DROPPED } from '../../base/redact.ts';
import type { CallDossier } from '../../guard/journal.ts';
import type { Erased, NumberErasure } from '../../guard/privacy-port.ts';
import type { Connection } from '../connection.ts';
import { query, text } from '../query.ts';
import { isInList } from '../value-list.ts';

const selectByDigest = query({ digests: text }, (db, { digests }, kind) =>
  db
    .selectFrom('outcomes')
    .select(['call_id', 'controller', 'chain', 'record'])
    .where(isInList(kind, 'digest', digests)),
);
const selectBySpelling = query({ spellings: text }, (db, { spellings }, kind) =>
  db
    .selectFrom('outcomes')
    .innerJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['outcomes.call_id', 'outcomes.controller', 'outcomes.chain', 'outcomes.record'])
    .where('call_numbers.digest', 'is', null)
    .where(isInList(kind, 'call_numbers.number', spellings)),
);
const deleteNumbers = query({ callIds: text }, (db, { callIds }, kind) =>
  db.deleteFrom('call_numbers').where(isInList(kind, 'call_id', callIds)),
);
const deleteWebhooks = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .deleteFrom('webhooks')
    .where(isInList(kind, 'call_id', callIds))
    .where(({ or, eb }) => or([eb('delivered_at_ms', 'is not', null), eb('dead_at_ms', 'is not', null)])),
);
const selectWaiting = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('webhooks')
    .select(['id', 'body'])
    .where(isInList(kind, 'call_id', callIds)),
);
const updateWebhook = query({ id: text, body: text }, (db, { id, body }) =>
  db.updateTable('webhooks').set({ body }).where('id', '=', id),
);
const updateRecord = query({ callId: text, record: text }, (db, { callId, record }) =>
  db.updateTable('outcomes').set({ record }).where('call_id', '=', callId),
);
const selectDossiers = query({}, (db) => db.selectFrom('open_calls').select('dossier'));

/** Erases within the caller's transaction. Doing it again finds nothing more to drop. */
export async function eraseNumber(
  connection: Connection,
  { digests, spellings, controller }: NumberErasure,
): Promise<Erased> {
  const written = JSON.stringify(spellings);
  const found = [
    ...(await connection.all(selectByDigest, { digests: JSON.stringify(digests) })),
    ...(await connection.all(selectBySpelling, { spellings: written })),
  ].filter((call) => controller === null || call.controller === controller);
  const callIds = JSON.stringify(found.map((call) => call.call_id));
  const numbers = await connection.run(deleteNumbers, { callIds });
  const webhooks = await connection.run(deleteWebhooks, { callIds });
  const waiting = await connection.all(selectWaiting, { callIds });
  for (const { id, body } of waiting) await connection.run(updateWebhook, { id, body: withoutNumber(body) });
  for (const { call_id: callId, chain, record } of found) {
    // What is in the ledger never had a number; an older Brusio kept it masked, in a record that no hash covers.
    if (chain === null) await connection.run(updateRecord, { callId, record: recordWithoutNumber(record) });
  }
  const dossiers = await connection.all(selectDossiers, {});
  const live = dossiers.filter(({ dossier }) => spellings.includes((JSON.parse(dossier) as CallDossier).number));
  return { calls: found.length, numbers, webhooks, masked: waiting.length, live: live.length };
}

function withoutNumber(body: string): string {
  const event = JSON.parse(body) as { data: Record<string, unknown> };
  return JSON.stringify({ ...event, data: { ...event.data, number: NUMBER_DROPPED } });
}

function recordWithoutNumber(record: string): string {
  return JSON.stringify({ ...(JSON.parse(record) as object), number: NUMBER_DROPPED });
}
