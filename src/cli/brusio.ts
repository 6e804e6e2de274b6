/** The commands of `brusio`, each a function from its arguments to an exit code. */
import { brusioVersion } from '../app-version.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { EX_USAGE } from './settings-argument.ts';

/** Loaded when it is asked for: the guard alone is 60 MB of code that an import has no use for. */
type Command = { readonly summary: string; readonly start: (argv: readonly string[]) => Promise<number> };

const RUN: Command = {
  summary: 'run the guard (the default command)',
  start: async (argv) => (await import('./run.ts')).run(argv),
};

const COMMANDS: Readonly<Record<string, Command>> = {
  run: RUN,
  demo: {
    summary: 'a dozen real calls on loopback, with a built-in dialer and carrier',
    start: async (argv) => (await import('./demo.ts')).demo(argv),
  },
  'check-config': {
    summary: 'check a settings file and print the complete settings',
    start: async (argv) => (await import('./check-config.ts')).checkConfig(argv),
  },
  doctor: {
    summary: 'look at clock, ports, carriers, PBXs and webhooks; take a test call',
    start: async (argv) => (await import('./doctor/doctor.ts')).doctor(argv),
  },
  'verify-ledger': {
    summary: 'check the whole ledger, and what is kept beside it',
    start: async (argv) => (await import('./verify-ledger.ts')).verifyLedgerCommand(argv),
  },
  report: {
    summary: "a campaign's signed statistical report",
    start: async (argv) => (await import('./report/report.ts')).report(argv),
  },
  'verify-report': {
    summary: 'check a signed report on any machine, without a database',
    start: async (argv) => (await import('./report/verify-report.ts')).verifyReport(argv),
  },
  call: {
    summary: "one call's story, by its id or by number and time",
    start: async (argv) => (await import('./story/call.ts')).call(argv),
  },
  reconcile: {
    summary: "a carrier's CDR file against Brusio's outcomes",
    start: async (argv) => (await import('./reconcile/reconcile.ts')).reconcileCommand(argv),
  },
  clip: {
    summary: 'ambience clips of your own: import, list, check',
    start: async (argv) => (await import('./clip/clip.ts')).clip(argv),
  },
  screening: {
    summary: "the opposition register's cleared lists: import, remove, list, check",
    start: async (argv) => (await import('./screening/screening.ts')).screening(argv),
  },
  find: {
    summary: 'the calls to a number, also after the number was dropped',
    start: async (argv) => (await import('./people/find.ts')).find(argv),
  },
  erase: {
    summary: "drop a number on its person's request",
    start: async (argv) => (await import('./people/erase.ts')).erase(argv),
  },
  'opt-out': {
    summary: 'numbers whose person wants no more calls: add, remove, check, list',
    start: async (argv) => (await import('./people/opt-out.ts')).optOut(argv),
  },
  simulate: {
    summary: 'a year of calls before one is dialled: P, refusals and agents for a pacing',
    start: async (argv) => (await import('./simulate/simulate.ts')).simulate(argv),
  },
  'number-key': {
    summary: 'the keys under which numbers are digested: list, rotate, prune',
    start: async (argv) => (await import('./people/number-key.ts')).numberKey(argv),
  },
  'make-ambience': {
    summary: 'synthesize the ambience clips',
    start: async (argv) => (await import('./ambience/make-ambience.ts')).makeAmbience(argv),
  },
};

/** Runs one command; resolves with the process's exit code. */
export async function brusio(argv: readonly string[]): Promise<number> {
  endOnBrokenPipe(process.stdout, (code) => process.exit(code));
  const [first = 'run', ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  if (first === '--version') {
    process.stdout.write(`${brusioVersion()}\n`);
    return 0;
  }
  if (first.startsWith('-')) return RUN.start(argv);
  const command = COMMANDS[first];
  if (command === undefined) {
    process.stderr.write(`brusio: unknown command "${first}"\n\n${usage()}`);
    return EX_USAGE;
  }
  return command.start(rest);
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`);
  return `usage: brusio [command] [options]\n\n${lines.join('\n')}\n\n"brusio <command> --help" tells a command's options, "brusio --version" the version.\n`;
}
