/** A scenario from its file, every problem told at once; and one written out with all that may stand in it. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { ok, type Result, refused } from '../../base/result.ts';
import { problemsIn, readYaml, type SettingsProblem } from '../../config/load-settings.ts';
import { type Scenario, scenarioSchema } from '../../simulation/scenario.ts';

/** What options say over a scenario; undefined: nothing. */
export type ScenarioOptions = {
  readonly days: string | undefined;
  readonly seed: string | undefined;
  readonly jurisdiction: string | undefined;
};

/**
 * The scenario of a file with the options laid over it.
 *
 * @param path null: the defaults
 */
export function loadScenario(
  path: string | null,
  options: ScenarioOptions,
): Result<Scenario, readonly SettingsProblem[]> {
  const file = path === null ? ok({}) : readYaml(path, 'a scenario, such as "days: 30" and "campaigns:"');
  return file.ok ? checkScenario(withOptions(file.value, options)) : file;
}

/** Checks a scenario as a person wrote it, and fills in defaults. */
export function checkScenario(input: unknown): Result<Scenario, readonly SettingsProblem[]> {
  const parsed = scenarioSchema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  return refused(problemsIn(parsed.error, 'there is no such thing in a scenario'));
}

function withOptions(scenario: object, { days, seed, jurisdiction }: ScenarioOptions): object {
  const { policy = {} } = scenario as { policy?: object };
  return {
    ...scenario,
    ...(days === undefined ? {} : { days: Number(days) }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(jurisdiction === undefined ? {} : { policy: { ...policy, jurisdiction } }),
  };
}

type Described = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
  readonly enum?: readonly unknown[];
};

/** The default scenario as a file, each entry with its meaning. */
export function commentedScenario(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'output' }) as Described;
  return `# A scenario for "brusio simulate". Everything may be left out: these are the defaults.
# Durations are seconds: a number, {exponential: {mean}}, {uniform: {from, to}} or {logNormal: {median, p90}}.
${linesOf(scenarioSchema.parse({}), schema, '').join('\n')}
`;
}

/** The most that a line of meaning has. */
const LINE_WIDTH = 118;

function linesOf(value: object, schema: Described, indent: string): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const described = schema.properties?.[key];
    const comment = commentOf(described, indent);
    const entry = objectIn(inner, described);
    if (entry === null) return [...comment, `${indent}${key}: ${flow(inner)}`];
    if (!Array.isArray(inner))
      return [...comment, `${indent}${key}:`, ...linesOf(entry, described ?? {}, `${indent}  `)];
    const [first = '', ...rest] = linesOf(entry, described?.items ?? {}, `${indent}    `);
    const lines = first.trimStart().startsWith('#')
      ? [`${indent}  -`, first, ...rest]
      : [`${indent}  - ${first.trimStart()}`, ...rest];
    return [...comment, `${indent}${key}:`, ...lines];
  });
}

/** What is written over several lines: a section, or the first entry of a list of sections. */
function objectIn(value: unknown, schema: Described | undefined): object | null {
  const inner = Array.isArray(value) && schema?.items?.properties !== undefined ? value[0] : value;
  const isSection = Array.isArray(value) ? inner !== value : schema?.properties !== undefined;
  return isSection && typeof inner === 'object' && inner !== null ? inner : null;
}

function commentOf(schema: Described | undefined, indent: string): string[] {
  const choices = schema?.enum === undefined ? '' : ` (${schema.enum.join(', ')})`;
  if (schema?.description === undefined) return [];
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of `${schema.description}${choices}`.split(' ')) {
    if (line.length + word.length + 1 > LINE_WIDTH) {
      lines.push(line);
      line = `${indent}#  `;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
