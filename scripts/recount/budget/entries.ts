/**
 * The entries of the ledger that say what was ruled and what became of calls, in one order: within a chain as they were
 * written, among chains by the clocks of those who wrote them.
 */
import { correctionOf, recordOf } from '../calls.ts';
import type { RawCall } from '../law.ts';
import type { Rows } from '../rows.ts';

/** A breach of the abandonment budget as a decision tells it. */
export type ToldBreach = { readonly mode: string; readonly facts: Readonly<Record<string, unknown>> };

/** What is looked at of an entry's body. */
export type Said =
  | { readonly kind: 'settings'; readonly name: string; readonly content: unknown }
  | { readonly kind: 'start' }
  | {
      readonly kind: 'decision';
      readonly campaign: string;
      readonly policy: string;
      readonly agent: 'none' | 'reserved' | 'connected';
      readonly invitedAt: number;
      readonly allowed: boolean;
      readonly budget: ToldBreach | null;
      /** A breach of an enforced rule, this one included. */
      readonly enforced: boolean;
    }
  | { readonly kind: 'answer'; readonly answeredAt: number }
  | { readonly kind: 'class'; readonly cause: string; readonly class: 'A' | 'B' | null; readonly as: string }
  | { readonly kind: 'outcome'; readonly record: RawCall['record'] }
  | { readonly kind: 'correction'; readonly correction: RawCall['corrections'][number] };

/** One entry. */
export type Entry = {
  readonly chain: string;
  readonly seq: number;
  /** When it was handed to the store, ms. */
  readonly at: number;
  readonly callId: string;
  readonly said: Said;
};

const ENTRIES = `SELECT chain, seq, at_ms, kind, call_id, body FROM ledger
  WHERE kind IN ('settings', 'start', 'decision', 'answer', 'class', 'outcome', 'correction') ORDER BY chain, seq`;

/** All of them. */
export async function entriesInOrder(rows: Rows): Promise<readonly Entry[]> {
  const chains = new Map<string, Entry[]>();
  for await (const row of rows.each(ENTRIES)) {
    const chain = String(row.chain);
    const said = saidIn(String(row.kind), JSON.parse(String(row.body)));
    if (said === null) continue;
    const entries = chains.get(chain) ?? [];
    entries.push({ chain, seq: Number(row.seq), at: Number(row.at_ms), callId: String(row.call_id), said });
    chains.set(chain, entries);
  }
  return merged([...chains.values()]);
}

// biome-ignore lint/suspicious/noExplicitAny: raw JSON that nobody vouches for.
function saidIn(kind: string, body: any): Said | null {
  switch (kind) {
    case 'settings':
      return { kind, name: body.name, content: body.content };
    case 'start':
      return { kind };
    case 'decision': {
      const { campaign, policy, agent, allowed, breaches } = body;
      const budget = breaches.find(({ rule }: { rule: string }) => rule === 'abandonment-budget');
      return {
        ...{ kind, campaign, policy, agent, allowed, invitedAt: Date.parse(body.invitedAt) },
        budget: budget === undefined ? null : { mode: budget.mode, facts: budget.facts },
        enforced: breaches.some(({ mode }: { mode: string }) => mode === 'enforce'),
      };
    }
    case 'answer':
      return { kind, answeredAt: Date.parse(body.answeredAt) };
    case 'class':
      return body.count?.to == null
        ? null
        : { kind, cause: body.cause, class: body.count.to.class, as: body.count.to.as };
    case 'outcome':
      return { kind, record: recordOf(body.record) };
    case 'correction':
      return { kind, correction: correctionOf(body.correction) };
    default:
      return null;
  }
}

/** By time; a clock that was set back does not undo the order of its chain. */
function merged(chains: readonly (readonly Entry[])[]): readonly Entry[] {
  if (chains.length === 1) return chains[0] ?? [];
  const timed = chains.flatMap((entries) => {
    let latest = 0;
    return entries.map((entry) => {
      latest = Math.max(latest, entry.at);
      return { latest, entry };
    });
  });
  // A stable sort: what has one time in one chain stays in its order.
  return timed.sort((one, other) => one.latest - other.latest).map(({ entry }) => entry);
}
