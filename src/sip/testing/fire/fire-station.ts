import type { Clock } from '../../../base/clock.ts';
import type { LossyNetwork } from '../../../testing/lossy-network.ts';
import { type Core, createCore } from '../../core.ts';
import { type Counters, newCounters } from '../../counters.ts';
import type { Application } from '../../dialog/application.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { Listener } from '../../transaction/hop.ts';
import { DEFAULT_SIP_TIMERS } from '../../transaction/sip-timers.ts';
import { timerQueue } from '../../transaction/timer-queue.ts';
import { createFaces } from '../../transport/listener-choice.ts';
import { createLocator } from '../../transport/locator.ts';
import { leftOver } from '../left-over.ts';
import { NO_NAMES } from '../no-names.ts';

/** What an application hears. */
export type FireListener = {
  request(transactionId: string, dialogId: string, message: SipRequest): void;
  response(transactionId: string, dialogId: string, message: SipResponse): void;
  unsolicited(dialogId: string): void;
};

/** How much a station takes. */
export type FireLimits = { readonly transactionsMax: number; readonly dialogsMax: number };

/** An engine without sockets that can die and start anew, and applications that can lose their connection. */
export type FireStation = {
  readonly host: string;
  core(): Core;
  counters(): Counters;
  /** Counts the lives of the engine. */
  life(): number;
  /** A new connection of an application. */
  connect(listener: FireListener): Application;
  /** The connection is lost. */
  disconnect(app: Application): void;
  /** The engine is gone with all it knew, and a new one stands in its place. */
  restart(): void;
  readonly contained: string[];
  /** Everything that should be zero when all is over. */
  leftovers(): Record<string, number>;
};

/** What the application's calls live on for after its connection is lost. */
const GRACE_MS = 5_000;

/** A station at `host:5060`. */
export function fireStation(
  host: string,
  clock: Clock,
  network: LossyNetwork,
  newToken: () => string,
  limits: FireLimits,
): FireStation {
  const place = `${host}:5060`;
  const contained: string[] = [];
  const gone = new Set<Application>();
  const listeners: Listener[] = [{ protocol: 'udp', address: host, port: 5060, host }];
  let lives = 0;
  let connected: Application | null = null;

  const start = () => {
    lives++;
    const mine = lives;
    const counters = newCounters();
    // The timers of a dead engine never fire.
    const living: Clock = {
      ...clock,
      setTimer: (atMs, fire) => clock.setTimer(atMs, () => (mine === lives ? fire() : undefined)),
    };
    const note = (thrown: unknown) =>
      void contained.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    const timers = timerQueue(living, note);
    const core = createCore({
      clock: timers,
      timers: DEFAULT_SIP_TIMERS,
      send: (octets, hop) => network.send(place, `${hop.address}:${hop.port}`, octets),
      applications: { next: (method) => (method.startsWith('CDR:') ? null : connected) },
      locator: createLocator({ hosts: {}, listeners, names: NO_NAMES, random: () => 0 }),
      newToken,
      counters,
      faces: createFaces(listeners),
      isOpen: () => true,
      udpOctetsMax: 65_000,
      isSelf: (hop) => hop.address === host,
      isAllowed: () => true,
      unlistedSource: 'silent',
      ...limits,
      userAgent: null,
      onContained: note,
    });
    network.attach(place, (octets, from) => {
      const [address = '', port = '0'] = from.split(':');
      core.receive(octets, { protocol: 'udp', address, port: Number(port) });
    });
    return { core, counters, timers };
  };

  let engine = start();
  return {
    host,
    core: () => engine.core,
    counters: () => engine.counters,
    life: () => lives,
    connect(listener) {
      const app: Application = {
        isGone: () => gone.has(app),
        deliverRequest: (transactionId, message) => {
          if (!gone.has(app)) listener.request(transactionId, '', message);
        },
        deliverInDialog: (transactionId, dialogId, message) => {
          if (!gone.has(app)) listener.request(transactionId, dialogId, message);
        },
        deliverResponse: (transactionId, dialogId, message) => {
          if (!gone.has(app)) listener.response(transactionId, dialogId, message);
        },
        deliverUnsolicited: (dialogId) => {
          if (!gone.has(app)) listener.unsolicited(dialogId);
        },
        deliverCdr: () => undefined,
      };
      connected = app;
      return app;
    },
    disconnect(app) {
      gone.add(app);
      if (connected === app) connected = null;
      engine.core.onAppGone(app, GRACE_MS);
    },
    restart() {
      if (connected !== null) gone.add(connected);
      connected = null;
      engine = start();
    },
    contained,
    leftovers: () => ({
      ...leftOver({ core: engine.core, pendingTimers: engine.timers.pendingTimers }),
      malformed: engine.counters.malformed,
    }),
  };
}
