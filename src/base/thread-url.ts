/**
 * Where a worker thread's file is: `foo-worker.ts` beside its caller when Node runs our sources, `foo-worker.js` when
 * it runs `dist/`. tsc rewrites the extensions of imports, but not of URLs.
 */
export function threadUrl(name: string, importMetaUrl: string): URL {
  return new URL(`./${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl);
}
