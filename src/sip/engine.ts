import { timingSafeEqual } from 'node:crypto';
import { addMs, type Clock, systemClock } from '../base/clock.ts';
import { randomOctets, randomToken, seededRandom } from '../base/random.ts';
import { startControlServer } from './control/control-server.ts';
import { createRoutingTable } from './control/routing-table.ts';
import { timeOfDay } from './control/time-of-day.ts';
import { createCore } from './core.ts';
import { type Counters, newCounters } from './counters.ts';
import type { Application } from './dialog/application.ts';
import type { EngineOptions } from './engine-options.ts';
import { formatHostPort } from './message/uri.ts';
import { createRefusalNotices } from './refusal-notices.ts';
import { createStartHold } from './start-hold.ts';
import { randomTokens } from './token-source.ts';
import type { Hop, MessageObserver } from './transaction/hop.ts';
import { timerQueue } from './transaction/timer-queue.ts';
import { createCalledAddresses } from './transport/called-addresses.ts';
import { createLocator } from './transport/locator.ts';
import { cachedNames } from './transport/name-cache.ts';
import { createReachabilityProbe } from './transport/reachability-probe.ts';
import { sourceFilter } from './transport/source-filter.ts';
import { systemNameServer } from './transport/system-name-server.ts';
import { createTlsFailureNotices, tellTls } from './transport/tls-notices.ts';
import { watchTlsFiles } from './transport/tls-watch.ts';
import { openTransports } from './transport/transports.ts';

/** What the engine counts, and what it holds right now. */
export type EngineStats = Counters & {
  readonly transactions: number;
  readonly dialogs: number;
  /** TCP and TLS connections. */
  readonly connections: number;
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
  /** Reads the certificates again, as it does by itself when their files change. */
  reload(): void;
  /** Ends every dialog and request, waits for the answers up to `STOP_WAIT_MS`, and closes. */
  stop(): Promise<void>;
};

/** Who else wants to know. */
export type EngineWatchers = {
  /** Sees every message on the wire. */
  readonly observe?: MessageObserver;
  /** Hears what an operator should. */
  readonly onNotice?: (level: 'info' | 'warn', message: string) => void;
};

/** How long `stop` waits for the peers' answers to its BYEs. */
export const STOP_WAIT_MS = 500;

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
  watchers: EngineWatchers = {},
): Promise<LocalEngine> {
  const counters = newCounters();
  const contained = (thrown: unknown) => {
    counters.contained++;
    onContained(thrown);
  };
  const clock = timerQueue(systemTime, contained);
  const newToken = randomTokens();
  const called = createCalledAddresses(clock);
  const isListed = sourceFilter(options.allowedSources);
  // Whom the application calls by name may answer from there, and hang up.
  const isAllowed = (address: string) => isListed(address) || called.has(address);
  const notice = watchers.onNotice ?? (() => undefined);

  let receive: (octets: Buffer, source: Hop) => void = () => undefined;
  const tlsFailures = createTlsFailureNotices(clock, notice);
  const transports = await openTransports({
    ...options,
    clock,
    counters,
    isAllowed,
    onMessage: (octets, source) => receive(octets, source),
    onLost: (peer) => core.layer.connectionLost(peer),
    onTlsFailure: tlsFailures,
    observe: watchers.observe ?? null,
  });
  const { faces } = transports;
  const reloadTls = () => tellTls(transports.reloadTls(), systemTime, notice);

  const tlsWatch = watchTlsFiles(options.tls, clock, reloadTls);

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
    locator: createLocator({
      hosts: options.hosts,
      listeners: faces.all,
      names: cachedNames(systemNameServer(options.nameServers), clock),
      random: seededRandom(randomOctets(4).readUInt32BE()),
      onCalled: called.add,
    }),
    newToken,
    counters,
    faces,
    isOpen: transports.isOpen,
    udpOctetsMax: options.udpOctetsMax,
    isSelf: transports.isSelf,
    isAllowed,
    unlistedSource: options.unlistedSource,
    transactionsMax: options.limits.transactionsMax,
    dialogsMax: options.limits.dialogsMax,
    userAgent: options.userAgent,
    onSilence: probe.suspect,
    onOverload: createRefusalNotices(clock, notice),
    onContained,
  });
  const { client, server, dialogs, layer } = core;
  const hold = createStartHold({
    ...{ clock, counters, isAllowed, holdMs: options.startHoldMs, receive: core.receive },
    onReleased: (messages) => notice('info', `messages that came while the application was starting: ${messages}`),
  });
  receive = hold.receive;

  let isStopping = false;
  const secret = randomToken(SECRET_OCTETS);
  const control = await startControlServer(
    {
      routes: {
        ...routes,
        add(method, app) {
          routes.add(method, app);
          if (method === 'INVITE') hold.release();
        },
      },
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
      connections: transports.connections(),
      pendingTimers: clock.pendingTimers(),
      controlConnections: control.connections(),
    }),
    reload: reloadTls,
    stop() {
      isStopping = true;
      stopping ??= (async () => {
        await control.close();
        await untilQuiet();
        probe.close();
        tlsWatch?.close();
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
