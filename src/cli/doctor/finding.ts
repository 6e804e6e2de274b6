/** What a check finds, in plain words. */

/** How bad it is: a problem keeps calls from being guarded, a warning may. */
export type Severity = 'ok' | 'warning' | 'problem';

/** One thing that was looked at. */
export type Finding = {
  readonly severity: Severity;
  /** What was looked at, such as `carrier primary`. */
  readonly what: string;
  /** What was found. */
  readonly found: string;
  /** What to do; null when there is nothing. */
  readonly remedy: string | null;
};

/** All is well. */
export function good(what: string, found: string): Finding {
  return { severity: 'ok', what, found, remedy: null };
}

/** It may go wrong. */
export function warning(what: string, found: string, remedy: string): Finding {
  return { severity: 'warning', what, found, remedy };
}

/** It goes wrong. */
export function problem(what: string, found: string, remedy: string): Finding {
  return { severity: 'problem', what, found, remedy };
}

/** Columns of the severity and of what was looked at. */
const SEVERITY_WIDTH = 9;
const WHAT_WIDTH = 24;

/** The lines that tell it. */
export function findingText({ severity, what, found, remedy }: Finding): string {
  const told = severity === 'problem' ? 'PROBLEM' : severity;
  const line = `${told.padEnd(SEVERITY_WIDTH)}${what.padEnd(WHAT_WIDTH)} ${found}\n`;
  return remedy === null ? line : `${line}${' '.repeat(SEVERITY_WIDTH + WHAT_WIDTH)} → ${remedy}\n`;
}
