/** One thread of `verify-ledger`: reads parts of chains by a connection of its own and checks them. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { DatabasePlace } from '../database-place.ts';
import { openForReading } from './open-for-reading.ts';
import { createPartReader } from './part-reader.ts';
import type { VerifyReply, VerifyRequest } from './verify-message.ts';

assert(parentPort !== null, 'the verify worker runs in a thread');
const port = parentPort;
const reply = (message: VerifyReply) => port.postMessage(message);

try {
  const connection = await openForReading(workerData as DatabasePlace, systemClock);
  const reader = createPartReader(connection);
  port.on('message', async (request: VerifyRequest) => {
    try {
      if (request.type === 'check') {
        reply({ type: 'checked', findings: await reader.check(request.part) });
      } else if (request.type === 'lifts') {
        reply({ type: 'lifts', lifts: await reader.lifts(request.numbers) });
      } else {
        await connection.close();
        port.close();
      }
    } catch (thrown) {
      reply({ type: 'failed', message: describeError(thrown) });
    }
  });
  reply({ type: 'opened' });
} catch (thrown) {
  reply({ type: 'cannot-open', message: describeError(thrown) });
}
