/**
 * One call of which rtpengine has the ports. Each peer talks to a port of rtpengine's from the first packet to the last:
 *
 *     waiting   dialer ◀──▶ rtpengine ◀──▶ Brusio ◀──▶ rtpengine ◀──▶ callee      ambience, early media, hold
 *     bridged   dialer ◀──▶ rtpengine ◀───────────────────────────────▶ callee
 *
 * The embedded plane connects the peers at the very moment of the bridge, as without rtpengine. Once the dialer is heard
 * through it, rtpengine is told to couple the peers, and Brusio's part falls silent. Whatever is negotiated anew brings
 * the audio back through Brusio first.
 *
 * What the guard asks is done in its order: a step that asks rtpengine something holds up those after it.
 */
import type { MonotonicMs } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { CallId } from '../../call/call-facts.ts';
import type { RemoteMedia } from '../../call/remote-media.ts';
import type { CallMediaAddresses, MediaPlane, MediaReport } from '../../guard/media-port.ts';
import type { BencodedDictionary } from './bencode.ts';
import { type Hindrance, hindrance } from './forwardable.ts';
import type { Instance } from './instance.ts';
import {
  answerRequest,
  deleteRequest,
  type NgInterfaces,
  offerRequest,
  packetsFrom,
  queryRequest,
} from './ng-requests.ts';
import { RelayedLeg } from './relayed-leg.ts';

/** Steps of one call that wait for rtpengine; a peer that renegotiates faster than it answers ends its call. */
export const STEPS_MAX = 64;

/** How long the call's counters are waited for at its end: a close resolves within a second. */
export const QUERY_WAIT_MS = 700;

/** The embedded plane as a relayed call uses it. */
export type InnerPlane = MediaPlane & {
  /** Bridged audio passes elsewhere: nothing is sent, filled in or watched until `connect` or `relay` comes again. */
  standAside(callId: CallId): void;
};

/** What a call is made of. */
export type RelayedCallParts = {
  readonly callId: CallId;
  readonly inner: InnerPlane;
  readonly instance: Pick<Instance, 'name' | 'ask' | 'gaveUp'>;
  readonly interfaces: NgInterfaces;
  /** Peers are coupled directly once bridged; else Brusio stays between them. */
  readonly direct: boolean;
  readonly onFailed: (detail: string) => void;
  /** The peers were coupled, or stay apart and why. */
  readonly onCoupled: (hindrance: Hindrance | null) => void;
};

type Step = () => Promise<void> | null;

/** One call. */
export class RelayedCall {
  readonly #parts: RelayedCallParts;
  readonly #dialer: RelayedLeg;
  readonly #callee: RelayedLeg;
  readonly #steps: Step[] = [];
  #waiting = false;
  #path: 'through' | 'direct' = 'through';
  /** How the bridge was asked for, and is again after a way back. */
  #bridge: 'connect' | 'relay' | null = null;
  /** The dialer's audio reaches the callee. */
  #heard = false;
  #hasFailed = false;
  #ended = false;

  /** @param own where Brusio itself sends and receives */
  constructor(parts: RelayedCallParts, own: CallMediaAddresses) {
    this.#parts = parts;
    this.#dialer = new RelayedLeg('dialer', own.dialer);
    this.#callee = new RelayedLeg('callee', own.carrier);
  }

  /** Where the peers are to send. Rejects with what rtpengine said, or when it said nothing. */
  async open(): Promise<CallMediaAddresses> {
    const [dialer, carrier] = await Promise.all([this.#firstOffer(this.#dialer), this.#firstOffer(this.#callee)]);
    return { dialer, carrier };
  }

  setDialer(dialer: RemoteMedia): void {
    this.#toldOf(this.#dialer, dialer, (media) => this.#parts.inner.setDialer(this.#parts.callId, media));
  }

  setCallee(callee: RemoteMedia): void {
    this.#toldOf(this.#callee, callee, (media) => this.#parts.inner.setCallee(this.#parts.callId, media));
  }

  relayEarlyMedia(callee: RemoteMedia): void {
    this.#toldOf(this.#callee, callee, (media) => this.#parts.inner.relayEarlyMedia(this.#parts.callId, media));
  }

  playAmbience(callee: RemoteMedia | null, answeredAt: MonotonicMs): void {
    const { inner, callId } = this.#parts;
    if (callee === null) this.#then(() => this.#done(() => inner.playAmbience(callId, null, answeredAt)));
    else this.#toldOf(this.#callee, callee, (media) => inner.playAmbience(callId, media, answeredAt));
  }

  connect(callee: RemoteMedia | null): void {
    const { inner, callId } = this.#parts;
    const connect = (media: RemoteMedia | null) => {
      this.#bridge ??= 'connect';
      if (this.#path === 'through') inner.connect(callId, media);
    };
    if (callee === null) this.#then(() => this.#done(() => connect(null)));
    else this.#toldOf(this.#callee, callee, connect);
  }

  relay(callee: RemoteMedia): void {
    this.#toldOf(this.#callee, callee, (media) => {
      this.#bridge = 'relay';
      // Nothing of ours is on that line, so there is nothing to wait for.
      this.#heard = true;
      this.#parts.inner.relay(this.#parts.callId, media);
    });
  }

  /** The embedded plane passed the dialer's first packet to the callee. */
  dialerHeard(): void {
    this.#then(() => {
      this.#heard = true;
      return this.#coupleIfPossible();
    });
  }

  /** rtpengine has the call no more. */
  lost(): void {
    this.#ended = true;
    this.#steps.length = 0;
  }

  /** What both relays did; resolves within a second. */
  async close(): Promise<MediaReport | null> {
    const { callId, inner, instance } = this.#parts;
    const known = !this.#ended;
    this.lost();
    instance.gaveUp(callId);
    const [report, query] = await Promise.all([
      inner.close(callId),
      known ? instance.ask(queryRequest(callId), QUERY_WAIT_MS).catch(() => null) : null,
    ]);
    // A call that is not deleted ends there by itself, when nobody has sent anything for rtpengine's `timeout`.
    if (known) instance.ask(deleteRequest(callId)).catch(() => undefined);
    return report === null || query === null ? report : withForwarded(report, query);
  }

  async #firstOffer(leg: RelayedLeg) {
    const { callId, instance, interfaces } = this.#parts;
    const { ownEnd: from, family } = leg;
    const exchange = { callId, from, to: null, sdp: leg.firstSdp(), nat: false, family };
    return leg.tookOutside(await instance.ask(offerRequest(exchange, leg.peerEnd, interfaces)));
  }

  /** rtpengine first, then the embedded plane, to which the peer is where rtpengine is. */
  #toldOf(leg: RelayedLeg, media: RemoteMedia, then: (seen: RemoteMedia) => void): void {
    this.#then(() => {
      const isNews = leg.describe(media);
      const mustComeBack = this.#path === 'direct' && (isNews || this.#hindrance() !== null);
      const telling = mustComeBack ? this.#comeBack() : isNews ? this.#tell(leg) : null;
      const rest = () => {
        then(leg.seenFromInside());
        return this.#coupleIfPossible();
      };
      return telling === null ? rest() : telling.then(rest).then(() => undefined);
    });
  }

  /** Couples Brusio's end with the peer's. Where the formats are those told before, one answer suffices. */
  async #tell(leg: RelayedLeg): Promise<void> {
    const { callId, instance, interfaces } = this.#parts;
    const { ownEnd: from, peerEnd: to, family } = leg;
    if (leg.needsOffer(this.#path === 'direct')) {
      const offer = { callId, from, to, sdp: leg.ownSdp(), nat: false, family };
      leg.tookOutside(await instance.ask(offerRequest(offer, to, interfaces)));
    }
    const answer = { callId, from, to, sdp: leg.peerSdp(), nat: leg.nat, family };
    leg.tookInside(await instance.ask(answerRequest(answer)));
  }

  async #comeBack(): Promise<void> {
    const { callId, inner } = this.#parts;
    await this.#tell(this.#dialer);
    await this.#tell(this.#callee);
    this.#path = 'through';
    inner.setDialer(callId, this.#dialer.seenFromInside());
    if (this.#bridge === 'relay') {
      inner.relay(callId, this.#callee.seenFromInside());
    } else {
      this.#heard = false;
      inner.connect(callId, this.#callee.seenFromInside());
    }
  }

  #coupleIfPossible(): Promise<void> | null {
    const { direct, onCoupled } = this.#parts;
    if (!direct || this.#path === 'direct' || this.#bridge === null || !this.#heard) return null;
    const why = this.#hindrance();
    if (why === null) return this.#couple();
    onCoupled(why);
    return null;
  }

  #hindrance(): Hindrance | null {
    const [dialer, callee] = [this.#dialer.media, this.#callee.media];
    return dialer === null || callee === null ? 'not-described' : hindrance(dialer, callee);
  }

  async #couple(): Promise<void> {
    const { callId, inner, instance, interfaces, onCoupled } = this.#parts;
    const between = { callId, from: 'dialer', to: 'callee' } as const;
    this.#path = 'direct';
    try {
      const { family } = this.#callee;
      const offer = { ...between, sdp: this.#dialer.peerSdp(), nat: this.#dialer.nat, family };
      this.#callee.tookOutside(await instance.ask(offerRequest(offer, 'callee', interfaces)));
      const back = { sdp: this.#callee.peerSdp(), nat: this.#callee.nat, family: this.#dialer.family };
      this.#dialer.tookOutside(await instance.ask(answerRequest({ ...between, ...back })));
    } catch {
      // Nobody knows how far it came: the way back sets both legs anew, and fails the call when that fails too.
      await this.#comeBack();
      return;
    }
    inner.standAside(callId);
    onCoupled(null);
  }

  #then(step: Step): void {
    if (this.#ended || this.#hasFailed) return;
    if (this.#steps.length >= STEPS_MAX) {
      this.#fail(`${STEPS_MAX} changes wait for rtpengine`);
      return;
    }
    this.#steps.push(step);
    this.#run();
  }

  /** A step that needs nothing of rtpengine is done in this turn. */
  #run(): void {
    while (!this.#waiting && !this.#ended) {
      const step = this.#steps.shift();
      if (step === undefined) return;
      const pending = this.#contained(step);
      if (pending === null) continue;
      this.#waiting = true;
      pending
        .catch((thrown) => this.#failed(thrown))
        .finally(() => {
          this.#waiting = false;
          this.#run();
        });
    }
  }

  #contained(step: Step): Promise<void> | null {
    try {
      return step();
    } catch (thrown) {
      this.#failed(thrown);
      return null;
    }
  }

  #failed(thrown: unknown): void {
    this.#fail(`rtpengine ${this.#parts.instance.name}: ${describeError(thrown)}`);
  }

  #fail(detail: string): void {
    if (this.#ended || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#steps.length = 0;
    this.#parts.onFailed(detail);
  }

  #done(action: () => void): null {
    action();
    return null;
  }
}

/** rtpengine received every packet of both peers; what it received and Brusio did not, it forwarded. */
function withForwarded(report: MediaReport, query: BencodedDictionary): MediaReport {
  const fromDialer = Math.max(report.packetsFromDialer, packetsFrom('dialer', query));
  const fromCallee = Math.max(report.packetsFromCallee, packetsFrom('callee', query));
  return {
    ...report,
    packetsFromDialer: fromDialer,
    packetsFromCallee: fromCallee,
    packetsToCallee: report.packetsToCallee + fromDialer - report.packetsFromDialer,
    packetsToDialer: report.packetsToDialer + fromCallee - report.packetsFromCallee,
  };
}
