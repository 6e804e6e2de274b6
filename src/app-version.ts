/** Version of this Brusio. */
import { readFileSync } from 'node:fs';

/** As `package.json` says, which stands above the sources and above what they are compiled to. */
export function brusioVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
