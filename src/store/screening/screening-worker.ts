/**
 * The thread of one question about cleared lists: an import's minute of computing and writing holds up neither calls nor the
 * store.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { ImportProgress } from '../../guard/screening-port.ts';
import { answerScreening } from './screening-answers.ts';
import type { ListPiece, ScreeningReply, ScreeningTask } from './screening-message.ts';

assert(parentPort !== null, 'the screening worker runs in a thread');
const port = parentPort;
const reply = (message: ScreeningReply, given: readonly ArrayBuffer[] = []) => port.postMessage(message, given);

/** Between two tellings of progress, ms. */
const PROGRESS_MS = 250;

/** The octets as the main side sends them; each piece is good until the next is asked for. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  const waiting: ListPiece[] = [];
  let wake = () => {};
  port.on('message', (piece: ListPiece) => {
    waiting.push(piece);
    wake();
  });
  for (;;) {
    const piece = waiting.shift();
    if (piece === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    } else if (piece.octets === null) {
      return;
    } else {
      yield piece.octets;
      const { buffer } = piece.octets;
      reply({ type: 'taken', buffer }, [buffer]);
    }
  }
}

let toldAt = Number.NEGATIVE_INFINITY;
function tell(progress: ImportProgress): void {
  const now = systemClock.monotonicMs();
  if (now - toldAt < PROGRESS_MS) return;
  toldAt = now;
  reply({ type: 'progress', progress });
}

try {
  reply({ type: 'said', said: await answerScreening(workerData as ScreeningTask, pieces(), tell) });
} catch (thrown) {
  reply({ type: 'failed', message: describeError(thrown) });
}
port.close();
