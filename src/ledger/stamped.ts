/** How a record and the webhooks that tell it get their place in the ledger, which is known only when it is written. */
import type { LedgerPosition } from './ledger-entry.ts';

const UNPLACED = '"ledger":null';

/**
 * The JSON text with the position in the place of its first `"ledger":null`; as it is when it has none. These octets cannot
 * stand inside a JSON string, whose quotes are escaped.
 */
export function stamped(json: string, { chain, seq, hash }: LedgerPosition): string {
  const at = json.indexOf(UNPLACED);
  if (at === -1) return json;
  // Canonical as the rest may be: keys in their order.
  const place = `"ledger":{"chain":${JSON.stringify(chain)},"hash":"${hash}","seq":${seq}}`;
  return json.slice(0, at) + place + json.slice(at + UNPLACED.length);
}
