/** The calls of a database as the recount reads them: outcomes as they were first written, and what corrected them. */
import type { RawCall } from './law.ts';
import type { Rows } from './rows.ts';

/** All of them. */
export async function rawCalls(rows: Rows): Promise<readonly RawCall[]> {
  const corrections = await allCorrections(rows);
  const calls: RawCall[] = [];
  for await (const row of rows.each('SELECT call_id, controller, digest, record FROM outcomes')) {
    const callId = String(row.call_id);
    calls.push({
      ...{ callId, controller: String(row.controller), corrections: corrections.get(callId) ?? [] },
      digest: row.digest === null ? null : String(row.digest),
      record: recordOf(JSON.parse(String(row.record))),
    });
  }
  return calls;
}

async function allCorrections(rows: Rows): Promise<ReadonlyMap<string, RawCall['corrections']>> {
  const corrections = new Map<string, RawCall['corrections'][number][]>();
  for await (const row of rows.each('SELECT call_id, correction FROM outcome_corrections ORDER BY call_id, sequence')) {
    const ofCall = corrections.get(String(row.call_id)) ?? [];
    ofCall.push(correctionOf(JSON.parse(String(row.correction))));
    corrections.set(String(row.call_id), ofCall);
  }
  return corrections;
}

/** What the recount looks at of a correction. */
export function correctionOf({ at, to }: { at: string; to: { answeredBy: string } }): RawCall['corrections'][number] {
  return { at, answeredBy: to.answeredBy };
}

/** What it looks at of a record: the whole of a year's would not fit into memory. */
export function recordOf(record: RawCall['record']): RawCall['record'] {
  const { kind, campaign, network, answeredBy, endCause, waitMs, greeting, policy, teardown, times } = record;
  const { invited, answered, bridged, ended } = times;
  return {
    ...{ kind, campaign, network, answeredBy, endCause, waitMs, policy },
    ...(greeting === undefined ? {} : { greeting }),
    teardown: teardown === null || teardown === undefined ? null : { dueAt: teardown.dueAt },
    times: { invited, answered, bridged, ended },
  };
}
