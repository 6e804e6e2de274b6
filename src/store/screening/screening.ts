/** The cleared lists of one database. */
import { AppError } from '../../base/errors.ts';
import type { Screening } from '../../guard/screening-port.ts';
import type { AskScreening, ScreeningQuestion, ScreeningSaid, ScreeningTask } from './screening-message.ts';
import { askInThread } from './screening-thread.ts';

/**
 * One import at a time: each takes up to 12 octets a number, and a processor. A second is refused with AppError
 * `store.import-busy`.
 *
 * @param ask whoever answers; default: a thread for each question
 */
export function createScreening(options: Omit<ScreeningTask, 'question'>, ask: AskScreening = askInThread): Screening {
  let isImporting = false;

  async function askFor<S extends ScreeningSaid['said']>(
    wanted: S,
    question: ScreeningQuestion,
    octets: AsyncIterable<Uint8Array> = none(),
    onProgress: Parameters<AskScreening>[2] = () => {},
  ): Promise<Extract<ScreeningSaid, { said: S }>> {
    const answer = await ask({ ...options, question }, octets, onProgress);
    if (answer.said !== wanted) throw new AppError('store.cannot-read', `asked for ${wanted}, told ${answer.said}`);
    return answer as Extract<ScreeningSaid, { said: S }>;
  }

  return {
    async import(request, octets, onProgress) {
      if (isImporting) throw new AppError('store.import-busy', 'another list is being imported at this moment');
      isImporting = true;
      try {
        return (await askFor('imported', { ask: 'import', request }, octets, onProgress)).result;
      } finally {
        isImporting = false;
      }
    },
    remove: async (controller, reference) => (await askFor('removed', { ask: 'remove', controller, reference })).list,
    lists: async () => (await askFor('lists', { ask: 'lists' })).lists,
    check: async (controller, number) => (await askFor('checked', { ask: 'check', controller, number })).answer,
  };
}

async function* none(): AsyncGenerator<Uint8Array> {}
