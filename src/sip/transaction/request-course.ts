import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import { type HeaderField, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { ClientTransaction, ClientUser } from './client-transaction.ts';
import type { Hop, Listener } from './hop.ts';
import { facingRequest, type IsOwn } from './own-contact.ts';
import type { TargetHealth } from './target-health.ts';
import type { TransactionLayer } from './transaction-layer.ts';

/** What a course stands on. */
export type CourseContext = {
  readonly clock: Clock;
  readonly layer: TransactionLayer;
  readonly health: TargetHealth;
  readonly facing: (hop: Hop) => Listener;
  readonly isOwn: IsOwn;
  /** The same place over TCP, for a request too large for UDP; null when there is no such way. */
  readonly streamTwin: (hop: Hop) => Hop | null;
  /** Octets of a request that still go over UDP (RFC 3261 §18.1.1). */
  readonly udpOctetsMax: number;
  /** A 2xx of a target that was given up: nobody waits for it any more. */
  readonly onLateAnswer: (response: SipResponse, essentials: Essentials, source: Hop) => void;
};

/**
 * A target that has said nothing at all, not even 100, for this long is given up when there is another one. RFC 3263 §4.3
 * would wait for Timer B or F; no caller stays 32 seconds in silence. The last target gets the whole time.
 */
export const TARGET_SILENCE_MS = 4_000;

/**
 * The same for a try over TCP that nobody asked for: firewalls drop what they do not know, and the caller waits.
 */
export const TWIN_SILENCE_MS = 1_500;

/**
 * A request on its way to the first of its targets that takes it (RFC 3263 §4.3): on 503, silence or a transport error
 * it goes to the next one, as a new transaction with a new branch. Before the first target is known it can only wait.
 */
export class RequestCourse {
  readonly #user: ClientUser;
  readonly #context: CourseContext;
  /** Without our Via. */
  #bare: SipRequest;
  #current: ClientTransaction;
  /** Whom the Via and Contact of the current transaction name. */
  #listener: Listener;
  #rest: readonly Hop[] = [];
  #hasProvisional = false;
  #isCalledOff = false;
  #silence: Timer | null = null;

  private constructor(
    request: SipRequest,
    user: ClientUser,
    context: CourseContext,
    first: ClientTransaction,
    listener: Listener,
  ) {
    this.#bare = request;
    this.#user = user;
    this.#context = context;
    this.#current = first;
    this.#listener = listener;
  }

  /** Prepares a request without Via for a hop of that kind; null when there is no room for another transaction. */
  static prepare(request: SipRequest, hop: Hop, user: ClientUser, context: CourseContext): RequestCourse | null {
    const first = context.layer.prepare(request, hop, {
      onResponse: (response, essentials, source) => course.#onResponse(first, response, essentials, source),
      onTimeout: () => course.#onFailure(first, 'timeout'),
      onTransportFailure: () => course.#onFailure(first, 'transport-failure'),
    });
    if (first === null) return null;
    const course = new RequestCourse(request, user, context, first, context.facing(hop));
    return course;
  }

  /** The request with our Via; only its method is left after `release`. */
  get request(): SipRequest {
    return this.#current.request;
  }

  /** The request as octet text, as it goes to the present target; '' after the final response. */
  get text(): string {
    return this.#current.text;
  }

  /** The listener it leaves from. */
  get listener(): Listener {
    return this.#listener;
  }

  /** Where the request went last; null before `send`. */
  get hop(): Hop | null {
    return this.#current.hop;
  }

  /** Sends the request to the first of these hops; at least one. */
  send(hops: readonly Hop[]): void {
    const targets = this.#context.health.inOrder(hops).flatMap((hop) => this.#waysTo(hop));
    const [first, ...rest] = targets;
    if (first === undefined) {
      this.fail();
      return;
    }
    this.#rest = rest;
    if (this.#listener === this.#context.facing(first)) this.#sendTo(this.#current, first);
    else this.#moveTo(first);
  }

  /** It cannot be sent: a name without address. */
  fail(): void {
    this.#rest = [];
    this.#current.fail();
  }

  /** From now on no other target is tried. */
  callOff(): void {
    this.#isCalledOff = true;
    this.#silence?.cancel();
    this.#silence = null;
  }

  /** Ends it; the user is told nothing more. */
  abandon(): void {
    this.callOff();
    this.#current.abandon();
  }

  /** Forgets the request: what only absorbs repetitions for half a minute needs none. */
  release(): void {
    this.callOff();
    this.#bare = { ...this.#bare, uri: '', headers: [], body: '' };
    this.#current.release();
  }

  /** The CANCEL of this INVITE (RFC 3261 §9.1). */
  cancelRequest(extra: readonly HeaderField[]): SipRequest {
    return this.#current.cancelRequest(extra);
  }

  /** Sends that CANCEL to where the INVITE went. */
  cancel(extra: readonly HeaderField[]): void {
    this.callOff();
    this.#context.layer.cancel(this.#current, extra);
  }

  #sendTo(transaction: ClientTransaction, hop: Hop): void {
    const { clock } = this.#context;
    if (this.#rest.length > 0) {
      const isTwin = hop.protocol === 'tcp' && this.#rest[0]?.protocol === 'udp' && this.#isTooLarge();
      const silenceMs = isTwin ? TWIN_SILENCE_MS : TARGET_SILENCE_MS;
      this.#silence = clock.setTimer(addMs(clock.monotonicMs(), silenceMs), () => {
        this.#silence = null;
        if (transaction !== this.#current || this.#hasProvisional) return;
        this.#context.health.failed(hop);
        // It is let be, but listened to: should it wake up, its INVITE is cancelled or its answer taken back.
        transaction.hush();
        this.#next();
      });
    }
    transaction.send(hop);
  }

  #next(): void {
    const [next, ...rest] = this.#rest;
    this.#rest = rest;
    if (next !== undefined) this.#moveTo(next);
  }

  #moveTo(hop: Hop): void {
    const { layer, facing, isOwn } = this.#context;
    const listener = facing(hop);
    const transaction = layer.prepare(facingRequest(this.#bare, isOwn, listener), hop, {
      onResponse: (response, essentials, source) => this.#onResponse(transaction, response, essentials, source),
      onTimeout: () => this.#onFailure(transaction, 'timeout'),
      onTransportFailure: () => this.#onFailure(transaction, 'transport-failure'),
    });
    if (transaction === null) {
      this.#rest = [];
      this.#user.onTransportFailure();
      return;
    }
    // The one prepared for a hop of another kind was never sent.
    if (this.#current.hop === null) this.#current.abandon();
    this.#current = transaction;
    this.#listener = listener;
    this.#sendTo(transaction, hop);
  }

  #onResponse(transaction: ClientTransaction | null, response: SipResponse, essentials: Essentials, source: Hop): void {
    const { health, layer, onLateAnswer } = this.#context;
    if (transaction === null) return;
    const { hop } = transaction;
    if (transaction !== this.#current) {
      if (response.status < 200) {
        if (essentials.cseq.method === 'INVITE') layer.cancel(transaction, []);
      } else if (response.status < 300 && essentials.cseq.method === 'INVITE') {
        onLateAnswer(response, essentials, source);
      }
      return;
    }
    this.#silence?.cancel();
    this.#silence = null;
    if (response.status === 503) {
      if (hop !== null) health.failed(hop, retryAfterMs(response));
      if (this.#mayMoveOn()) {
        this.#next();
        return;
      }
    } else if (hop !== null) {
      health.answered(hop);
    }
    if (response.status > 100) this.#hasProvisional = true;
    this.#user.onResponse(response, essentials, source);
  }

  #onFailure(transaction: ClientTransaction | null, kind: 'timeout' | 'transport-failure'): void {
    if (transaction === null || transaction !== this.#current) return;
    this.#silence?.cancel();
    this.#silence = null;
    if (transaction.hop !== null) this.#context.health.failed(transaction.hop);
    if (this.#mayMoveOn()) this.#next();
    else if (kind === 'timeout') this.#user.onTimeout();
    else this.#user.onTransportFailure();
  }

  #mayMoveOn(): boolean {
    return this.#rest.length > 0 && !this.#isCalledOff && !this.#hasProvisional;
  }

  #isTooLarge(): boolean {
    return this.#current.text.length > this.#context.udpOctetsMax;
  }

  /** The hop itself, and before it its TCP twin when the request is too large for UDP (RFC 3261 §18.1.1). */
  #waysTo(hop: Hop): readonly Hop[] {
    if (hop.protocol !== 'udp' || !this.#isTooLarge()) return [hop];
    const twin = this.#context.streamTwin(hop);
    return twin === null || this.#context.health.isAvoided(twin) ? [hop] : [twin, hop];
  }
}

/** The delta-seconds of Retry-After (RFC 3261 §20.33) in ms; 0 for none. */
function retryAfterMs(response: SipResponse): number {
  const seconds = /^\d{1,6}/.exec(headerValue(response, 'retry-after') ?? '')?.[0];
  return seconds === undefined ? 0 : Number(seconds) * 1_000;
}
