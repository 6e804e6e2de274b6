import type { Settings } from '../config/settings.ts';

/** What is wrong with the PostgreSQL of the settings. Comment lines behind the YAML; '' when nothing is, or for SQLite. */
export async function databaseWarnings(settings: Settings): Promise<string> {
  if (settings.database.url === null) return '';
  // Loaded for those who have one.
  const { databaseFindings } = await import('./doctor/database-check.ts');
  // A Brusio that runs with these very settings has the name: only `brusio doctor` asks whether one does.
  const wrong = (await databaseFindings(settings, true)).filter(({ severity }) => severity !== 'ok');
  if (wrong.length === 0) return '';
  const lines = wrong.flatMap(({ what, found, remedy }) => [`#   ${what}: ${found}`, `#     → ${remedy}`]);
  return ['', '# The database (database.url):', ...lines, ''].join('\n');
}

/** The URL as it may be shown. */
export function withoutPassword(url: string | null): string | null {
  if (url === null) return null;
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '(hidden)';
  if (shown.searchParams.has('password')) shown.searchParams.set('password', 'hidden');
  return shown.href;
}
