import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';

/** Programs that parts need, by the Debian package that has them. */
const PACKAGES = { sipp: 'sip-tester', tcpdump: 'tcpdump', rtpengine: 'rtpengine-daemon' } as const;

/**
 * What the command line says of a part's options, each a text with a default; null where it asked for the help, or a program that the part
 * needs is not there: either is told, the latter with exit code 69 (EX_UNAVAILABLE).
 */
export function optionsOf<Name extends string>(
  help: string,
  defaults: Readonly<Record<Name, string>>,
  needs: readonly (keyof typeof PACKAGES)[] = [],
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
  const missing = needs.filter((program) => !isInstalled(program));
  if (missing.length > 0) {
    const packages = missing.map((program) => PACKAGES[program]).join(' ');
    console.error(`this needs ${missing.join(' and ')}: apt-get install -y ${packages}`);
    process.exitCode = 69;
    return null;
  }
  return values as Record<Name, string>;
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `25,50,100` as numbers. */
export function numbersIn(list: string): readonly number[] {
  return list.split(',').map(Number);
}
