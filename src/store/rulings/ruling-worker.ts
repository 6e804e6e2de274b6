/**
 * The thread of rulings: looks up, judges and reserves, with a connection of its own, so that no INVITE waits for the
 * writer's disk. What waits while one group is judged makes the next.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { elapsedMs, type MonotonicMs, systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { localTimeOf } from '../../base/local-time.ts';
import { jurisdictionOfStamp } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { joinDatabase } from '../open-database.ts';
import { createCallsInFlight } from './calls-in-flight.ts';
import type { CallNotice } from './held-calls.ts';
import { createOpenOutcomesAtMost } from './open-outcomes.ts';
import { type RulingBench, reserveAnew, ruleGroup } from './rule-group.ts';
import { prepareForRulings } from './ruling-connection.ts';
import type { RulingCommand, RulingReply, RulingWorkerData } from './ruling-message.ts';
import { createRulingQueue } from './ruling-queue.ts';
import { warmUp } from './warm-up.ts';

assert(parentPort !== null, 'the ruling worker runs in a thread');
const port = parentPort;
const { place, policies, left } = workerData as RulingWorkerData;
const reply = (message: RulingReply) => port.postMessage(message);

const queue = createRulingQueue(({ at, request }) => {
  const { timeZone } = jurisdictionOfStamp(request.policy);
  return `${timeZone} ${localTimeOf(timeZone, at).day}`;
});
const bench: RulingBench = {
  process: place.process,
  held: createCallsInFlight(left),
  open: createOpenOutcomesAtMost(),
  roomHeard,
};

let database: Database;
/** The one whose table of calls in flight, if it has one, says what is held. */
let ready: Connection | null = null;
let busy = false;
let closing = false;
/** When a connection was last asked for that was not ready. */
let triedAt: MonotonicMs | null = null;

/** From one attempt to reach a database that is gone to the next, ms: until then calls are refused at once. */
const RECONNECT_EVERY_MS = 500;

function roomHeard() {
  receiveAll();
  const notices = queue.takeRoom();
  owe(notices);
  return notices;
}

/** Who waits to be told that a call takes room again: told once it is committed. */
const owed: number[] = [];

function owe(notices: readonly CallNotice[]): void {
  for (const notice of notices) if (notice.type === 'uncounted') owed.push(notice.id);
}

function payOwed(): void {
  if (owed.length > 0) reply({ type: 'room-taken', ids: owed.splice(0) });
}

function receiveAll(): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) take(next.message);
}

function take(command: RulingCommand): void {
  if (command.type === 'close') closing = true;
  else queue.add(command);
}

/** Groups, one after the other, until nothing waits. */
async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (receiveAll(); !queue.isEmpty(); receiveAll()) await ruleNext();
  busy = false;
  if (!closing) return;
  await database.close();
  port.close();
}

async function ruleNext(): Promise<void> {
  const { notices, group } = queue.takeGroup();
  owe(notices);
  try {
    const rulings = await ruleGroup(await readyConnection(), bench, notices, group);
    payOwed();
    if (group.length === 0) return;
    const ruled = group.map(({ id }, index) => {
      const ruling = rulings[index];
      assert(ruling !== undefined, 'every question has its ruling');
      return { id, ruling };
    });
    reply({ type: 'ruled', rulings: ruled });
  } catch (thrown) {
    for (const notice of notices) bench.held.heard(notice);
    bench.open.forget();
    // Nobody knows what the failed group left in PostgreSQL's table: the next connection makes it say what is held.
    ready = null;
    database.suspect();
    const problem = describeError(thrown);
    for (const { id } of group) reply({ type: 'not-ruled', id, problem });
  }
}

async function readyConnection(): Promise<Connection> {
  if (ready !== null) return ready;
  const now = systemClock.monotonicMs();
  if (triedAt !== null && elapsedMs(triedAt, now) < RECONNECT_EVERY_MS) throw new Error('the database is gone');
  triedAt = now;
  const connection = await database.connection();
  await prepareForRulings(connection);
  await reserveAnew(connection, bench);
  ready = connection;
  return connection;
}

try {
  database = await joinDatabase(place, 'rulings', systemClock);
  await readyConnection();
  for (const policy of policies) warmUp(jurisdictionOfStamp(policy), systemClock.now().wallMs);
  port.on('message', (command: RulingCommand) => {
    take(command);
    void work();
  });
  reply({ type: 'opened' });
} catch (thrown) {
  reply({ type: 'cannot-open', message: describeError(thrown) });
}
