/** A call's story with its proof, signed, for who has not the database; the ledger is told that it was given out. */
import { hash, type KeyObject } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { MANIFEST_FILE, manifestText, type NamedFile, signedManifest } from '../../ledger/report/manifest.ts';
import type { ReportLanguage } from '../../ledger/report/report-language.ts';
import { PROOF_FILE, ROOT_FILE, STORY_FILE, STORY_TEXT_FILE, TOKEN_FILE } from '../../ledger/story/bundle-files.ts';
import { type CallStory, callStory } from '../../ledger/story/call-story.ts';
import { storyText } from '../../ledger/story/story-text.ts';
import { exportDraft, rootText } from '../../ledger/system-drafts.ts';
import { appendAlone } from '../append-alone.ts';
import type { Connection } from '../connection.ts';
import { readProof } from './proof-reads.ts';
import { readStory } from './story-reads.ts';

/** Who makes it, and by which key. */
export type BundleOrder = {
  readonly id: string;
  readonly language: ReportLanguage;
  readonly madeBy: { readonly version: string; readonly process: string };
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly onRead?: (entries: number) => void;
};

/** A story and its files, the manifest the last of them. */
export type StoryBundle = { readonly story: CallStory; readonly files: readonly NamedFile[] };

/** The chain that tells of stories given out. */
const EXPORTS_CHAIN = 'exports';

/**
 * Null: there is no such call. Rejects with AppError `ledger.not-whole` where its entries are none, or not as they were written:
 * nothing can be proven of them then.
 */
export async function makeBundle(connection: Connection, ref: string, order: BundleOrder): Promise<StoryBundle | null> {
  const { id, language, madeBy, privateKey, clock, onRead } = order;
  const evidence = await readStory(connection, ref);
  if (evidence === null) return null;
  const bad = evidence.entries.find(({ problem }) => problem !== null);
  if (bad !== undefined)
    throw new AppError(
      'ledger.not-whole',
      `entry ${bad.seq} of chain ${bad.chain} ${bad.problem}: nothing can be proven`,
    );
  if (evidence.entries.length === 0)
    throw new AppError('ledger.not-whole', 'this call has no entry in the ledger: nothing can be proven');
  const story = callStory(evidence, language, clock.now().wallMs);
  const { proof, root, token } = await readProof(
    connection,
    evidence.entries,
    { timeZone: story.timeZone, clock },
    onRead,
  );
  const documents: NamedFile[] = [
    file(STORY_FILE, `${JSON.stringify(story, null, 2)}\n`),
    file(STORY_TEXT_FILE, storyText(story)),
    file(PROOF_FILE, `${JSON.stringify(proof)}\n`),
    file(ROOT_FILE, rootText(root.day, root.heads)),
    ...(token === null ? [] : [{ name: TOKEN_FILE, octets: token }]),
  ];
  const { callId, outcome, entries } = story;
  const subject = { callId, campaign: outcome.campaign, invited: outcome.times.invited, root: root.root };
  const terms = { kind: 'call' as const, id, madeAt: story.madeAt, madeBy, subject };
  const manifest = Buffer.from(manifestText(signedManifest(terms, documents, privateKey)));
  const said = {
    ...{ what: `story ${id} of call ${callId}`, from: null, to: null, rows: entries.length },
    sha256: hash('sha256', manifest, 'hex'),
  };
  await appendAlone(connection, EXPORTS_CHAIN, [exportDraft(said)], clock.now().wallMs);
  return { story, files: [...documents, { name: MANIFEST_FILE, octets: manifest }] };
}

function file(name: string, text: string): NamedFile {
  return { name, octets: Buffer.from(text) };
}
