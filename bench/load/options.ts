import { parseArgs } from 'node:util';

/** What the command line says of a part's options, each a text with a default; null where it asked for the help, which is told. */
export function optionsOf<Name extends string>(
  help: string,
  defaults: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> | null {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(
        Object.entries<string>(defaults).map(([name, value]) => [name, { type: 'string', default: value } as const]),
      ),
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help === true) {
    console.log(help);
    return null;
  }
  return values as Record<Name, string>;
}

/** `25,50,100` as numbers. */
export function numbersIn(list: string): readonly number[] {
  return list.split(',').map(Number);
}
