/** Reads the settings file, lays the environment over it, and reports every problem at once. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import { withEnvironment } from './environment.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** What is wrong with the settings, one entry a problem: where (`rtp.portMin`, or the file's line) and what. */
export type SettingsProblem = { readonly path: string; readonly message: string };

/** A settings file larger than this is not one. */
const FILE_OCTETS_MAX = 1_048_576;

/**
 * The complete settings: the file (or nothing), then `BRUSIO_…` variables, then defaults.
 *
 * @param path YAML file, or null for the built-in defaults
 */
export function loadSettings(
  path: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): Result<Settings, readonly SettingsProblem[]> {
  const file = path === null ? ok({}) : readYaml(path, 'settings by name, such as "sip:" and "carriers:"');
  if (!file.ok) return file;
  return checkSettings(withEnvironment(file.value, environment));
}

/** Checks an object as written by a person (or given to `createGuard`) and fills in defaults. */
export function checkSettings(input: unknown): Result<Settings, readonly SettingsProblem[]> {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  return refused(problemsIn(parsed.error, 'unknown setting'));
}

/** Every problem that a schema found, with its path. */
export function problemsIn({ issues }: z.ZodError, unknown: string): readonly SettingsProblem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: unknown }))
      : [{ path: pathOf(issue.path), message: issue.message }],
  );
}

/**
 * What a person wrote into a file.
 *
 * @param expected what should have been in it, for the complaint
 */
export function readYaml(path: string, expected: string): Result<object, readonly SettingsProblem[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    return refused([{ path, message: `cannot be read: ${describeError(cause)}` }]);
  }
  if (text.length > FILE_OCTETS_MAX) return refused([{ path, message: `larger than ${FILE_OCTETS_MAX} octets` }]);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    return refused(
      document.errors.map((error) => ({
        path: `${path}:${lineCounter.linePos(error.pos[0]).line}`,
        message: error.message,
      })),
    );
  }
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused([{ path, message: `expected ${expected}` }]);
  }
  return ok(value);
}

function pathOf(path: readonly PropertyKey[]): string {
  return (
    path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '') || '(top)'
  );
}
