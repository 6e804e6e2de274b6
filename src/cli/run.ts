/** `brusio run`: the daemon. */
import { getPriority, setPriority } from 'node:os';
import { pino } from 'pino';
import { type Brusio, createGuard } from '../app.ts';
import { AppError, describeError } from '../base/errors.ts';
import { dataFinding } from './doctor/host-checks.ts';
import { EX_CONFIG, settingsArgument } from './settings-argument.ts';
import { stopRequest } from './stop-request.ts';

const USAGE = `usage: brusio run [--config FILE]

Runs the guard until SIGTERM or SIGINT. Without a file: built-in defaults, loopback only.
  -c, --config FILE   settings (brusio.example.yaml documents each)
Environment variables BRUSIO_… override single settings; see docs/settings.md.
On SIGHUP the TLS certificates are read again. On SIGTERM no new calls are taken and live calls may go on for limits.drainMs; a second signal ends at once.

Exit status: 0 stopped; 1 it cannot start; 64 wrong usage; 70 a part of it failed while running; 78 wrong settings.
`;

/** Before ordinary programs, behind the media thread (−15). */
const PROCESS_NICENESS = -10;

/** The engine or another part failed while running (sysexits.h). */
const EX_SOFTWARE = 70;

/** Runs until told to stop; resolves with the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const settings = settingsArgument(argv, USAGE);
  if (typeof settings === 'number') return settings;

  raisePriority();
  // Written beside the event loop: a log line is a system call, and there are four to a call.
  const output = pino.destination({ fd: 1, sync: false });
  const log = pino({ level: settings.log.level, base: { name: 'brusio' } }, output);
  // Whatever was not foreseen leaves the state unknown: end, and let the journal and the next start do the rest.
  const crash = (thrown: unknown): never => {
    log.error(
      { problem: describeError(thrown), stack: thrown instanceof Error ? thrown.stack : null },
      'fatal: stopping',
    );
    output.flushSync();
    process.exit(EX_SOFTWARE);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  const data = await dataFinding(settings);
  if (data.severity === 'problem') return cannotStart(`${data.what} ${data.found}`, data.remedy);
  let brusio: Brusio;
  try {
    brusio = createGuard({ settings, log, onFatal: crash });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    cannotStart(thrown.message, null);
    return EX_CONFIG;
  }
  const stopped = stopRequest();
  process.on('SIGHUP', () => brusio.reload());
  try {
    await brusio.start();
  } catch (thrown) {
    const exitCode = cannotStart(describeError(thrown), '"brusio doctor" with the same settings looks for more');
    if (!(thrown instanceof AppError))
      log.error({ stack: thrown instanceof Error ? thrown.stack : null }, 'start failed');
    // That what never started could not be finished is no news.
    log.level = 'silent';
    await brusio.stop(0).catch(() => undefined);
    output.flushSync();
    return exitCode;
  }
  const { sip, http } = brusio.addresses();
  log.info(
    { sip: sip?.join(', ') ?? null, http, apiKey: brusio.apiKeyPath() ?? 'from the settings' },
    'brusio is running',
  );
  await stopped;
  log.info({ drainMs: settings.limits.drainMs }, 'stopping: live calls may finish');
  await brusio.stop(settings.limits.drainMs);
  log.info('stopped');
  output.flushSync();
  return 0;
}

/** Says so on standard error; the exit code of a start that the machine prevents. */
function cannotStart(why: string, remedy: string | null): number {
  process.stderr.write(`brusio: cannot start: ${why}\n${remedy === null ? '' : `  → ${remedy}\n`}`);
  return 1;
}

/**
 * A callee waits for every one of our threads in turn: on a busy machine they go before ordinary programs. The threads
 * that are started later inherit it. Without the right to it everything works as before.
 */
function raisePriority(): void {
  try {
    setPriority(Math.min(getPriority(), PROCESS_NICENESS));
  } catch {
    // Not root, and no CAP_SYS_NICE.
  }
}
