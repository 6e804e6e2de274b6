/** A copy of a peer's configuration files with the runner's addresses in the place of theirs. */
import { appendFileSync, cpSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param addresses what each address of the files is to be; others stay
 * @param additions text appended to files of the copy, by name
 */
export function copyConfiguration(
  from: string,
  to: string,
  addresses: Readonly<Record<string, string>>,
  additions: Readonly<Record<string, string>> = {},
): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.ts') });
  for (const path of globSync('**/*', { cwd: to })) {
    const file = join(to, path);
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/\b127\.\d+\.\d+\.\d+\b/g, (address) => addresses[address] ?? address),
    );
  }
  for (const [name, text] of Object.entries(additions)) appendFileSync(join(to, name), text);
}
