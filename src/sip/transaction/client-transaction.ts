import type { Clock } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { type HeaderField, header, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { ackOfFailure, cancelOf } from './derived-request.ts';
import { DueTimer } from './due-timer.ts';
import { type Hop, isReliable, type SendOctets } from './hop.ts';
import {
  type ClientEvent,
  type InviteClientState,
  inviteClientDueAtMs,
  startInviteClient,
  stepInviteClient,
} from './invite-client.ts';
import {
  type NonInviteClientState,
  nonInviteClientDueAtMs,
  startNonInviteClient,
  stepNonInviteClient,
} from './non-invite-client.ts';
import { NEVER, type SipTimers } from './sip-timers.ts';

/** What a client transaction tells its user; each of the last two ends it, and only one of them is called. */
export type ClientUser = {
  /** Every provisional, the first final, and for an INVITE every 2xx, repeated ones and those of other forks too. */
  onResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
  /** Timer B or F: nobody answered in 64*T1 (treat as 408, RFC 3261 §8.1.3.1). */
  onTimeout(): void;
  /** The request could not be sent (treat as 503, §8.1.3.1). */
  onTransportFailure(): void;
};

/** What the transaction layer lends to its transactions. */
export type TransactionContext = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly send: SendOctets;
  onRetransmit(): void;
  /** A request is sent again because its hop has said nothing at all. */
  onSilence(hop: Hop): void;
};

/** A client transaction with its record: the pure machine's state, and what it sends. */
export class ClientTransaction {
  readonly #user: ClientUser;
  readonly #context: TransactionContext;
  readonly #onEnded: () => void;
  #state: InviteClientState | NonInviteClientState | { readonly name: 'unsent' } = { name: 'unsent' };
  readonly #isInvite: boolean;
  #request: SipRequest;
  #text: string;
  #hop: Hop | null = null;
  #octets: Buffer | null = null;
  #ack: Buffer | null = null;
  #isHushed = false;
  #wasSentAgain = false;
  readonly #timer: DueTimer;

  constructor(request: SipRequest, user: ClientUser, context: TransactionContext, onEnded: () => void) {
    this.#request = request;
    this.#text = serializeMessage(request);
    this.#isInvite = request.method === 'INVITE';
    this.#user = user;
    this.#context = context;
    this.#timer = new DueTimer(context.clock, () => this.#step('due'));
    this.#onEnded = onEnded;
  }

  /** The request with our Via; only its method is left after `release`. */
  get request(): SipRequest {
    return this.#request;
  }

  /** The request as octet text, exactly as it goes on the wire; '' after the final response. */
  get text(): string {
    return this.#text;
  }

  /** Forgets the request: a transaction that only absorbs repetitions for half a minute needs none. */
  release(): void {
    this.#request = { ...NO_REQUEST, method: this.#request.method };
  }

  /** `unsent`, or the state's name in RFC 3261. */
  get stateName(): string {
    return this.#state.name;
  }

  /** Where the request went; null before `send`. */
  get hop(): Hop | null {
    return this.#hop;
  }

  /** Sends the request and starts the machine. */
  send(hop: Hop): void {
    if (this.#state.name !== 'unsent') return;
    const nowMs = this.#context.clock.monotonicMs();
    const reliable = isReliable(hop);
    this.#hop = hop;
    this.#octets = toOctets(this.#text);
    this.#state = this.#isInvite
      ? startInviteClient(nowMs, this.#context.timers, reliable)
      : startNonInviteClient(nowMs, this.#context.timers, reliable);
    this.#arm();
    this.#context.send(this.#octets, hop, () => this.fail());
  }

  /** A response that matches this transaction. */
  receive(response: SipResponse, essentials: Essentials, source: Hop): void {
    const event = response.status < 200 ? 'provisional' : response.status < 300 ? 'success' : 'failure';
    this.#step(event, response, essentials, source);
  }

  /** The request cannot reach its destination: a transport error, an ICMP message, a name without address. */
  fail(): void {
    if (this.#state.name === 'unsent') {
      this.#end();
      this.#user.onTransportFailure();
    } else {
      this.#step('transport-failed');
    }
  }

  /** Ends an INVITE whose CANCEL led to no final response (RFC 3261 §9.1); the user is told nothing more. */
  abandon(): void {
    if (this.#state.name === 'unsent') this.#end();
    else this.#step('abandon');
  }

  /**
   * The connection it was sent over is gone before anything was heard (RFC 3261 §18.4). Sends it over a new one, once: the
   * old one may have been closed while the request was on its way (RFC 5923 §1 keeps connections for long). False: it has
   * been done already.
   */
  sendAgain(): boolean {
    if (this.#hop === null || this.#octets === null || this.#wasSentAgain) return false;
    this.#wasSentAgain = true;
    this.#context.onRetransmit();
    this.#context.send(this.#octets, this.#hop, () => this.fail());
    return true;
  }

  /** Says nothing more of its own accord, but still hears what comes. */
  hush(): void {
    this.#isHushed = true;
  }

  /** The CANCEL of this INVITE, to be sent with its Via, so without a new one (RFC 3261 §9.1). */
  cancelRequest(extra: readonly HeaderField[]): SipRequest {
    return cancelOf(this.#request, extra);
  }

  #step(event: ClientEvent, response?: SipResponse, essentials?: Essentials, source?: Hop): void {
    const { clock, timers, send } = this.#context;
    const state = this.#state;
    const hop = this.#hop;
    if (state.name === 'unsent' || hop === null) return;
    const nowMs = clock.monotonicMs();
    const step = this.#isInvite
      ? stepInviteClient(state as InviteClientState, event, nowMs, timers, isReliable(hop))
      : stepNonInviteClient(state as NonInviteClientState, event, nowMs, timers, isReliable(hop));
    this.#state = step.state;
    if (step.state.name === 'terminated') this.#end();
    else this.#arm();
    if (step.state.name === 'completed' || step.state.name === 'accepted') {
      this.#octets = null;
      this.#text = '';
    }
    for (const effect of step.effects) {
      switch (effect) {
        case 'send-request':
          if (this.#isHushed) break;
          this.#context.onRetransmit();
          if (this.#octets !== null) send(this.#octets, hop, () => this.fail());
          if (step.state.name === 'calling' || step.state.name === 'trying') this.#context.onSilence(hop);
          break;
        case 'send-ack':
          // A repeated failure gets the very same ACK, whatever To tag it claims now.
          if (this.#ack === null && response !== undefined) {
            this.#ack = toOctets(serializeMessage(ackOfFailure(this.#request, response)));
          }
          if (this.#ack !== null) send(this.#ack, hop, () => this.fail());
          break;
        case 'deliver-response':
          if (response !== undefined && essentials !== undefined && source !== undefined) {
            this.#user.onResponse(response, essentials, source);
          }
          break;
        case 'report-timeout':
          this.#user.onTimeout();
          break;
        case 'report-transport-failure':
          this.#user.onTransportFailure();
          break;
      }
    }
  }

  #arm(): void {
    const state = this.#state;
    if (state.name === 'unsent') return;
    const dueAtMs = this.#isInvite
      ? inviteClientDueAtMs(state as InviteClientState)
      : nonInviteClientDueAtMs(state as NonInviteClientState);
    this.#timer.keepAt(dueAtMs);
  }

  #end(): void {
    this.#state = { name: 'terminated' };
    this.#timer.keepAt(NEVER);
    this.#onEnded();
  }
}

const NO_REQUEST: SipRequest = { kind: 'request', method: '', uri: '', headers: [], body: '' };

/** The request with our Via on top of all others, and Max-Forwards if it has none (RFC 3261 §8.1.1). */
export function withVia(request: SipRequest, via: string): SipRequest {
  const headers: HeaderField[] = [header('Via', via)];
  if (!request.headers.some((field) => field.key === 'max-forwards')) headers.push(header('Max-Forwards', '70'));
  headers.push(...request.headers);
  return { ...request, headers };
}
