/** The process that `sqlite-store.test.ts` kills: records one outcome after the other, corrects it, and prints how many are safe. */
import { pino } from 'pino';
import { systemClock } from '../base/clock.ts';
import { databasePlace } from '../store/database-place.ts';
import { createDatabaseStore } from '../store/store.ts';
import { callEntry, correctionEntry, outcomeEntry } from './stored-calls.ts';

const [dataDir = '', url = null] = process.argv.slice(2);
const store = createDatabaseStore({
  place: databasePlace({ url, dataDir, process: 'guard-1' }),
  log: pino({ level: 'silent' }),
  clock: systemClock,
  limits: { groupIntervalMs: 0 },
});
await store.start();
for (let n = 0; ; n++) {
  store.journal(callEntry(n + 1_000_000));
  await store.recordOutcome(outcomeEntry(n));
  await store.recordCorrection(correctionEntry(n));
  process.stdout.write(`${n + 1}\n`);
}
