import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import { watchThread } from '../base/thread-load.ts';
import { createEngine } from './engine.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineCommand, EngineNotice } from './engine-thread-message.ts';
import { openHomer } from './transport/homer.ts';
import { sourceFilter } from './transport/source-filter.ts';

/**
 * The engine's own thread. What the containment of single messages did not catch (a rejected promise, say) is reported
 * and survived too: hundreds of live calls are worth more than a clean death.
 */

const port = parentPort;
assert(port !== null, 'the engine runs in a worker thread');

const say = (notice: EngineNotice) => port.postMessage(notice);
const onContained = (thrown: unknown) =>
  say({
    type: 'contained',
    message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : describeError(thrown),
  });

process.on('uncaughtException', onContained);
process.on('unhandledRejection', onContained);

try {
  const options = workerData as EngineOptions;
  const homer = options.homer === null ? null : openHomer(options.homer, sourceFilter(options.allowedSources));
  const engine = await createEngine(options, onContained, systemClock, {
    ...(homer === null ? {} : { observe: homer.observe }),
    onNotice: (level, message) => say({ type: 'told', level, message }),
  });
  const watch = watchThread(systemClock);
  port.on('message', async (command: EngineCommand) => {
    if (command.type === 'stats') {
      say({ type: 'stats', id: command.id, stats: { ...engine.stats(), ...homer?.counts() } });
      return;
    }
    if (command.type === 'reload') {
      engine.reload();
      return;
    }
    if (command.type === 'load') {
      say({ type: 'load', id: command.id, load: watch.read() });
      return;
    }
    await engine.stop();
    say({ type: 'stopped', id: command.id });
    // Timers of requests that nobody will answer any more would keep the thread for up to 64·T1.
    process.exit(0);
  });
  const { controlHost, controlPort, secret, listening } = engine;
  say({ type: 'ready', controlHost, controlPort, secret, listening });
} catch (thrown) {
  const code = thrown instanceof AppError ? thrown.code : 'sip.engine-not-started';
  say({ type: 'not-started', code, message: describeError(thrown) });
  port.close();
}
