/** Checks a proof of whichever form it is, from its octets on. Pure. */
import { z } from 'zod';
import { chainProofSchema, checkChainProof } from './chain-proof.ts';
import type { ProofFindings } from './proof-findings.ts';
import { checkTreeProof, treeProofSchema } from './tree-proof.ts';

const proofSchema = z.discriminatedUnion('format', [treeProofSchema, chainProofSchema]);

/** What the proof shows by itself. */
export function checkProof(octets: Uint8Array): ProofFindings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(octets).toString('utf8'));
  } catch {
    return { problem: 'is no JSON' };
  }
  const read = proofSchema.safeParse(parsed);
  if (!read.success) return { problem: `is no proof: ${read.error.issues[0]?.path.join('.')}` };
  return read.data.format === 'brusio-tree-proof@1' ? checkTreeProof(read.data) : checkChainProof(read.data);
}
