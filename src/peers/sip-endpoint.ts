import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { newCounters } from '../sip/counters.ts';
import type { SipRequest } from '../sip/message/sip-message.ts';
import { formatHostPort } from '../sip/message/uri.ts';
import { randomTokens, type TokenSource } from '../sip/token-source.ts';
import type { ClientUser } from '../sip/transaction/client-transaction.ts';
import type { Hop } from '../sip/transaction/hop.ts';
import { createIngress } from '../sip/transaction/ingress.ts';
import { DEFAULT_SIP_TIMERS } from '../sip/transaction/sip-timers.ts';
import { timerQueue } from '../sip/transaction/timer-queue.ts';
import {
  createTransactionLayer,
  type TransactionLayer,
  type TransactionUser,
} from '../sip/transaction/transaction-layer.ts';
import { bindUdp, type UdpTransport } from '../sip/transport/udp-transport.ts';

/** A peer's SIP side: one UDP socket with the transactions of RFC 3261 on it. */
export type SipEndpoint = {
  readonly local: { readonly address: string; readonly port: number };
  readonly clock: Clock;
  readonly layer: TransactionLayer;
  readonly newToken: TokenSource;
  /** Our Contact URI with this user part. */
  contactUri(user: string): string;
  /** Sends a request that is no INVITE and gives the final status: 408 when nobody answered, 503 when it could not go. */
  ask(request: SipRequest, hop: Hop): Promise<number>;
  close(): Promise<void>;
};

/** What an endpoint is opened with. */
export type SipEndpointOptions = {
  readonly address: string;
  /** 0: a free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly user: TransactionUser;
  /** Asked for every datagram, in and out: true loses it. Default: a good network. */
  readonly isLost?: (() => boolean) | undefined;
};

/** Transactions alive at once: a peer of a demo or a test, not a load generator. */
const TRANSACTIONS_MAX = 10_000;

/** Binds the socket. Throws what `bindUdp` throws. */
export async function openSipEndpoint(options: SipEndpointOptions): Promise<SipEndpoint> {
  const { log, isLost = () => false } = options;
  const clock = timerQueue(options.clock);
  const counters = newCounters();
  const newToken = randomTokens();
  let transport: UdpTransport | null = null;
  let sentBy = '';
  const layer = createTransactionLayer(
    {
      clock,
      timers: DEFAULT_SIP_TIMERS,
      send: (octets, hop, failed) => {
        if (!isLost()) transport?.send(octets, hop, failed);
      },
      sentBy: () => sentBy,
      newToken,
      counters,
      transactionsMax: TRANSACTIONS_MAX,
    },
    options.user,
  );
  const ingress = createIngress({
    layer,
    counters,
    newToken,
    isAllowed: () => true,
    unlistedSource: 'silent',
    onContained: (thrown) => log.error({ error: describeError(thrown) }, 'peer: a message was not handled'),
  });
  transport = await bindUdp(options, {
    onMessage: (octets, source) => {
      if (!isLost()) ingress(octets, source);
    },
    onError: (error) => log.warn({ error: error.message }, 'peer: socket error'),
  });
  const local = transport.listener;
  sentBy = formatHostPort(local.address, local.port);

  return {
    local,
    clock,
    layer,
    newToken,
    contactUri: (user) => `sip:${user}@${sentBy}`,
    ask: (request, hop) =>
      new Promise((resolve) => {
        const user: ClientUser = {
          onResponse: (response) => {
            if (response.status >= 200) resolve(response.status);
          },
          onTimeout: () => resolve(408),
          onTransportFailure: () => resolve(503),
        };
        const transaction = layer.prepare(request, hop, user);
        if (transaction === null) resolve(503);
        else transaction.send(hop);
      }),
    async close() {
      layer.close();
      await transport.close();
    },
  };
}
