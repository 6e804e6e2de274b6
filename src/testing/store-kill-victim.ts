/** The process that `sqlite-store.test.ts` kills: records one outcome after the other, corrects it, and prints how many are safe. */
import { pino } from 'pino';
import { systemClock } from '../base/clock.ts';
import { createSqliteStore } from '../store/sqlite-store.ts';
import { callEntry, correctionEntry, outcomeEntry } from './stored-calls.ts';

const dataDir = process.argv[2] ?? '';
const store = createSqliteStore({
  dataDir,
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
