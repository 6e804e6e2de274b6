/** Whether the files of a story prove what it tells: its entries in the ledger, under the root. Pure. */

import type { OutcomeRecord } from '../../policy/outcome-record.ts';
import { recordOf } from '../../policy/stored-record.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { AnyRoot, LedgerBody } from '../ledger-body.ts';
import type { Json, LedgerKind } from '../ledger-entry.ts';
import { checkProof } from '../proof/check-proof.ts';
import type { ProvenEntry } from '../proof/proof-findings.ts';
import { rootText } from '../system-drafts.ts';
import { PROOF_FILE, ROOT_FILE, STORY_FILE } from './bundle-files.ts';
import { type CallStory, callStorySchema } from './call-story.ts';

/** What was found. */
export type BundleFindings = {
  readonly problems: readonly string[];
  /** What is proven, in sentences; empty where there is a problem. */
  readonly proven: readonly string[];
};

/** Checks the files of a folder whose manifest is good. */
export function checkBundle(fileOf: (name: string) => Uint8Array | null): BundleFindings {
  const bad = (problem: string): BundleFindings => ({ problems: [problem], proven: [] });
  const [storyOctets, proofOctets, rootOctets] = [fileOf(STORY_FILE), fileOf(PROOF_FILE), fileOf(ROOT_FILE)];
  if (storyOctets === null || proofOctets === null || rootOctets === null)
    return bad(`a story has ${STORY_FILE}, ${PROOF_FILE} and ${ROOT_FILE}`);
  const story = callStorySchema.safeParse(jsonOf(storyOctets));
  if (!story.success) return bad(`${STORY_FILE} is no story that this Brusio knows`);
  const found = checkProof(proofOctets);
  if ('problem' in found) return bad(`${PROOF_FILE}: ${found.problem}`);
  const { entries, among, root } = found;
  const told = story.data.entries.map(({ chain, seq, hash }) => `${chain} ${seq} ${hash}`).sort();
  const proven = entries.map(({ chain, seq, hash }) => `${chain} ${seq} ${hash}`).sort();
  if (found.callId !== story.data.callId || told.join() !== proven.join())
    return bad(`${STORY_FILE} names other entries than ${PROOF_FILE} proves`);
  const difference = differs(story.data, entries);
  if (difference !== null) return bad(`${STORY_FILE} tells ${difference}`);
  const rootBody = jsonOf(rootBodyOctets(proofOctets)) as AnyRoot;
  if (Buffer.from(rootOctets).toString('utf8') !== rootText(rootBody.day, rootBody.heads))
    return bad(`${ROOT_FILE} is not what the root is the hash of`);
  return {
    problems: [],
    proven: [
      `The call's ${entries.length} entries stand in the ledger as the story tells them, each at its place among the ${among} of its chains`,
      `that are under the root of ${root.day}: entry ${root.seq} of chain ${root.chain}, SHA-256 ${root.root}.`,
      'Whoever keeps that root, its RFC 3161 timestamp or a later copy of the ledger can see that none was changed since.',
    ],
  };
}

/** In words, what the story tells otherwise than its entries; null: nothing. */
function differs(story: CallStory, entries: readonly ProvenEntry[]): string | null {
  const bodiesOf = (kind: LedgerKind) =>
    entries.filter((entry) => entry.kind === kind).map(({ body }) => JSON.parse(body) as never);
  const [outcome] = bodiesOf('outcome') as readonly LedgerBody<'outcome'>[];
  const corrections = (bodiesOf('correction') as readonly LedgerBody<'correction'>[]).map((body) => body.correction);
  const [decision] = bodiesOf('decision') as readonly LedgerBody<'decision'>[];
  if (!isSame(story.outcome.corrections, corrections)) return 'other corrections than the entries';
  if (outcome !== undefined) {
    const recorded = recordOf(JSON.stringify({ ...outcome.record, number: story.outcome.number }));
    const kept = corrections.length === 0 ? [] : CORRECTED;
    const keys = (Object.keys(recorded) as (keyof OutcomeRecord)[]).filter(
      (key) => key !== 'ledger' && !kept.includes(key),
    );
    const other = keys.find((key) => !isSame(recorded[key], story.outcome[key]));
    if (other !== undefined) return `another ${other} than the outcome's entry`;
  }
  const breached = (story.decision?.rules ?? []).filter(({ result }) => result === 'breached');
  const said = breached.map(({ rule, mode, facts }) => ({ rule, mode, facts }));
  const decided = (decision?.breaches ?? []).map(({ rule, mode, facts }) => ({ rule, mode, facts }));
  if ((story.decision?.allowed ?? null) !== (decision?.allowed ?? null) || !isSame(said, decided))
    return "another decision than the decision's entry";
  return null;
}

/** What a correction changes. */
const CORRECTED: readonly string[] = [
  ...['sequence', 'answeredBy', 'answeredByMethod', 'handling', 'class', 'recallLock'],
];

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson((one ?? null) as Json) === canonicalJson((other ?? null) as Json);
}

function rootBodyOctets(proof: Uint8Array): Uint8Array {
  const { root } = jsonOf(proof) as { readonly root: { readonly body: string } };
  return Buffer.from(root.body);
}

function jsonOf(octets: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(octets).toString('utf8'));
  } catch {
    return null;
  }
}
