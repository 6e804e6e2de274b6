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
};

/** Without escapes. Whoever reads the expression may take it for granted that the text between the quotes is the value. */
const STRING_CHARACTER = '[^"\\\\\\u0000-\\u001f]';
/** 15 digits are a safe integer whatever they are. */
const WHOLE = '(?:0|[1-9]\\d{0,14})';
const FRACTION = '(?:\\.\\d{1,17})?';

/**
 * The expression for a schema. The values named in `captured` are its named groups: top's properties, and those of objects
 * within it by their path, as in `record_sip_status`.
 */
export function canonicalPattern(schema: JsonSchema, captured: readonly string[]): RegExp {
  return new RegExp(`^${objectPattern(schema, captured, '')}$`);
}

function valuePattern(schema: JsonSchema, captured: readonly string[] = [], path = ''): string {
  if (schema.const !== undefined) return escaped(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return oneOf(schema.enum.map((value) => escaped(JSON.stringify(value))));
  if (schema.anyOf !== undefined) return oneOf(schema.anyOf.map((one) => valuePattern(one)));
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
      return objectPattern(schema, captured, path);
    default:
      throw new Error(`no pattern for ${JSON.stringify(schema)}`);
  }
}

function stringPattern({ pattern, minLength = 0 }: JsonSchema): string {
  if (pattern === undefined) return `"${STRING_CHARACTER}${minLength > 0 ? '+' : '*'}"`;
  // Those of zod's formats and of hashes: letters, digits and marks that need no escape.
  assert(
    pattern.startsWith('^') && pattern.endsWith('$') && !/[^\\]\.|["]/.test(pattern),
    `a plain pattern: ${pattern}`,
  );
  return `"(?:${pattern.slice(1, -1)})"`;
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

function objectPattern(
  { properties, additionalProperties }: JsonSchema,
  captured: readonly string[],
  path: string,
): string {
  if (properties === undefined) {
    assert(typeof additionalProperties === 'object', 'an object has properties or a type for all of them');
    // Their order and that none comes twice is left to the hash: no reader of ours depends on it.
    const pair = `"${STRING_CHARACTER}*":${valuePattern(additionalProperties)}`;
    return `\\{(?:${pair}(?:,${pair})*)?\\}`;
  }
  const pairs = Object.keys(properties)
    .sort()
    .map((key) => {
      const inner = path === '' ? key : `${path}_${key}`;
      const value = valuePattern(properties[key] ?? {}, captured, inner);
      return `${escaped(JSON.stringify(key))}:${captured.includes(inner) ? `(?<${inner}>${value})` : value}`;
    });
  return `\\{${pairs.join(',')}\\}`;
}

function oneOf(patterns: readonly string[]): string {
  return `(?:${patterns.join('|')})`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
