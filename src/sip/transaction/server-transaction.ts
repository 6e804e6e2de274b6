import type { Essentials } from '../message/essentials.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { TransactionContext } from './client-transaction.ts';
import { DueTimer } from './due-timer.ts';
import { type Hop, isReliable } from './hop.ts';
import {
  INVITE_SERVER_START,
  type InviteServerState,
  inviteServerDueAtMs,
  type ServerEvent,
  stepInviteServer,
} from './invite-server.ts';
import {
  NON_INVITE_SERVER_START,
  type NonInviteServerState,
  nonInviteServerDueAtMs,
  stepNonInviteServer,
} from './non-invite-server.ts';
import { NEVER } from './sip-timers.ts';

/** What the layer wants to hear of a server transaction. */
export type ServerHooks = {
  onEnded(): void;
  /** An ACK that came with the branch of an INVITE answered with 2xx: some peers do that (RFC 6026 §7.1). */
  onAck(ack: SipRequest, essentials: Essentials, source: Hop): void;
};

/** A server transaction with its record: the pure machine's state, and the last response. */
export class ServerTransaction {
  /** Where the request came from and the responses go (RFC 3581 §4). */
  readonly source: Hop;
  readonly #context: TransactionContext;
  readonly #hooks: ServerHooks;
  readonly #isInvite: boolean;
  #request: SipRequest;
  #essentials: Essentials;
  #state: InviteServerState | NonInviteServerState;
  #last: Buffer | null = null;
  #lastStatus = 0;
  readonly #timer: DueTimer;

  constructor(
    request: SipRequest,
    essentials: Essentials,
    source: Hop,
    context: TransactionContext,
    hooks: ServerHooks,
  ) {
    this.#request = request;
    this.#essentials = essentials;
    this.#isInvite = request.method === 'INVITE';
    this.source = source;
    this.#context = context;
    this.#timer = new DueTimer(context.clock, () => this.#step('due'));
    this.#hooks = hooks;
    this.#state = request.method === 'INVITE' ? INVITE_SERVER_START : NON_INVITE_SERVER_START;
  }

  /** The request; only its method is left after `release`. */
  get request(): SipRequest {
    return this.#request;
  }

  /** The request's essentials; empty after `release`. */
  get essentials(): Essentials {
    return this.#essentials;
  }

  /** Forgets the request: a transaction that only repeats its final response for half a minute needs none. */
  release(): void {
    this.#request = { kind: 'request', method: this.#request.method, uri: '', headers: [], body: '' };
    this.#essentials = NO_ESSENTIALS;
  }

  /** The state's name in RFC 3261. */
  get stateName(): string {
    return this.#state.name;
  }

  /** The status of the last response sent; 0 for none. */
  get lastStatus(): number {
    return this.#lastStatus;
  }

  /**
   * Sends a response and returns it as octet text. Null when it is too late for it: a final response was sent, or the
   * transaction is over. The 2xx to an INVITE may be sent again and again: that is its user's duty (§13.3.1.4).
   */
  respond(response: SipResponse): string | null {
    const text = serializeMessage(response);
    const before = this.#last;
    this.#last = toOctets(text);
    const event = response.status < 200 ? 'provisional' : response.status < 300 ? 'success' : 'failure';
    if (!this.#step(event)) {
      this.#last = before;
      return null;
    }
    this.#lastStatus = response.status;
    return text;
  }

  /** The last response once more: what the user of a 2xx asks for until the ACK comes (§13.3.1.4). */
  resend(): void {
    this.#context.onRetransmit();
    this.#step('success');
  }

  /** The same request once more. */
  receiveAgain(): void {
    this.#step('request');
  }

  /** An ACK that matches this INVITE. */
  receiveAck(ack: SipRequest, essentials: Essentials, source: Hop): void {
    this.#step('ack', { ack, essentials, source });
  }

  /** Ends the transaction without a word. */
  abandon(): void {
    this.#end();
  }

  #step(event: ServerEvent, ack?: { ack: SipRequest; essentials: Essentials; source: Hop }): boolean {
    const { clock, timers, send } = this.#context;
    const reliable = isReliable(this.source);
    const nowMs = clock.monotonicMs();
    const step = this.#isInvite
      ? stepInviteServer(this.#state as InviteServerState, event, nowMs, timers, reliable)
      : stepNonInviteServer(this.#state as NonInviteServerState, event, nowMs, timers, reliable);
    this.#state = step.state;
    if (step.state.name === 'terminated') this.#end();
    else this.#arm();
    let accepted = true;
    for (const effect of step.effects) {
      switch (effect) {
        case 'send-response':
          if (event === 'due' || event === 'request') this.#context.onRetransmit();
          if (this.#last !== null) send(this.#last, this.source, () => undefined);
          break;
        case 'deliver-ack':
          if (ack !== undefined) this.#hooks.onAck(ack.ack, ack.essentials, ack.source);
          break;
        case 'report-no-ack':
          // A failure that nobody acknowledged in 64*T1: the call is over either way (§17.2.1, Timer H).
          break;
        case 'refuse-response':
          accepted = false;
          break;
      }
    }
    return accepted;
  }

  #arm(): void {
    const dueAtMs = this.#isInvite
      ? inviteServerDueAtMs(this.#state as InviteServerState)
      : nonInviteServerDueAtMs(this.#state as NonInviteServerState);
    this.#timer.keepAt(dueAtMs);
  }

  #end(): void {
    this.#state = { name: 'terminated' };
    this.#timer.keepAt(NEVER);
    this.#hooks.onEnded();
  }
}

const NO_ESSENTIALS: Essentials = {
  via: { text: '', transport: '', host: '', port: null, branch: '' },
  callId: '',
  cseq: { number: 0, method: '' },
  fromTag: null,
  toTag: null,
};
