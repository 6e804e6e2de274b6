import type { Application, SendOutcome } from '../dialog/application.ts';
import type { Faces } from '../dialog/faces.ts';
import type { UserAgentClient } from '../dialog/user-agent-client.ts';
import type { UserAgentServer } from '../dialog/user-agent-server.ts';
import { parseOctetText } from '../message/parse-message.ts';
import { formatHostPort } from '../message/uri.ts';
import type { Listener } from '../transaction/hop.ts';
import { isWildcard } from '../transport/own-addresses.ts';
import {
  type ClientMessage,
  cdrMessage,
  inDialogMessage,
  nokMessage,
  noMessage,
  okMessage,
  readClientMessage,
  requestMessage,
  requestSentMessage,
  responseSentMessage,
  unsolicitedMessage,
} from './leader.ts';
import type { RoutingTable } from './routing-table.ts';
import { shownMessage } from './shown-message.ts';

/** drachtio-server's version whose behaviour this engine has; drachtio-srf decides by it what it may ask for. */
const VERSION = 'v0.9.10';

/** What a connection stands on. */
export type ControlContext = {
  readonly routes: RoutingTable<Application>;
  readonly client: UserAgentClient;
  readonly server: UserAgentServer;
  readonly newId: () => string;
  readonly time: () => string;
  readonly isSecret: (secret: string) => boolean;
  readonly faces: Faces;
};

/** What a connection asks of its socket. */
export type ControlOutlet = {
  /** `canWait`: a receipt, which may leave a little later, together with the next message. The order is kept. */
  write(message: string, canWait: boolean): void;
  /** Ends the connection once everything is written. */
  end(): void;
};

/** One application's connection, without its socket. */
export type ControlConnection = {
  readonly app: Application;
  /** One message of the client, without its frame. */
  receive(message: string): void;
  /** The socket is closed: nothing is delivered any more. */
  closed(): void;
};

/** Where a listener is bound; the address that peers know where it is bound to all. */
function bound(listener: Listener): Listener {
  return isWildcard(listener.address) ? { ...listener, address: listener.host } : listener;
}

/** The dialogue with one application (drachtio control protocol). */
export function createControlConnection(context: ControlContext, outlet: ControlOutlet): ControlConnection {
  const { routes, client, server, newId, time, faces } = context;
  const first = faces.all[0] as Listener;
  let isAuthenticated = false;
  let isGone = false;

  const write = (message: string, canWait = false) => {
    if (!isGone) outlet.write(message, canWait);
  };
  const refuseAndEnd = (id: string, reason: string) => {
    write(noMessage(newId(), id, reason));
    outlet.end();
  };

  const app: Application = {
    isGone: () => isGone,
    deliverRequest: (transactionId, request, source) =>
      write(requestMessage(newId(), source, bound(faces.facing(source)), time(), transactionId, shownMessage(request))),
    deliverInDialog: (transactionId, dialogId, request, source) =>
      write(inDialogMessage(newId(), source, time(), transactionId, dialogId, shownMessage(request))),
    deliverResponse: (transactionId, dialogId, response, source) =>
      write(inDialogMessage(newId(), source, time(), transactionId, dialogId, shownMessage(response))),
    deliverCdr: (kind, source, detail, message) =>
      write(cdrMessage(newId(), kind, source, time(), detail, shownMessage(message))),
    deliverUnsolicited: (dialogId, byeText, hop) => write(unsolicitedMessage(newId(), hop, time(), dialogId, byeText)),
  };

  const authenticate = (id: string, secret: string) => {
    if (!context.isSecret(secret)) {
      refuseAndEnd(id, 'incorrect secret');
      return;
    }
    isAuthenticated = true;
    const places = (address: (listener: Listener) => string) =>
      faces.all.map((one) => `${one.protocol}/${formatHostPort(address(one), one.port)}`).join(',');
    write(
      okMessage(
        newId(),
        id,
        places((one) => one.host),
        VERSION,
        places((one) => bound(one).address),
      ),
    );
  };

  const onSip = (message: Extract<ClientMessage, { type: 'sip' }>) => {
    const { id, text, transactionId, dialogId, proxy } = message;
    const parsed = parseOctetText(text, 'rest-of-input');
    if (!parsed.ok) {
      const startLine = text.slice(0, Math.max(0, text.indexOf('\r')));
      const isUri = parsed.problem.sentence.includes('request');
      write(nokMessage(newId(), id, isUri ? `invalid request-uri: ${startLine}` : parsed.problem.sentence));
      return;
    }
    const sip = parsed.value;
    if (sip.kind === 'response') {
      if (transactionId === '') refuseAndEnd(id, 'transaction id missing');
      else reply(id, server.respond(transactionId, sip));
    } else if (sip.method === 'CANCEL') {
      reply(id, client.cancel(transactionId, sip));
    } else if (sip.method === 'ACK') {
      reply(id, client.ack(dialogId, sip));
    } else if (dialogId === '') {
      reply(id, client.request(app, sip, proxy));
    } else {
      reply(id, client.requestInDialog(app, dialogId, sip));
    }
  };

  const reply = (id: string, outcome: SendOutcome) => {
    if (!outcome.ok) {
      write(nokMessage(newId(), id, outcome.reason));
      return;
    }
    const { transactionId, dialogId, text, peer } = outcome;
    const octets = outcome.isOnTheWire ? text.length : 0;
    write(
      peer === null
        ? requestSentMessage(newId(), id, octets, bound(outcome.listener ?? first), time(), transactionId, text)
        : responseSentMessage(newId(), id, octets, peer, time(), transactionId, dialogId, text),
      true,
    );
  };

  return {
    app,
    receive(text) {
      const message = readClientMessage(text);
      const { id } = message;
      if (message.type === 'authenticate') {
        authenticate(id, message.secret);
        return;
      }
      // Unlike drachtio-server, which serves whoever reaches its port.
      if (!isAuthenticated) {
        refuseAndEnd(id, 'not authenticated');
        return;
      }
      switch (message.type) {
        case 'route':
          routes.add(message.method, app);
          write(okMessage(newId(), id));
          break;
        case 'remove_route':
          routes.remove(message.method, app);
          write(okMessage(newId(), id));
          break;
        case 'ping':
          write(okMessage(newId(), id, 'pong'));
          break;
        case 'proxy':
          write(nokMessage(newId(), id, 'proxy not supported by embedded engine'));
          break;
        case 'sip':
          onSip(message);
          break;
        case 'unknown':
          refuseAndEnd(id, 'Unknown message type');
          break;
      }
    },
    closed() {
      isGone = true;
      routes.removeAll(app);
    },
  };
}
