/**
 * A media plane whose ports towards the peers are rtpengine's: the embedded plane plays, listens and splices behind it,
 * and is out of the way once a call is bridged. A call stays with the rtpengine it was opened on.
 */
import type { Clock, MonotonicMs } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { CallId } from '../../call/call-facts.ts';
import { type CallNetworks, OUTBOUND } from '../../call/media-network.ts';
import type { RemoteMedia } from '../../call/remote-media.ts';
import type { CallAmbience, CallMediaAddresses, MediaEvent, MediaPlane, MediaReport } from '../../guard/media-port.ts';
import type { Hindrance } from './forwardable.ts';
import { Instance, type InstanceStatus, type InstanceTerms } from './instance.ts';
import { inWeightedOrder } from './instance-choice.ts';
import { deleteRequest, type NgInterfaces } from './ng-requests.ts';
import { type InnerPlane, RelayedCall } from './relayed-call.ts';

/** How calls are relayed. */
export type RtpengineRules = {
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** An instance that has not answered for so long has lost its calls. */
  readonly lostAfterMs: number;
  /** While no instance answers new calls are refused, or have the embedded plane's own ports. */
  readonly whenDown: 'refuse' | 'embedded';
  /** Bridged audio does not pass Brusio. */
  readonly direct: boolean;
  readonly interfaces: NgInterfaces;
};

/** What the plane is made of. */
export type RtpenginePlaneParts = {
  readonly inner: InnerPlane;
  readonly instances: readonly InstanceTerms[];
  readonly rules: RtpengineRules;
  readonly clock: Clock;
  readonly random: Random;
  /** Begins every cookie; unique among those who ask the same rtpengines. */
  readonly cookiePrefix: string;
  readonly log: Logger;
};

/** The plane as an operator sees it; counts since the start. */
export type RtpengineStatus = {
  readonly instances: readonly InstanceStatus[];
  /** Calls that no instance took: refused, or on the embedded plane's own ports. */
  readonly callsRefused: number;
  readonly callsEmbedded: number;
  /** Times that two peers were coupled directly, or were not and why. */
  readonly coupled: number;
  readonly keptThrough: Readonly<Record<Exclude<Hindrance, 'not-described'>, number>>;
};

/** The plane, and what only its owner asks it. */
export type RtpenginePlane = MediaPlane & { status(): RtpengineStatus };

/** A media plane that is not started yet. */
export function createRtpenginePlane(parts: RtpenginePlaneParts): RtpenginePlane {
  return new RelayingPlane(parts);
}

const NONE_ANSWERS = 'no rtpengine answers';

class RelayingPlane implements RtpenginePlane {
  readonly #parts: RtpenginePlaneParts;
  readonly #instances: readonly Instance[];
  readonly #calls = new Map<CallId, RelayedCall>();
  /** Calls whose ports are being reserved; those that were closed meanwhile are taken out. */
  readonly #opening = new Set<CallId>();
  readonly #keptThrough = { srtp: 0, fax: 0, 'on-hold': 0, 'payload-numbers': 0, 'packet-time': 0, 'rtcp-mux': 0 };
  #callsRefused = 0;
  #callsEmbedded = 0;
  #coupled = 0;
  #onEvent: (event: MediaEvent) => void = () => {};

  constructor(parts: RtpenginePlaneParts) {
    this.#parts = parts;
    const { clock, log, rules } = parts;
    this.#instances = parts.instances.map(
      (terms, index) =>
        new Instance(terms, {
          clock,
          log,
          timeoutMs: rules.timeoutMs,
          lostAfterMs: rules.lostAfterMs,
          cookiePrefix: `${parts.cookiePrefix}${index}-`,
          onCallLost: (callId, detail) => this.#lost(callId, detail),
        }),
    );
  }

  /** Instances that do not answer yet hold nothing up: they may come later. */
  async start(onEvent: (event: MediaEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    await this.#parts.inner.start((event) => this.#innerEvent(event));
    await Promise.all(this.#instances.map((instance) => instance.start()));
  }

  /** Rejects with AppError `media.relay-down` too, when no instance takes the call and none but they may. */
  async open(callId: CallId, ambience: CallAmbience, networks: CallNetworks = OUTBOUND): Promise<CallMediaAddresses> {
    const { inner, random, rules } = this.#parts;
    const candidates = inWeightedOrder(
      this.#instances.filter(({ up }) => up),
      random,
    );
    if (candidates.length === 0 && rules.whenDown === 'refuse') throw this.#refusal(NONE_ANSWERS);
    this.#opening.add(callId);
    try {
      const own = await inner.open(callId, ambience, networks);
      for (const instance of candidates) {
        const addresses = await this.#openOn(instance, callId, own, networks);
        if (!this.#opening.has(callId)) throw new AppError('media.closed', 'the call was closed while it was opened');
        if (addresses !== null) return addresses;
      }
      if (rules.whenDown === 'embedded') {
        this.#callsEmbedded += 1;
        return own;
      }
      await inner.close(callId);
      throw this.#refusal('no rtpengine took the call');
    } finally {
      this.#opening.delete(callId);
    }
  }

  setDialer(callId: CallId, dialer: RemoteMedia): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).setDialer(dialer);
  }

  setCallee(callId: CallId, callee: RemoteMedia): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).setCallee(callee);
  }

  relayEarlyMedia(callId: CallId, callee: RemoteMedia): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).relayEarlyMedia(callee);
  }

  playAmbience(callId: CallId, callee: RemoteMedia | null, answeredAt: MonotonicMs): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).playAmbience(callee, answeredAt);
  }

  /** Before the peers are coupled everything is the inner plane's own. */
  announce(callId: CallId): void {
    this.#parts.inner.announce(callId);
  }

  connect(callId: CallId, callee: RemoteMedia | null): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).connect(callee);
  }

  relay(callId: CallId, callee: RemoteMedia): void {
    (this.#calls.get(callId) ?? this.#plain(callId)).relay(callee);
  }

  close(callId: CallId): Promise<MediaReport | null> {
    this.#opening.delete(callId);
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    return call === undefined ? this.#parts.inner.close(callId) : call.close();
  }

  problem(): string | null {
    const { inner, rules } = this.#parts;
    const isDown = rules.whenDown === 'refuse' && !this.#instances.some(({ up }) => up);
    return inner.problem() ?? (isDown ? NONE_ANSWERS : null);
  }

  async stop(): Promise<void> {
    await this.#parts.inner.stop();
    for (const instance of this.#instances) instance.close();
  }

  status(): RtpengineStatus {
    return {
      instances: this.#instances.map((instance) => instance.status()),
      callsRefused: this.#callsRefused,
      callsEmbedded: this.#callsEmbedded,
      coupled: this.#coupled,
      keptThrough: { ...this.#keptThrough },
    };
  }

  /** Null when the instance did not take the call. */
  async #openOn(
    instance: Instance,
    callId: CallId,
    own: CallMediaAddresses,
    networks: CallNetworks,
  ): Promise<CallMediaAddresses | null> {
    const { inner, rules, log } = this.#parts;
    const call = new RelayedCall(
      {
        callId,
        inner,
        instance,
        interfaces: interfacesFor(networks, rules.interfaces),
        direct: rules.direct,
        onFailed: (detail) => this.#onEvent({ type: 'failed', callId, detail }),
        onCoupled: (hindrance) => this.#count(hindrance),
      },
      own,
    );
    try {
      const addresses = await call.open();
      if (this.#opening.has(callId)) {
        instance.took(callId);
        this.#calls.set(callId, call);
        return addresses;
      }
    } catch (thrown) {
      log.warn({ callId, instance: instance.name, problem: describeError(thrown) }, 'rtpengine did not take a call');
    }
    // Half of it may have arrived there.
    instance.ask(deleteRequest(callId)).catch(() => undefined);
    return null;
  }

  #count(hindrance: Hindrance | null): void {
    if (hindrance === null) this.#coupled += 1;
    else if (hindrance !== 'not-described') this.#keptThrough[hindrance] += 1;
  }

  #refusal(problem: string): AppError {
    this.#callsRefused += 1;
    return new AppError('media.relay-down', problem);
  }

  #innerEvent(event: MediaEvent): void {
    if (event.type === 'dialer-heard') this.#calls.get(event.callId)?.dialerHeard();
    else this.#onEvent(event);
  }

  #lost(callId: CallId, detail: string): void {
    this.#calls.get(callId)?.lost();
    this.#onEvent({ type: 'failed', callId, detail });
  }

  /** A call that no rtpengine has: the embedded plane's alone. */
  #plain(callId: CallId) {
    const { inner } = this.#parts;
    return {
      setDialer: (dialer: RemoteMedia) => inner.setDialer(callId, dialer),
      setCallee: (callee: RemoteMedia) => inner.setCallee(callId, callee),
      relayEarlyMedia: (callee: RemoteMedia) => inner.relayEarlyMedia(callId, callee),
      playAmbience: (callee: RemoteMedia | null, at: MonotonicMs) => inner.playAmbience(callId, callee, at),
      connect: (callee: RemoteMedia | null) => inner.connect(callId, callee),
      relay: (callee: RemoteMedia) => inner.relay(callId, callee),
    };
  }
}

/** Each end of a call has the interface of the network that its peer is in. */
function interfacesFor(networks: CallNetworks, interfaces: NgInterfaces): NgInterfaces {
  if (interfaces === null) return null;
  const { brusio } = interfaces;
  return { brusio, dialers: interfaces[networks.dialer], carriers: interfaces[networks.carrier] };
}
