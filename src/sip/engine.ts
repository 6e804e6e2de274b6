import { timingSafeEqual } from 'node:crypto';
import { addMs, type Clock, systemClock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';
import { startControlServer } from './control/control-server.ts';
import { createRoutingTable } from './control/routing-table.ts';
import { timeOfDay } from './control/time-of-day.ts';
import { createCore } from './core.ts';
import { type Counters, newCounters } from './counters.ts';
import type { Application } from './dialog/application.ts';
import type { EngineOptions } from './engine-options.ts';
import { formatHostPort } from './message/uri.ts';
import { randomTokens } from './token-source.ts';
import type { Hop } from './transaction/hop.ts';
import { timerQueue } from './transaction/timer-queue.ts';
import { createLocator } from './transport/locator.ts';
import { createReachabilityProbe } from './transport/reachability-probe.ts';
import { sourceFilter } from './transport/source-filter.ts';
import { openTransports } from './transport/transports.ts';

/** What the engine counts, and what it holds right now. */
export type EngineStats = Counters & {
  readonly transactions: number;
  readonly dialogs: number;
  readonly pendingTimers: number;
  readonly controlConnections: number;
};

/** A running engine in this thread. */
export type LocalEngine = {
  readonly controlHost: string;
  readonly controlPort: number;
  readonly secret: string;
  /** `udp/host:port` of every listener, with its real port. */
  readonly listening: readonly string[];
  stats(): EngineStats;
  /** Ends every dialog and request, waits for the answers up to `STOP_WAIT_MS`, and closes. */
  stop(): Promise<void>;
};

/** How long `stop` waits for the peers' answers to its BYEs. */
export const STOP_WAIT_MS = 500;

/** A larger request goes over TCP where that is possible: the path's MTU is not known (RFC 3261 §18.1.1). */
const UDP_OCTETS_MAX = 1_300;

/** Octets of the secret of the control port. */
const SECRET_OCTETS = 24;

/**
 * Starts an engine in this thread. `onContained` hears of every bug of ours that one message met and that ended with it.
 * Throws `AppError` when the address cannot be bound.
 */
export async function createEngine(
  options: EngineOptions,
  onContained: (thrown: unknown) => void,
  systemTime: Clock = systemClock,
): Promise<LocalEngine> {
  const counters = newCounters();
  const contained = (thrown: unknown) => {
    counters.contained++;
    onContained(thrown);
  };
  const clock = timerQueue(systemTime, contained);
  const newToken = randomTokens();
  const isAllowed = sourceFilter(options.allowedSources);

  let receive: (octets: Buffer, source: Hop) => void = () => undefined;
  const transports = await openTransports(options.listen, {
    onMessage: (octets, source) => receive(octets, source),
    onError: () => void counters.sendErrors++,
  });
  const { faces } = transports;

  const routes = createRoutingTable<Application>();
  const probe = createReachabilityProbe(clock, (hop) => core.layer.hopUnreachable(hop));
  const core = createCore({
    clock,
    timers: options.timers,
    send: (octets, hop, failed) =>
      transports.send(octets, hop, () => {
        counters.sendErrors++;
        failed();
      }),
    applications: routes,
    locator: createLocator({ hosts: options.hosts, listeners: faces.all }),
    newToken,
    counters,
    faces,
    isOpen: () => true,
    udpOctetsMax: UDP_OCTETS_MAX,
    isSelf: transports.isSelf,
    isAllowed,
    unlistedSource: options.unlistedSource,
    transactionsMax: options.limits.transactionsMax,
    dialogsMax: options.limits.dialogsMax,
    userAgent: options.userAgent,
    onSilence: probe.suspect,
    onContained,
  });
  const { client, server, dialogs, layer } = core;
  receive = core.receive;

  let isStopping = false;
  const secret = randomToken(SECRET_OCTETS);
  const control = await startControlServer(
    {
      routes,
      client,
      server,
      newId: newToken,
      time: timeOfDay(clock),
      isSecret: (candidate) => isEqual(candidate, secret),
      faces,
    },
    {
      clock,
      counters,
      pendingOctetsMax: options.limits.controlPendingOctetsMax,
      onAppGone: (app) => core.onAppGone(app, isStopping ? 0 : options.applicationGraceMs),
      onContained,
    },
  );

  const isQuiet = () => dialogs.clientCalls.size === 0;
  const untilQuiet = () =>
    new Promise<void>((resolve) => {
      const giveUpAtMs = addMs(clock.monotonicMs(), STOP_WAIT_MS);
      const look = () => {
        const nowMs = clock.monotonicMs();
        if (isQuiet() || nowMs >= giveUpAtMs) resolve();
        else clock.setTimer(addMs(nowMs, 10), look);
      };
      look();
    });

  let stopping: Promise<void> | null = null;
  return {
    controlHost: control.host,
    controlPort: control.port,
    secret,
    listening: faces.all.map((one) => `${one.protocol}/${formatHostPort(one.address, one.port)}`),
    stats: () => ({
      ...counters,
      transactions: layer.size(),
      dialogs: dialogs.size(),
      pendingTimers: clock.pendingTimers(),
      controlConnections: control.connections(),
    }),
    stop() {
      isStopping = true;
      stopping ??= (async () => {
        await control.close();
        await untilQuiet();
        probe.close();
        layer.close();
        await transports.close();
      })();
      return stopping;
    },
  };
}

function isEqual(candidate: string, secret: string): boolean {
  const a = Buffer.from(candidate, 'latin1');
  const b = Buffer.from(secret, 'latin1');
  return a.length === b.length && timingSafeEqual(a, b);
}
