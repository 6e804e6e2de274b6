import { responseTo } from '../message/build-response.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { type CourseContext, RequestCourse } from '../transaction/request-course.ts';
import type { AnswerAcknowledgement } from './answer-acknowledgement.ts';
import type { Application, SendOutcome } from './application.ts';
import type { ClientCall, Dialog } from './dialog.ts';
import { firstHop, type Location } from './location.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** What a request of ours does with what comes back. */
export type ClientCallUser = {
  onResponse(call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): void;
  /** Its final response is known, from the network or made up; it is not delivered yet. */
  onFinal(call: ClientCall, status: number): void;
};

/** Requests on their way: each is tracked from the application's wish to its one final response. */
export type ClientCalls = {
  /** A request ready to be sent; null at the limit of transactions. */
  track(
    app: Application,
    request: SipRequest,
    location: Location,
    dialogId: string,
    dialog: Dialog | null,
    user: ClientCallUser,
  ): ClientCall | null;
  /** Sends it to the first target that takes it, now or once its name is looked up. */
  launch(call: ClientCall, location: Location): void;
  /** Forgets a request whose final response is in. */
  end(call: ClientCall): void;
  /** Ends a request with a response of our own: 408, 503, 487. */
  synthesize(call: ClientCall, status: number): void;
  /** Tells the application a final response of our own, for a request that has ended otherwise. */
  deliverOwn(call: ClientCall, status: number): void;
};

/** Makes the book of requests on their way. */
export function createClientCalls(context: UserAgentContext, acks: AnswerAcknowledgement): ClientCalls {
  const { clock, dialogs, newToken, faces, counters } = context;
  const courses: CourseContext = {
    ...context,
    facing: faces.facing,
    isOwn: faces.isOwn,
    streamTwin(hop) {
      // Only of a place that a URI named: the source of a datagram is no place to connect to.
      const twin: Hop = { ...hop, protocol: 'tcp' };
      return hop.listener === undefined && faces.facing(twin).protocol === 'tcp' ? twin : null;
    },
    onLateAnswer(response, essentials, source) {
      counters.forkedAnswers++;
      acks.dismiss(response, essentials, source, 'another target was called');
    },
  };

  const end = (call: ClientCall) => {
    call.isEnded = true;
    call.timer?.cancel();
    call.timer = null;
    dialogs.clientCalls.delete(call.transactionId);
    if (call.dialog?.clientInvite === call) call.dialog.clientInvite = null;
    if (call.dialog?.clientUpdate === call) call.dialog.clientUpdate = null;
    if (dialogs.pendingClientInvites.get(call.dialogId) === call) dialogs.pendingClientInvites.delete(call.dialogId);
  };

  const synthesize = (call: ClientCall, status: number) => {
    if (call.isEnded) return;
    end(call);
    dialogs.endForks(call);
    call.user.onFinal(call, status);
    deliverOwn(call, status);
  };

  const deliverOwn = (call: ClientCall, status: number) => {
    const response = responseTo(call.transaction.request, status, { toTag: newToken() });
    call.transaction.release();
    call.app.deliverResponse(call.transactionId, call.dialogId, response, null);
    if (call.method !== 'INVITE' || call.dialog !== null) return;
    context.cdr.stop('application', status === 487 ? 'call-canceled' : 'call-rejected', response);
  };

  return {
    track(app, request, location, dialogId, dialog, user) {
      const transactionId = newToken();
      const told = {
        onResponse: (response: SipResponse, essentials: Essentials, source: Hop) =>
          user.onResponse(call, response, essentials, source),
        onTimeout: () => synthesize(call, 408),
        onTransportFailure: () => synthesize(call, 503),
      };
      const transaction = RequestCourse.prepare(request, firstHop(location), told, courses);
      if (transaction === null) return null;
      const call: ClientCall = {
        transactionId,
        transaction,
        app,
        method: request.method,
        dialogId,
        dialog,
        user,
        forks: null,
        latestFork: null,
        answerTag: null,
        sentAck: null,
        hasProvisional: false,
        cancel: null,
        timer: null,
        isEnded: false,
      };
      dialogs.clientCalls.set(transactionId, call);
      return call;
    },

    launch(call, location) {
      if (location.kind === 'hops') {
        call.transaction.send(location.hops);
        return;
      }
      if (location.kind !== 'look-up') {
        // A journalled or recorded route that leads nowhere. The application hears of it after the receipt, not before.
        clock.setTimer(clock.monotonicMs(), () => call.transaction.fail());
        return;
      }
      void location.found.then((hops) => {
        if (call.isEnded) return;
        call.transaction.send(hops.filter((hop) => !context.isSelf(hop)));
      });
    },

    end,
    synthesize,
    deliverOwn,
  };
}

/** What the application is told of a request that is on its way. */
export function sentRequest(call: ClientCall): SendOutcome {
  return {
    ok: true,
    transactionId: call.transactionId,
    dialogId: call.dialogId,
    text: call.transaction.text,
    isOnTheWire: true,
    listener: call.transaction.listener,
    peer: null,
  };
}
