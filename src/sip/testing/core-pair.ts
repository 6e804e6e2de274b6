import { seededRandom } from '../../base/random.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import { type LossyNetwork, lossyNetwork, type Weather } from '../../testing/lossy-network.ts';
import { type Core, createCore } from '../core.ts';
import { type Counters, newCounters } from '../counters.ts';
import type { Application } from '../dialog/application.ts';
import type { Location, Locator } from '../dialog/location.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Listener } from '../transaction/hop.ts';
import { DEFAULT_SIP_TIMERS } from '../transaction/sip-timers.ts';
import { timerQueue } from '../transaction/timer-queue.ts';
import { createFaces } from '../transport/listener-choice.ts';
import { createLocator } from '../transport/locator.ts';
import { NO_NAMES } from './no-names.ts';

/** What an application heard, in order. */
export type Heard =
  | {
      readonly kind: 'request';
      readonly transactionId: string;
      readonly dialogId: string;
      readonly message: SipRequest;
    }
  | {
      readonly kind: 'response';
      readonly transactionId: string;
      readonly dialogId: string;
      readonly message: SipResponse;
      readonly isOurs: boolean;
    }
  | { readonly kind: 'unsolicited'; readonly dialogId: string; readonly text: string };

/** An engine without sockets and its application, which writes down what it hears and may react through `on`. */
export type Station = {
  readonly place: string;
  readonly core: Core;
  readonly counters: Counters;
  readonly app: Application;
  readonly heard: Heard[];
  readonly contained: unknown[];
  pendingTimers(): number;
  on: (heard: Heard) => void;
  isGone: boolean;
  /** What the locator says instead of the truth; null for the truth. */
  location: Location | null;
  /** Call detail records: kind, source, role or reason. */
  readonly cdrs: string[];
};

/** Two stations on one network in one fake time. */
export type CorePair = {
  readonly clock: FakeClock;
  readonly network: LossyNetwork;
  readonly a: Station;
  readonly b: Station;
};

/** The network as it is in a rack. */
export const FAIR: Weather = { lossShare: 0, duplicateShare: 0, delayMsMin: 1, delayMsMax: 1 };

/** Station a at 10.0.0.1:5060, station b at 10.0.0.2:5060. */
export function corePair(seed = 1, weather: Weather = FAIR): CorePair {
  const clock = fakeClock();
  const random = seededRandom(seed);
  const network = lossyNetwork(clock, random, weather);
  return { clock, network, a: station('10.0.0.1', clock, network, 'a'), b: station('10.0.0.2', clock, network, 'b') };
}

function station(host: string, clock: FakeClock, network: LossyNetwork, prefix: string): Station {
  const place = `${host}:5060`;
  const counters = newCounters();
  const contained: unknown[] = [];
  const heard: Heard[] = [];
  let serial = 0;
  const hear = (item: Heard) => {
    heard.push(item);
    self.on(item);
  };
  const app: Application = {
    isGone: () => self.isGone,
    deliverRequest: (transactionId, message) => hear({ kind: 'request', transactionId, dialogId: '', message }),
    deliverInDialog: (transactionId, dialogId, message) => hear({ kind: 'request', transactionId, dialogId, message }),
    deliverResponse: (transactionId, dialogId, message, source) =>
      hear({ kind: 'response', transactionId, dialogId, message, isOurs: source === null }),
    deliverCdr: (kind, source, detail) =>
      void self.cdrs.push(`${kind} ${source}${detail === null ? '' : ` ${detail}`}`),
    deliverUnsolicited: (dialogId, text) => hear({ kind: 'unsolicited', dialogId, text }),
  };
  const listeners: Listener[] = [{ protocol: 'udp', address: host, port: 5060, host }];
  const locator = withoutNames(createLocator({ hosts: {}, listeners, names: NO_NAMES, random: () => 0 }));
  const timers = timerQueue(clock, (thrown) => contained.push(thrown));
  const core = createCore({
    clock: timers,
    timers: DEFAULT_SIP_TIMERS,
    send: (octets, hop) => network.send(place, `${hop.address}:${hop.port}`, octets),
    applications: { next: () => (self.isGone ? null : app) },
    locator: { locate: (uri, anyTransport) => self.location ?? locator.locate(uri, anyTransport) },
    newToken: () => `${prefix}${(serial++).toString(16).padStart(15, '0')}`,
    counters,
    faces: createFaces(listeners),
    isOpen: () => true,
    udpOctetsMax: 1_300,
    isSelf: (hop) => hop.address === host,
    isAllowed: () => true,
    unlistedSource: 'silent',
    transactionsMax: 10_000,
    dialogsMax: 1_000,
    userAgent: null,
    onContained: (thrown) => contained.push(thrown),
  });
  const self: Station = {
    place,
    core,
    counters,
    app,
    heard,
    contained,
    pendingTimers: timers.pendingTimers,
    on: () => undefined,
    isGone: false,
    location: null,
    cdrs: [],
  };
  network.attach(place, (octets, from) => {
    const [address = '', port = '0'] = from.split(':');
    core.receive(octets, { protocol: 'udp', address, port: Number(port) });
  });
  return self;
}

/** No test asks the machine's name service. */
function withoutNames(locator: Locator): Locator {
  return {
    locate(uri, anyTransport) {
      const location = locator.locate(uri, anyTransport);
      return location.kind === 'look-up' ? { kind: 'unreadable' } : location;
    },
  };
}
