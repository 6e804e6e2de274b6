import { responseTo } from '../message/build-response.ts';
import { uriOf } from '../message/name-addr.ts';
import { header, headerValue, listValues } from '../message/sip-message.ts';
import { isUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { dialogIdOf } from './dialog.ts';
import type { ServerCalls } from './server-calls.ts';
import { isTooBrief, SESSION_INTERVAL_MIN_S } from './session-interval.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Requests of the network outside all dialogs (RFC 3261 §8.2). */
export type RequestsOutside = { receive(transaction: ServerTransaction): void };

/** Methods that reach an application outside a dialog when it asked for them. */
const ROUTABLE = new Set([
  'INVITE',
  'REGISTER',
  'OPTIONS',
  'MESSAGE',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
  'REFER',
]);

/** Methods that mean nothing outside a dialog (RFC 3261 §15.1.2, RFC 3311, RFC 3262). */
const DIALOG_ONLY = new Set(['BYE', 'UPDATE', 'PRACK']);

/** Requests that are this element's own to answer, however far they have come: nobody passes them on. */
const ENDS_HERE = new Set(['OPTIONS', 'REGISTER', 'BYE', 'UPDATE', 'PRACK']);

const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, MESSAGE';

/** Makes the receiver of requests outside dialogs. */
export function createRequestsOutside(context: UserAgentContext, calls: ServerCalls): RequestsOutside {
  const { dialogs, counters } = context;

  const onInvite = (transaction: ServerTransaction) => {
    const { request, essentials, source } = transaction;
    const contact = headerValue(request, 'contact');
    if (contact === undefined || !isUri(uriOf(contact)) || essentials.fromTag === null) {
      calls.refuse(transaction, 400);
      return;
    }
    const dialogId = dialogIdOf(essentials.callId, essentials.fromTag);
    if (dialogs.pendingInvites.has(dialogId) || dialogs.byId(dialogId) !== undefined) {
      // Two calls cannot have this identity at once. (The same request over another path got 482 before.)
      calls.refuse(transaction, 491);
      return;
    }
    if (isTooBrief(request)) {
      calls.refuse(transaction, 422, [header('Min-SE', String(SESSION_INTERVAL_MIN_S))]);
      return;
    }
    if (dialogs.size() + dialogs.pendingInvites.size >= context.dialogsMax) {
      counters.dialogLimit++;
      context.onOverload?.('dialogsMax is reached');
      calls.refuse(transaction, 503, [header('Retry-After', '5')]);
      return;
    }
    const app = context.applications.next('INVITE');
    if (app === null) {
      counters.noApplication++;
      context.onOverload?.('no application is connected');
      calls.refuse(transaction, 503);
      return;
    }
    transaction.respond(responseTo(request, 100));
    const call = calls.track(transaction, app, dialogId, null);
    dialogs.pendingInvites.set(dialogId, call);
    app.deliverRequest(call.transactionId, request, source);
    context.cdr.attempt('network', request);
  };

  const onOther = (transaction: ServerTransaction) => {
    const { request, source } = transaction;
    const { method } = request;
    if (DIALOG_ONLY.has(method)) {
      calls.refuse(transaction, 481);
      return;
    }
    if (!ROUTABLE.has(method)) {
      calls.refuse(transaction, 501, [header('Allow', ALLOW)]);
      return;
    }
    const app = context.applications.next(method);
    if (app !== null) {
      app.deliverRequest(calls.track(transaction, app, '', null).transactionId, request, source);
    } else if (method === 'OPTIONS' && headerValue(request, 'require') !== undefined) {
      // Nobody but the engine answers, and it knows no extension (RFC 3261 §8.2.2.3).
      calls.refuse(transaction, 420, [header('Unsupported', listValues(request, 'require').join(', '))]);
    } else if (method === 'OPTIONS') {
      calls.refuse(transaction, 200, [header('Allow', ALLOW), header('Accept', 'application/sdp')]);
    } else {
      // Known, and nobody here does it (RFC 3261 §8.2.1); a real drachtio-server says 503, after which peers try again.
      const others = ALLOW.split(', ').filter((allowed) => allowed !== method);
      calls.refuse(transaction, 405, [header('Allow', others.join(', '))]);
    }
  };

  return {
    receive(transaction) {
      const { request } = transaction;
      if (!/^(?:sips?|tel):/i.test(request.uri)) calls.refuse(transaction, 416);
      else if (headerValue(request, 'max-forwards')?.trim() === '0' && !ENDS_HERE.has(request.method)) {
        // Whatever an application passes on would go round for ever (RFC 3261 §16.3, item 3): it need not be asked.
        calls.refuse(transaction, 483);
      } else if (transaction.request.method === 'INVITE') onInvite(transaction);
      else onOther(transaction);
    },
  };
}
