/** The check of entries of which there are few, and which are looked at again once all parts are known. */
import { hash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { LedgerBody } from '../ledger-body.ts';
import { rootHash } from '../system-drafts.ts';
import type { PartFindings } from './range-check.ts';

type Mutable<T> = { [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : never };
/** Where they are noted. */
export type RareFindings = Mutable<Pick<PartFindings, 'roots' | 'timestamps' | 'settings' | 'optOuts'>>;

/** Notes the entry in `found`, or says what is wrong with it. Its body fits its schema. */
export function noteRare(
  found: RareFindings,
  kind: 'root' | 'timestamp' | 'settings',
  seq: number,
  at: number,
  text: string,
): string | null {
  const body: unknown = JSON.parse(text);
  if (kind === 'settings') {
    const { name, sha256, content } = body as LedgerBody<'settings'>;
    if (hash('sha256', canonicalJson(content), 'hex') !== sha256) return 'has a sha256 that is not that of its content';
    found.settings.push({ at, name, sha256 });
  } else if (kind === 'root') {
    const { day, heads, root } = body as LedgerBody<'root'>;
    if (rootHash(day, heads) !== root) return 'has a root that is not that of its heads';
    found.roots.push({ seq, at, body: body as LedgerBody<'root'> });
  } else {
    found.timestamps.push({ seq, at, body: body as LedgerBody<'timestamp'> });
  }
  return null;
}
