import type { Logger } from '../../base/log.ts';

/** A log that prints nothing and keeps the last thing it was warned of, in words. */
export function quietLog(): { readonly log: Logger; last(): string | null } {
  let last: string | null = null;
  const keep = (fields: unknown, message?: string) => {
    const why =
      typeof fields === 'object' && fields !== null && 'problem' in fields ? `: ${String(fields.problem)}` : '';
    last = `${message ?? ''}${why}`;
  };
  const log = { debug: () => undefined, info: () => undefined, warn: keep, error: keep, child: () => log } as Logger;
  return { log, last: () => last };
}
