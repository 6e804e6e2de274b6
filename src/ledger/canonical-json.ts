/** JSON in the one form that RFC 8785 (JCS) gives it, so that equal values are equal octets and have one hash. */
import canonicalize from 'canonicalize';
import { assert } from '../base/assert.ts';
import type { Json } from './ledger-entry.ts';

/** Keys sorted by UTF-16 code units, no spaces. Throws on NaN, infinities and lone surrogates, which JSON cannot say. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  assert(text !== undefined, 'every JSON value has a canonical form');
  return text;
}
