/**
 * The store's thread without its thread: does one thing at a time, in the order in which it was asked. It keeps nothing that
 * the database has not: what is not committed stays with the main side, which sends it again.
 */
import { describeError } from '../base/errors.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { commitGroup } from './group-commit.ts';
import type { ChangeGroup, GroupResult, StoreReply, StoreRequest } from './store-message.ts';
import { readStore } from './store-reads.ts';
import { createTreeGrower } from './tree/tree-grower.ts';

/** Takes requests; never throws. */
export type StoreService = { take(request: StoreRequest): void };

/** `closed` is called once the database is, after a `close`. */
export function createStoreService(
  database: Database,
  process: string,
  watch: CampaignWatch | null,
  reply: (message: StoreReply) => void,
  closed: () => void,
): StoreService {
  /** Does something on a connection; one that is at fault is not used again. */
  async function on<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await database.connection();
    try {
      return await work(connection);
    } catch (thrown) {
      if (connection.faultOf(thrown) === 'connection') database.suspect();
      throw thrown;
    }
  }

  async function commit(group: ChangeGroup): Promise<GroupResult> {
    try {
      return { committed: true, ...(await on((connection) => commitGroup(connection, process, group, watch))) };
    } catch (thrown) {
      return { committed: false, problem: describeError(thrown) };
    }
  }

  async function answer(request: StoreRequest): Promise<void> {
    if (request.type === 'commit') {
      reply({ type: 'group', result: await commit(request.group) });
    } else if (request.type === 'query') {
      try {
        const given = await on((connection) => readStore(connection, process, request.query, trees));
        reply({ type: 'answer', id: request.id, answer: given });
      } catch (thrown) {
        reply({ type: 'no-answer', id: request.id, problem: describeError(thrown) });
      }
    } else {
      await database.close();
      closed();
    }
  }

  const trees = createTreeGrower();
  let done: Promise<void> = Promise.resolve();
  return {
    take(request) {
      done = done.then(() => answer(request));
    },
  };
}
