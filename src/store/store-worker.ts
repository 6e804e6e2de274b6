/** The store's thread: owns the database. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { openDatabase } from './open-database.ts';
import type { StoreReply, StoreRequest, StoreWorkerData } from './store-message.ts';
import { createStoreService } from './store-service.ts';

assert(parentPort !== null, 'the store worker runs in a thread');
const port = parentPort;
const { place, watch } = workerData as StoreWorkerData;
const reply = (message: StoreReply) => port.postMessage(message);

try {
  const database = await openDatabase(place, systemClock);
  const service = createStoreService(database, place.process, watch, reply, () => port.close());
  port.on('message', (request: StoreRequest) => service.take(request));
  reply({ type: 'opened' });
} catch (thrown) {
  reply({ type: 'cannot-open', message: describeError(thrown) });
}
