import type { Clock } from '../../base/clock.ts';
import type { Counters } from '../counters.ts';
import { responseTo } from '../message/build-response.ts';
import type { Essentials } from '../message/essentials.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { type HeaderField, header, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { MAGIC_COOKIE } from '../message/via.ts';
import type { OverloadReason } from '../refusal-notices.ts';
import type { TokenSource } from '../token-source.ts';
import { ClientTransaction, type ClientUser, type TransactionContext, withVia } from './client-transaction.ts';
import { defaultPort, type Hop, isReliable, type SendOctets } from './hop.ts';
import { clientKey, identityOf, serverKey } from './matching.ts';
import { ServerTransaction } from './server-transaction.ts';
import type { SipTimers } from './sip-timers.ts';

/** Who uses the transactions: the dialogs of the engine, or a test peer (RFC 3261 §5, "transaction user"). */
export type TransactionUser = {
  /** A new request, each once; never ACK or CANCEL. */
  onRequest(transaction: ServerTransaction): void;
  /** A CANCEL and the INVITE it means, null when there is none; the user answers both (RFC 3261 §9.2). */
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | null): void;
  /** An ACK that belongs to no failure of ours: the ACK of a 2xx, or a stray one. Repeated ones too. */
  onAck(ack: SipRequest, essentials: Essentials, source: Hop): void;
  /** A response that matches no transaction: a late 2xx, or a stray one. */
  onStrayResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
};

/** What the layer stands on. */
export type TransactionLayerOptions = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly send: SendOctets;
  /** `host:port` for the Via of what we send to this hop. */
  readonly sentBy: (hop: Hop) => string;
  readonly newToken: TokenSource;
  readonly counters: Counters;
  /**
   * Server and client transactions alive at once; over it new requests get 503, and `prepare` gives null. CANCEL and our own
   * BYE pass all the same: refused, they would leave a call standing.
   */
  readonly transactionsMax: number;
  /** Which other requests of the network pass over that limit: the BYE of a dialog that is there. */
  readonly passesLimit?: (request: SipRequest, essentials: Essentials) => boolean;
  /** A request is sent again because its hop has said nothing at all. */
  readonly onSilence?: (hop: Hop) => void;
  /** A request was refused with 503. */
  readonly onOverload?: (reason: OverloadReason) => void;
};

/** All transactions of one element, matched and driven (RFC 3261 §17). */
export type TransactionLayer = {
  /** A readable request with `received` and `rport` on its Via. */
  receiveRequest(request: SipRequest, essentials: Essentials, source: Hop): void;
  receiveResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
  /** Whether a request of ours with this branch is under way, so that whoever answers it may speak. */
  isAwaited(branch: string): boolean;
  /** A client transaction for any request but ACK and CANCEL, not yet sent: the caller calls its `send` with that hop. */
  prepare(request: SipRequest, hop: Hop, user: ClientUser): ClientTransaction | null;
  /** Starts the CANCEL of an INVITE as a transaction of its own (§9.1). Its outcome is of no interest to anybody. */
  cancel(invite: ClientTransaction, extra: readonly HeaderField[]): SipRequest | null;
  /** Adds a Via to a request that has no transaction: the ACK of a 2xx (§13.2.2.4). */
  withNewVia(request: SipRequest, hop: Hop): SipRequest;
  /** Sends a message outside all transactions; returns it as octet text. */
  sendStateless(message: SipRequest | SipResponse, hop: Hop): string;
  /** The same for what was sent before. */
  sendOctets(octets: Buffer, hop: Hop): void;
  /** Fails every client transaction to that hop that has heard nothing yet. */
  hopUnreachable(hop: Hop): void;
  /** A connection to that peer is gone: what it was to answer first is sent again over a new one, or fails (§18.4). */
  connectionLost(peer: Hop): void;
  /** Transactions alive. */
  size(): number;
  /** Ends everything without a word. */
  close(): void;
};

/** Makes the transactions of one element. */
export function createTransactionLayer(options: TransactionLayerOptions, user: TransactionUser): TransactionLayer {
  const { counters, newToken, sentBy, transactionsMax } = options;
  const clients = new Map<string, ClientTransaction>();
  const servers = new Map<string, ServerTransaction>();
  /** Client transactions by branch: an INVITE and its CANCEL share one. */
  const branches = new Map<string, number>();
  const context: TransactionContext = {
    clock: options.clock,
    timers: options.timers,
    send(octets, hop, failed) {
      counters.sent++;
      options.send(octets, hop, failed);
    },
    onRetransmit: () => void counters.retransmitted++,
    onSilence: options.onSilence ?? (() => undefined),
  };

  /** Requests outside dialogs that have no failure yet, to tell those that come again over another path (§8.2.2.2). */
  const ongoing = new Map<string, ServerTransaction>();

  const isFull = () => clients.size + servers.size >= transactionsMax;
  const newVia = (hop: Hop, branch: string) =>
    // A TLS peer may call us over the connection that we opened (RFC 5923 §5).
    `SIP/2.0/${hop.protocol.toUpperCase()} ${sentBy(hop)};rport;branch=${branch}${hop.protocol === 'tls' ? ';alias' : ''}`;

  const startClient = (key: string, request: SipRequest, clientUser: ClientUser) => {
    const branch = key.slice(0, key.indexOf(' '));
    const transaction = new ClientTransaction(request, clientUser, context, () => {
      if (!clients.delete(key)) return;
      const others = (branches.get(branch) ?? 0) - 1;
      if (others > 0) branches.set(branch, others);
      else branches.delete(branch);
    });
    clients.set(key, transaction);
    branches.set(branch, (branches.get(branch) ?? 0) + 1);
    return transaction;
  };

  const startServer = (key: string, request: SipRequest, essentials: Essentials, from: Hop, identity: string) => {
    // When the connection is gone, its answer goes to where the Via says (§18.2.2).
    const returnPort = essentials.via.port ?? defaultPort(from.protocol);
    const source = isReliable(from) ? { ...from, returnPort } : from;
    const transaction = new ServerTransaction(request, essentials, source, context, {
      onEnded() {
        servers.delete(key);
        if (identity !== '' && ongoing.get(identity) === transaction) ongoing.delete(identity);
      },
      onAck: user.onAck,
    });
    servers.set(key, transaction);
    return transaction;
  };

  /** The same request over another path: a proxy forked it, or it went in a circle (§8.2.2.2). */
  const isMerged = (identity: string): boolean => {
    const other = identity === '' ? undefined : ongoing.get(identity);
    return other !== undefined && other.lastStatus < 300;
  };

  const sendStateless = (message: SipRequest | SipResponse, hop: Hop) => {
    const text = serializeMessage(message);
    context.send(toOctets(text), hop, () => undefined);
    return text;
  };

  return {
    receiveRequest(request, essentials, source) {
      if (request.method === 'ACK') {
        const invite = servers.get(serverKey(request, essentials, 'INVITE'));
        if (invite === undefined) user.onAck(request, essentials, source);
        else invite.receiveAck(request, essentials, source);
        return;
      }
      const key = serverKey(request, essentials);
      const known = servers.get(key);
      if (known !== undefined) {
        known.receiveAgain();
        return;
      }
      if (isFull() && request.method !== 'CANCEL' && options.passesLimit?.(request, essentials) !== true) {
        counters.transactionLimit++;
        options.onOverload?.('transactionsMax is reached');
        sendStateless(responseTo(request, 503, { toTag: newToken(), headers: [header('Retry-After', '5')] }), source);
        return;
      }
      if (request.method === 'CANCEL') {
        const cancel = startServer(key, request, essentials, source, '');
        user.onCancel(cancel, servers.get(serverKey(request, essentials, 'INVITE')) ?? null);
        return;
      }
      const identity = identityOf(request, essentials);
      if (isMerged(identity)) {
        counters.merged++;
        const merged = startServer(key, request, essentials, source, '');
        merged.respond(responseTo(request, 482, { toTag: newToken() }));
        merged.release();
        return;
      }
      const transaction = startServer(key, request, essentials, source, identity);
      if (identity !== '') ongoing.set(identity, transaction);
      user.onRequest(transaction);
    },

    receiveResponse(response, essentials, source) {
      const transaction = clients.get(clientKey(essentials.via.branch, essentials.cseq.method));
      if (transaction === undefined) user.onStrayResponse(response, essentials, source);
      else transaction.receive(response, essentials, source);
    },

    isAwaited: (branch) => branches.has(branch),

    prepare(request, hop, clientUser) {
      if (isFull() && request.method !== 'BYE') {
        counters.transactionLimit++;
        return null;
      }
      const branch = MAGIC_COOKIE + newToken();
      return startClient(clientKey(branch, request.method), withVia(request, newVia(hop, branch)), clientUser);
    },

    cancel(invite, extra) {
      const request = invite.cancelRequest(extra);
      if (invite.hop === null) return null;
      const branch = /;branch=([^;]*)/.exec(invite.request.headers[0]?.value ?? '')?.[1] ?? '';
      const key = clientKey(branch, 'CANCEL');
      if (!clients.has(key)) startClient(key, request, INDIFFERENT).send(invite.hop);
      return request;
    },

    withNewVia: (request, hop) => withVia(request, newVia(hop, MAGIC_COOKIE + newToken())),
    sendStateless,
    sendOctets: (octets, hop) => context.send(octets, hop, () => undefined),

    hopUnreachable(hop) {
      for (const transaction of [...clients.values()]) {
        const { hop: to, stateName } = transaction;
        if (to === null || to.protocol !== hop.protocol || to.address !== hop.address || to.port !== hop.port) continue;
        if (stateName === 'calling' || stateName === 'trying') transaction.fail();
      }
    },

    connectionLost(peer) {
      for (const transaction of [...clients.values()]) {
        const { hop, stateName } = transaction;
        if (hop === null || !wentTo(hop, peer)) continue;
        if ((stateName === 'calling' || stateName === 'trying') && !transaction.sendAgain()) transaction.fail();
      }
    },

    size: () => clients.size + servers.size,

    close() {
      for (const transaction of [...clients.values()]) transaction.abandon();
      for (const transaction of [...servers.values()]) transaction.abandon();
    },
  };
}

function wentTo(hop: Hop, peer: Hop): boolean {
  if (hop.protocol !== peer.protocol || hop.address !== peer.address) return false;
  if (hop.connection !== undefined && hop.connection === peer.connection) return true;
  return (hop.returnPort ?? hop.port) === peer.port;
}

const INDIFFERENT: ClientUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onTransportFailure: () => undefined,
};
