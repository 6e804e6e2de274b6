import type { Jurisdiction } from './jurisdiction.ts';

/** What of a country's rules was not looked at again, by its place in the data, with the source as it is remembered. */
export function fromMemoryOf(law: Jurisdiction): readonly { readonly path: string; readonly citation: string }[] {
  const found: { path: string; citation: string }[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('fromMemory' in value && 'citation' in value) found.push({ path, citation: String(value.citation) });
    for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
  };
  visit(law, '');
  return found;
}
