/** `brusio call … --out`: the story with its proof, in a folder that needs no database. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brusioVersion } from '../../app-version.ts';
import { systemClock } from '../../base/clock.ts';
import { uuidV7 } from '../../base/uuid.ts';
import { reportKeyOf, reportKeyPath } from '../../config/report-key.ts';
import type { Settings } from '../../config/settings.ts';
import type { ReportLanguage } from '../../ledger/report/report-language.ts';
import type { Connection } from '../../store/connection.ts';
import { makeBundle } from '../../store/story/make-bundle.ts';
import { noSuchCall } from './no-such-call.ts';

/** Writes it; the exit status. Rejects with AppError `ledger.not-whole`, `config.report-key`. */
export async function writeStory(
  connection: Connection,
  ref: string,
  language: ReportLanguage,
  { settings, out }: { readonly settings: Settings; readonly out: string },
): Promise<number> {
  const bundle = await makeBundle(connection, ref, {
    id: uuidV7(systemClock.now().wallMs),
    language,
    madeBy: { version: brusioVersion(), process: settings.database.process },
    privateKey: reportKeyOf(reportKeyPath(settings)),
    clock: systemClock,
    onRead: toldProgress(),
  });
  if (bundle === null) return noSuchCall(ref);
  const folder = join(out, `call-${bundle.story.callId}`);
  mkdirSync(folder, { recursive: true });
  for (const { name, octets } of bundle.files) writeFileSync(join(folder, name), octets);
  process.stdout.write(`${folder}: check it anywhere with "brusio verify-report ${folder}"\n`);
  return 0;
}

/** Between two lines that tell how far it is, ms. */
const PROGRESS_MS = 2_000;

function toldProgress(): (entries: number) => void {
  let toldAt: number = systemClock.monotonicMs();
  return (entries) => {
    const now = systemClock.monotonicMs();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    process.stderr.write(`${entries.toLocaleString('en-GB')} entries of the chain read\n`);
  };
}
