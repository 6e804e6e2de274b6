/** A database as a busy installation's: a cleared list, locks, calls of the past days; and INVITEs that find their way in it. */
import { randomBytes } from 'node:crypto';
import type { WallMs } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { uuidV7 } from '../../src/base/uuid.ts';
import type { CallId } from '../../src/call/call-facts.ts';
import type { RulingRequest } from '../../src/guard/ruling-port.ts';
import { italy } from '../../src/policy/jurisdictions/italy.ts';
import { digestBlocks } from '../../src/policy/screening/digest-blocks.ts';
import type { Connection } from '../../src/store/connection.ts';
import type { DatabasePlace } from '../../src/store/database-place.ts';
import { joinDatabase } from '../../src/store/open-database.ts';
import { insertBlock, insertList, putInForce } from '../../src/store/screening/screening-queries.ts';
import { lawfulTerms, MONDAY_MORNING } from '../../src/testing/ruling-facts.ts';

/** How much of each. */
export type Filling = { readonly cleared: number; readonly locks: number; readonly outcomes: number };

const CONTROLLER = 'bench';
const CAMPAIGNS = ['luce', 'gas', 'fibra', 'acqua'];
const TODAY = '2026-11-23';
const LIST = 'cleared';
const CHUNK = 20_000;
const HOUR_MS = 3_600_000;
/** Of ten calls of the past one was a machine's that may still be corrected. */
const OPEN_SHARE = 0.1;

/** The cleared number `n`'s digest of all: evenly spread, so that the list needs no sorting. */
function digestOf(n: number, { cleared }: Filling): string {
  const first = (0xffff_ffff_ffff_ffffn / BigInt(cleared)) * BigInt(n) + 1n;
  return `${first.toString(16).padStart(16, '0')}${n.toString(16).padStart(16, '0')}`;
}

/** Fills the empty database at `place`. */
export async function fillDatabase(place: DatabasePlace, filling: Filling): Promise<void> {
  const database = await joinDatabase(place, 'bench', systemClock);
  const connection = await database.connection();
  await fillList(connection, filling);
  for (const rows of chunks(filling.locks, (n) => digestOf(n * 10, filling))) {
    await connection.execute(
      `INSERT INTO recall_locks (scope, digest, until_ms, silent_at_ms, call_id)
       SELECT '${CONTROLLER}', value, ${MONDAY_MORNING + 48 * HOUR_MS}, ${MONDAY_MORNING - HOUR_MS}, value FROM ${each(connection)}`,
      [JSON.stringify(rows)],
    );
  }
  let ended = 0;
  for (const rows of chunks(filling.outcomes, (n) => digestOf(n * 10 + 1, filling))) {
    const isOpen = ended++ === 0 && filling.outcomes > 0;
    const endedAt = isOpen ? MONDAY_MORNING - 60_000 : MONDAY_MORNING - 2 * HOUR_MS;
    const machines = Math.round(rows.length * OPEN_SHARE);
    for (const [some, as] of [
      [rows.slice(0, machines), 'machine'],
      [rows.slice(machines), 'agent'],
    ] as const) {
      await connection.execute(
        `INSERT INTO outcomes (call_id, dialer_call_id, digest, campaign, controller, kind, class, counted_as, network,
           handling, day, invited_at_ms, answered_at_ms, ended_at_ms, record)
         SELECT '${as}' || value, value, value, '${CAMPAIGNS[0]}', '${CONTROLLER}', 'guarded', 'B', '${as}', 'answered',
           'agent', '${TODAY}', ${endedAt - 60_000}, ${endedAt - 30_000}, ${endedAt}, '{}' FROM ${each(connection)}`,
        [JSON.stringify(some)],
      );
    }
  }
  for (const campaign of CAMPAIGNS) {
    await connection.execute(
      `INSERT INTO campaign_days (campaign, day, silent, handled, machines, hung_up) VALUES ('${campaign}', '${TODAY}', 100, 400000, 0, 0)`,
    );
  }
  await database.close();
}

async function fillList(connection: Connection, filling: Filling): Promise<void> {
  function* pieces() {
    for (const digests of chunks(filling.cleared, (n) => digestOf(n, filling).slice(0, 16))) {
      yield Buffer.from(digests.join(''), 'hex');
    }
  }
  const at = MONDAY_MORNING - HOUR_MS;
  let posted = 0;
  await connection.transaction(async () => {
    connection.post(insertList, {
      ...{ list: LIST, controller: CONTROLLER, checkedAtMs: at, expiresAtMs: at + 240 * HOUR_MS, importedAtMs: at },
      ...{ numbers: filling.cleared, sha256: '', fileName: 'cleared.csv', keyId: 'bench' },
    });
    for (const { first, digests } of digestBlocks(pieces())) {
      connection.post(insertBlock, { list: LIST, first: Buffer.from(first, 'hex'), digests });
      // Now and then, so that the connection is read and what waits stays small.
      if (posted++ % 100 === 0) await connection.sent();
    }
    connection.post(putInForce, { list: LIST, importedAtMs: at });
  });
}

function* chunks(count: number, of: (n: number) => string): Generator<string[]> {
  for (let from = 0; from < count; from += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, count - from) }, (_, n) => of(from + n));
  }
}

/** The rows of a JSON array. */
function each({ kind }: Connection): string {
  return kind === 'sqlite' ? 'json_each(?)' : 'jsonb_array_elements_text($1::jsonb) AS one (value)';
}

/**
 * INVITEs as they come: nine of ten to cleared numbers, some of them locked, some called before; three of four without an
 * agent; every rule enforced.
 */
export function inviteSource(filling: Filling): () => RulingRequest {
  const random = seededRandom(1);
  let placed = 0;
  return () => {
    const known = random() < 0.9;
    const digest = known ? digestOf(Math.floor(random() * filling.cleared), filling) : randomBytes(16).toString('hex');
    const campaign = CAMPAIGNS[placed++ % CAMPAIGNS.length] ?? '';
    return {
      ...{ callId: uuidV7((MONDAY_MORNING + placed) as WallMs) as CallId, at: MONDAY_MORNING, number: '+393331234567' },
      ...{
        callerId: '+390212345678',
        digests: [digest],
        agent: random() < 0.75 ? 'none' : 'connected',
        exception: null,
        policy: italy.policy,
      },
      terms: lawfulTerms({
        ...{ campaign, controller: CONTROLLER, lockScope: CONTROLLER, promisedAgents: 'count' },
        frequency: { perDay: 3, perWeek: 10, perCampaign: null },
      }),
    };
  };
}
