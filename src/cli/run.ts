/** `brusio run`: the daemon. */
import { pino } from 'pino';
import { createGuard } from '../app.ts';
import { AppError, describeError } from '../base/errors.ts';
import { settingsArgument } from './settings-argument.ts';
import { stopRequest } from './stop-request.ts';

const USAGE = `usage: brusio run [--config FILE]

Runs the guard until SIGTERM or SIGINT. Without a file: built-in defaults, loopback only.
  -c, --config FILE   settings (brusio.example.yaml documents each)
Environment variables BRUSIO_… override single settings; see the README.
On SIGTERM no new calls are taken and live calls may go on for limits.drainMs; a second signal ends at once.
`;

/** The engine or another part failed while running (sysexits.h). */
const EX_SOFTWARE = 70;

/** Runs until told to stop; resolves with the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const settings = settingsArgument(argv, USAGE);
  if (typeof settings === 'number') return settings;

  const log = pino({ level: settings.log.level, base: { name: 'brusio' } });
  // Whatever was not foreseen leaves the state unknown: end, and let the journal and the next start do the rest.
  const crash = (thrown: unknown): never => {
    log.error(
      { problem: describeError(thrown), stack: thrown instanceof Error ? thrown.stack : null },
      'fatal: stopping',
    );
    process.exit(EX_SOFTWARE);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  const brusio = createGuard({ settings, log, onFatal: crash });
  const stopped = stopRequest();
  try {
    await brusio.start();
  } catch (thrown) {
    process.stderr.write(`brusio: cannot start: ${describeError(thrown)}\n`);
    if (!(thrown instanceof AppError))
      log.error({ stack: thrown instanceof Error ? thrown.stack : null }, 'start failed');
    await brusio.stop(0).catch(() => undefined);
    return 1;
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
  return 0;
}
