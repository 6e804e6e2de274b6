/** Whether what roots said of the chains' heads is still so, and timestamps sign roots that are there. */
import type { LedgerBody } from '../ledger-body.ts';
import type { LedgerFault, PartFindings } from './range-check.ts';

/** The roots and timestamps of a part of `chain`. */
export type PlacedRoots = Pick<PartFindings, 'roots' | 'timestamps'> & { readonly chain: string };

/** `hashOf`: of an entry that is there, or null. */
export async function rootFaults(
  parts: readonly PlacedRoots[],
  hashOf: (chain: string, seq: number) => Promise<string | null>,
): Promise<readonly LedgerFault[]> {
  const faults: LedgerFault[] = [];
  const rootsOf = new Map<string, LedgerBody<'root'>>();
  for (const { chain, roots } of parts) {
    for (const { seq, at, body } of roots) {
      rootsOf.set(`${chain} ${seq}`, body);
      for (const head of body.heads) {
        if (head.seq === 0 || (await hashOf(head.chain, head.seq)) === head.hash) continue;
        const problem = `says that chain ${head.chain} had an entry ${head.seq} with another hash than it has now, or it is gone`;
        faults.push({ chain, seq, kind: 'root', at, problem });
        break;
      }
    }
  }
  for (const { chain, timestamps } of parts) {
    for (const { seq, at, body } of timestamps) {
      const root = rootsOf.get(`${body.root.chain} ${body.root.seq}`);
      if (root?.root === body.imprint && (await hashOf(body.root.chain, body.root.seq)) === body.root.hash) continue;
      faults.push({ chain, seq, kind: 'timestamp', at, problem: 'signs a root that is not in the ledger' });
    }
  }
  return faults;
}
