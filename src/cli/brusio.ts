/** The commands of `brusio`, each a function from its arguments to an exit code. */
import { checkConfig } from './check-config.ts';
import { run } from './run.ts';
import { EX_USAGE } from './settings-argument.ts';

type Command = { readonly summary: string; readonly start: (argv: readonly string[]) => Promise<number> };

const COMMANDS: Readonly<Record<string, Command>> = {
  run: { summary: 'run the guard (the default command)', start: run },
  demo: {
    summary: 'a dozen real calls on loopback, with a built-in dialer and carrier',
    start: async (argv) => (await import('./demo.ts')).demo(argv),
  },
  'check-config': { summary: 'check a settings file and print the complete settings', start: checkConfig },
  doctor: {
    summary: 'look at clock, ports, carriers, PBXs and webhooks; take a test call',
    start: async (argv) => (await import('./doctor/doctor.ts')).doctor(argv),
  },
  clip: {
    summary: 'ambience clips of your own: import, list, check',
    start: async (argv) => (await import('./clip/clip.ts')).clip(argv),
  },
  'make-ambience': {
    summary: 'synthesize the ambience clips',
    start: async (argv) => (await import('./ambience/make-ambience.ts')).makeAmbience(argv),
  },
};

/** Runs one command; resolves with the process's exit code. */
export async function brusio(argv: readonly string[]): Promise<number> {
  const [first = 'run', ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  if (first.startsWith('-')) return run(argv);
  const command = COMMANDS[first];
  if (command === undefined) {
    process.stderr.write(`brusio: unknown command "${first}"\n\n${usage()}`);
    return EX_USAGE;
  }
  return command.start(rest);
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  return `usage: brusio [command] [options]\n\n${lines.join('\n')}\n\n"brusio <command> --help" tells a command's options.\n`;
}
