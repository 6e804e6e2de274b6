/** How a record and the webhooks that tell it get their place in the ledger, which is known only when it is written. */
import { canonicalJson } from './canonical-json.ts';
import type { LedgerPosition } from './ledger-entry.ts';

const UNPLACED = '"ledger":null';

/**
 * The JSON text with the position in the place of its first `"ledger":null`; as it is when it has none. These octets cannot
 * stand inside a JSON string, whose quotes are escaped.
 */
export function stamped(json: string, { chain, seq, hash }: LedgerPosition): string {
  // A function: in a replacement text `$` would mean something.
  return json.replace(UNPLACED, () => `"ledger":${canonicalJson({ chain, seq, hash })}`);
}
