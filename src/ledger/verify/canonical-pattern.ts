/**
 * A schema as one regular expression over canonical JSON: keys have one order and nothing has two spellings, so that a text
 * can be checked without being parsed, ten times as fast. What the expression takes fits the schema; what it does not take
 * may still fit (escapes in strings, numbers with exponents), and is for the schema itself to say.
 */
import { assert } from '../../base/assert.ts';

/** What of JSON Schema is understood: what zod says of the ledger's bodies. */
export type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
};

/** Properties by their paths: top's own, and those of objects within it as in `record_sip_status`. */
type Groups = { readonly wanted: ReadonlySet<string>; readonly found: string[] };

/** Without escapes. Whoever reads the expression may take it for granted that the text between the quotes is the value. */
const STRING_CHARACTER = '[^"\\\\\\u0000-\\u001f]';
/** 15 digits are a safe integer whatever they are. */
const WHOLE = '(?:0|[1-9]\\d{0,14})';
const FRACTION = '(?:\\.\\d{1,17})?';
/** As zod has it, but the 29th of February last: that is asked of every time. */
const DATE =
  '(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))' +
  '|(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29)';
/** UTC, with the milliseconds that all our times have. */
const DATE_TIME = `${DATE}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`;

/** Ends the path of an object's property: the text from behind that property to the object's end is a group as well. */
export const BEHIND = '…';

/**
 * The expression for a schema. Its groups are the values of the properties in `captured`, in that order, which is that of
 * canonical JSON: a string's without its quotes, none for null, any other's as it stands in the text.
 */
export function canonicalPattern(schema: JsonSchema, captured: readonly string[]): RegExp {
  const groups: Groups = { wanted: new Set(captured), found: [] };
  const expression = new RegExp(`^${objectPattern(schema, groups, '')}$`);
  const count = (new RegExp(`${expression.source}|`).exec('')?.length ?? 0) - 1;
  assert(count === captured.length, `${count} groups for ${captured.length} properties`);
  assert(groups.found.join() === captured.join(), `in the order of the text: ${groups.found.join()}`);
  return expression;
}

const NONE: Groups = { wanted: new Set(), found: [] };

function valuePattern(schema: JsonSchema, groups = NONE, path = ''): string {
  if (schema.const !== undefined) return escaped(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return oneOf(schema.enum.map((value) => escaped(JSON.stringify(value))));
  if (schema.anyOf !== undefined) {
    const some = schema.anyOf.filter(({ type }) => type !== 'null');
    return oneOf(schema.anyOf.map((one) => (some.length === 1 ? valuePattern(one, groups, path) : valuePattern(one))));
  }
  if (Array.isArray(schema.type)) return oneOf(schema.type.map((type) => valuePattern({ ...schema, type })));
  switch (schema.type) {
    case 'null':
      return 'null';
    case 'boolean':
      return '(?:true|false)';
    case 'integer':
      return integerPattern(schema);
    case 'number':
      return schema.minimum === 0 ? WHOLE + FRACTION : `-?${WHOLE}${FRACTION}`;
    case 'string':
      return stringPattern(schema);
    case 'array':
      return arrayPattern(schema);
    case 'object':
      return objectPattern(schema, groups, path);
    default:
      throw new Error(`no pattern for ${JSON.stringify(schema)}`);
  }
}

/** The value as a group. */
function groupPattern(schema: JsonSchema, groups: Groups, path: string): string {
  if (schema.anyOf?.some(({ type }) => type === 'null') === true) {
    const [one = {}, ...more] = schema.anyOf.filter(({ type }) => type !== 'null');
    return oneOf([groupPattern(more.length === 0 ? one : { anyOf: [one, ...more] }, groups, path), 'null']);
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.map((type) => ({ ...schema, type }));
    return groupPattern({ anyOf: types }, groups, path);
  }
  groups.found.push(path);
  if (schema.type !== 'string') return `(${valuePattern(schema, groups, path)})`;
  const { enum: values } = schema;
  if (values !== undefined)
    return `"(${values.map((value) => escaped(JSON.stringify(value).slice(1, -1))).join('|')})"`;
  return `"(${stringPattern(schema).slice(1, -1)})"`;
}

function stringPattern({ pattern, format, minLength = 0 }: JsonSchema): string {
  if (format === 'date') return `"${DATE}"`;
  if (format === 'date-time') return `"${DATE_TIME}"`;
  if (pattern === undefined) return `"${STRING_CHARACTER}${minLength > 0 ? '+' : '*'}"`;
  // Those of zod's formats and of hashes: letters, digits and marks that need no escape.
  assert(
    pattern.startsWith('^') && pattern.endsWith('$') && !/[^\\]\.|["]/.test(pattern),
    `a plain pattern: ${pattern}`,
  );
  const ungrouped = pattern.slice(1, -1).replace(/(\\.)|\((?!\?)/g, (_, mark?: string) => mark ?? '(?:');
  return `"(?:${ungrouped})"`;
}

function integerPattern({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): string {
  if (maximum === Number.MAX_SAFE_INTEGER) {
    if (minimum === Number.MIN_SAFE_INTEGER) return '(?:0|-?[1-9]\\d{0,14})';
    assert(minimum >= 0 && minimum <= 9, `a least value of one digit: ${minimum}`);
    return `(?:[${minimum}-9]|[1-9]\\d{1,14})`;
  }
  const values = Array.from({ length: maximum - minimum + 1 }, (_, index) => String(minimum + index));
  return oneOf(values);
}

function arrayPattern({ items = {}, minItems = 0 }: JsonSchema): string {
  const item = valuePattern(items);
  const some = `${item}(?:,${item})*`;
  return minItems > 0 ? `\\[${some}\\]` : `\\[(?:${some})?\\]`;
}

function objectPattern({ properties, additionalProperties }: JsonSchema, groups: Groups, path: string): string {
  if (properties === undefined) {
    assert(typeof additionalProperties === 'object', 'an object has properties or a type for all of them');
    // Their order and that none comes twice is left to the hash: no reader of ours depends on it.
    const pair = `"${STRING_CHARACTER}*":${valuePattern(additionalProperties)}`;
    return `\\{(?:${pair}(?:,${pair})*)?\\}`;
  }
  let behind = '';
  const pairs = Object.keys(properties)
    .sort()
    .map((key, index) => {
      const inner = path === '' ? key : `${path}_${key}`;
      const of = groups.wanted.has(inner) ? groupPattern : valuePattern;
      const pair = `${index === 0 ? '' : ','}${escaped(JSON.stringify(key))}:${of(properties[key] ?? {}, groups, inner)}`;
      if (!groups.wanted.has(inner + BEHIND)) return pair;
      groups.found.push(inner + BEHIND);
      behind = '\\})';
      return `${pair}(`;
    });
  return `\\{${pairs.join('')}${behind === '' ? '\\}' : behind}`;
}

function oneOf(patterns: readonly string[]): string {
  return `(?:${patterns.join('|')})`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
