/** The store's thread played in the test's own: for what does not need one, since starting one takes its time. */
import { systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { openDatabase } from '../store/open-database.ts';
import type { GroupResult, StoreReply } from '../store/store-message.ts';
import { createStoreService } from '../store/store-service.ts';
import type { StartStoreThread } from '../store/store-thread.ts';

/** What is said goes through structured cloning, as between threads. */
export const startWithoutThread: StartStoreThread = async ({ place, watch }) => {
  const database = await openDatabase(place, systemClock);
  const closed = Promise.withResolvers<void>();
  const groups: ((result: GroupResult) => void)[] = [];
  const answers = new Map<number, PromiseWithResolvers<never>>();

  function hear(message: StoreReply): void {
    const heard = structuredClone(message);
    if (heard.type === 'group') groups.shift()?.(heard.result);
    else if (heard.type === 'answer') answers.get(heard.id)?.resolve(heard.answer as never);
    else if (heard.type === 'no-answer')
      answers.get(heard.id)?.reject(new AppError('store.cannot-read', heard.problem));
  }

  const service = createStoreService(database, place.process, watch, hear, closed.resolve);
  return {
    commit(group) {
      service.take({ type: 'commit', group: structuredClone(group) });
      return new Promise((resolve) => groups.push(resolve));
    },
    ask(query) {
      const answer = Promise.withResolvers<never>();
      const id = answers.size;
      answers.set(id, answer);
      service.take({ type: 'query', id, query: structuredClone(query) });
      return answer.promise;
    },
    close() {
      service.take({ type: 'close' });
      return closed.promise;
    },
  };
};
