import type { Clock } from '../base/clock.ts';
import type { Counters } from './counters.ts';
import type { Application, Applications } from './dialog/application.ts';
import { createCdr } from './dialog/cdr.ts';
import { createDialogTable, type DialogTable } from './dialog/dialog-table.ts';
import type { Faces } from './dialog/faces.ts';
import type { Locator } from './dialog/location.ts';
import { createOrphans } from './dialog/orphans.ts';
import { createServerCalls } from './dialog/server-calls.ts';
import { createUserAgentClient, type UserAgentClient } from './dialog/user-agent-client.ts';
import type { UserAgentContext } from './dialog/user-agent-context.ts';
import { createUserAgentServer, type UserAgentServer } from './dialog/user-agent-server.ts';
import { formatHostPort } from './message/uri.ts';
import type { OverloadReason } from './refusal-notices.ts';
import type { TokenSource } from './token-source.ts';
import type { Hop, SendOctets } from './transaction/hop.ts';
import { createIngress, type Ingress, type UnlistedSource } from './transaction/ingress.ts';
import type { SipTimers } from './transaction/sip-timers.ts';
import { createTargetHealth } from './transaction/target-health.ts';
import { createTransactionLayer, type TransactionLayer } from './transaction/transaction-layer.ts';

/** What the core needs of the world. */
export type CoreOptions = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly send: SendOctets;
  readonly applications: Applications;
  readonly locator: Locator;
  readonly newToken: TokenSource;
  readonly counters: Counters;
  readonly faces: Faces;
  readonly isOpen: (hop: Hop) => boolean;
  readonly udpOctetsMax: number;
  readonly isSelf: (hop: Hop) => boolean;
  readonly isAllowed: (address: string) => boolean;
  readonly unlistedSource: UnlistedSource;
  readonly transactionsMax: number;
  readonly dialogsMax: number;
  readonly userAgent: string | null;
  readonly onSilence?: (hop: Hop) => void;
  readonly onOverload?: (reason: OverloadReason) => void;
  readonly onContained: (thrown: unknown) => void;
};

/** Ingress, transactions and dialogs wired together, without sockets and without a control port. */
export type Core = {
  readonly receive: Ingress;
  readonly client: UserAgentClient;
  readonly server: UserAgentServer;
  readonly dialogs: DialogTable;
  readonly layer: TransactionLayer;
  /** A connection is lost: its pending requests end now, its calls after the grace period. */
  onAppGone(app: Application, graceMs: number): void;
};

/** Wires a core. */
export function createCore(options: CoreOptions): Core {
  const { faces, clock } = options;
  // Made once: every message has a Via.
  const sentBy = new Map(faces.all.map((listener) => [listener, formatHostPort(listener.host, listener.port)]));
  const layer = createTransactionLayer(
    {
      ...options,
      sentBy: (hop) => sentBy.get(faces.facing(hop)) ?? '',
      passesLimit: ({ method }, { callId, toTag, fromTag }) =>
        method === 'BYE' && dialogs.byTags(callId, toTag ?? '', fromTag ?? '') !== undefined,
    },
    {
      onRequest: (transaction) => server.onRequest(transaction),
      onCancel: (cancel, invite) => server.onCancel(cancel, invite),
      onAck: (ack, essentials, source) => server.onAck(ack, essentials, source),
      onStrayResponse: (response, essentials, source) => client.onStrayResponse(response, essentials, source),
    },
  );
  const dialogs = createDialogTable();
  const context: UserAgentContext = {
    ...options,
    layer,
    dialogs,
    health: createTargetHealth(clock),
    cdr: createCdr(options.applications),
  };
  const serverCalls = createServerCalls(context);
  const client = createUserAgentClient(context, serverCalls);
  const server = createUserAgentServer(context, serverCalls, client);
  const orphans = createOrphans(context, client);
  const receive = createIngress({ ...options, layer });
  return {
    receive,
    client,
    server,
    dialogs,
    layer,
    onAppGone(app, graceMs) {
      server.onAppGone(app);
      client.onAppGone(app);
      orphans.onAppGone(app, graceMs);
    },
  };
}
