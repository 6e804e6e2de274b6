/** `brusio clip list`. */
import { clipCodecs } from '../../audio/clip.ts';
import { readClips } from '../../config/clip-catalogue.ts';
import { clipArguments, WrongUsage } from './clip-arguments.ts';
import { complain } from './clip-import.ts';
import { ownClips } from './own-clips-folder.ts';

/** Runs it; the exit status. */
export async function listClips(argv: readonly string[]): Promise<number> {
  const given = clipArguments(argv);
  if (typeof given === 'number') return given;
  if (given.positionals.length > 0) throw new WrongUsage('list takes no name');
  const shipped = readClips(given.shippedDir, false);
  const own = ownClips(given.ownDir);
  if (!shipped.ok || !own.ok) return complain([shipped, own].flatMap((read) => (read.ok ? [] : read.problem)));
  const rows = [...own.value, ...shipped.value].map(({ entry, own: isOwn }) => [
    entry.name,
    `${entry.durationMs / 1000} s`,
    entry.use ?? 'ambience',
    clipCodecs(entry).join(' '),
    isOwn ? 'your own' : 'Brusio’s',
    entry.title,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
  return 0;
}
