/**
 * What is kept of the messages of one call: start lines with their time, and the cause of a `Reason`. No number, no URI and no
 * text of a peer's is in it. It sees what the application does: retransmissions, the ACK of a failure and the 100 are the
 * engine's own, and the response to the last BYE may come after the call was recorded.
 */
import { EXCHANGE_FIRST_MAX, EXCHANGE_LAST_MAX, type SipExchange } from '../policy/outcome-record.ts';
import type { SendBye } from './carrier-leg.ts';
import type { Acknowledge, ServerResponse, SipMessage, SipRequest, SipResponse, Srf } from './drachtio-srf.ts';

/** One call's. */
export type ExchangeLog = {
  /** That leg's own door: what passes through it is noted. A leg is `dialer` or `carrier/1` and so on. */
  leg(srf: Srf, leg: string): Srf;
  /** The same of its BYE. */
  bye(sendBye: SendBye, leg: string): SendBye;
  /** An INVITE that has just come, its CANCEL, and the responses to it. */
  invited(invite: SipRequest, response: ServerResponse, leg: string): void;
  told(): SipExchange;
};

type Note = (way: '<' | '>', what: string, reason?: string | undefined) => void;

/** @param sinceInviteMs by the monotonic clock */
export function createExchangeLog(sinceInviteMs: () => number): ExchangeLog {
  const first: string[] = [];
  const last: string[] = [];
  let leftOut = 0;

  return {
    leg: (srf, leg) => notedSrf(srf, noteOf(leg)),
    bye(sendBye, leg) {
      const note = noteOf(leg);
      return (dialog, record, headers) => {
        note('>', 'BYE', headers.Reason);
        sendBye(dialog, record, headers);
      };
    },
    invited(invite, response, leg) {
      const note = noteOf(leg);
      note('<', invite.method, invite.get('reason'));
      noteEvents(invite, note);
      noteAnswers(response, note);
    },
    told: () => ({ messages: [...first, ...last], leftOut }),
  };

  function noteOf(leg: string): Note {
    return (way, what, reason) => {
      const atMs = Math.max(0, Math.round(sinceInviteMs() * 10) / 10);
      const cause = causeOf(reason);
      const line = `${atMs} ${leg} ${way} ${START_LINE.test(what) ? what : 'OTHER'}${cause === null ? '' : ` ${cause}`}`;
      if (first.length < EXCHANGE_FIRST_MAX) {
        first.push(line);
        return;
      }
      last.push(line);
      if (last.length <= EXCHANGE_LAST_MAX) return;
      last.shift();
      leftOut += 1;
    };
  }
}

/** Methods of a length that any has, and statuses. */
const START_LINE = /^(?:[A-Z]{1,16}|[1-6]\d\d)$/;

/** RFC 3326: the first value's protocol and cause; what a text says is no cause. */
function causeOf(reason: string | undefined): string | null {
  // As in every message on the way to an answer.
  if (reason === undefined) return null;
  const plain = reason
    .split('"')
    .filter((_, index) => index % 2 === 0)
    .join('');
  const [, protocol, cause] = /^\s*(Q\.850|[A-Z]{1,8})\s*;[^,]*?\bcause\s*=\s*(\d{1,3})\b/i.exec(plain) ?? [];
  return protocol === undefined ? null : `${protocol.toUpperCase()};cause=${cause}`;
}

/** Everything else of it stays as it is: drachtio-srf finds its own inner parts. */
function notedSrf(srf: Srf, note: Note): Srf {
  const request: Srf['request'] = (uri, options, callback) =>
    srf.request(uri, options, (error, sent) => {
      if (sent !== undefined) {
        note('>', options.method, options.headers.Reason);
        noteEvents(sent, note);
        noteCancel(sent, note);
      }
      callback(error, sent);
    });
  const addDialog: Srf['addDialog'] = (dialog) =>
    srf.addDialog({
      ...dialog,
      handle(received, response) {
        // A BYE that the server made by itself was never received.
        if (received.source !== 'application') note('<', received.method, received.get('reason'));
        if (received.method !== 'ACK') noteAnswers(response, note);
        dialog.handle(received, response);
      },
    });
  return Object.assign(Object.create(srf) as Srf, { request, addDialog });
}

/** What comes for a request of either direction: responses and how they are acknowledged, its CANCEL, an UPDATE meanwhile. */
function noteEvents(request: SipRequest, note: Note): void {
  const on = request.on.bind(request) as (event: string, listener: (...parts: never[]) => void) => void;
  const noted = {
    response: (listener: (response: SipResponse, acknowledge: Acknowledge) => void) => {
      return (response: SipResponse, acknowledge: Acknowledge) => {
        note('<', String(response.status), response.get('reason'));
        listener(response, (options) => {
          note('>', response.status < 200 ? 'PRACK' : 'ACK');
          acknowledge(options);
        });
      };
    },
    cancel: (listener: (cancel: SipMessage) => void) => (cancel: SipMessage) => {
      note('<', 'CANCEL', cancel.get('reason'));
      listener(cancel);
    },
    update: (listener: (asked: SipRequest, response: ServerResponse) => void) => {
      return (asked: SipRequest, response: ServerResponse) => {
        note('<', asked.method);
        noteAnswers(response, note);
        listener(asked, response);
      };
    },
  };
  request.on = ((event: keyof typeof noted, listener: never) =>
    on(event, noted[event]?.(listener) ?? listener)) as SipRequest['on'];
}

function noteCancel(request: SipRequest, note: Note): void {
  const cancel = request.cancel.bind(request);
  request.cancel = (options, callback) =>
    cancel(options, (error) => {
      if (!error) note('>', 'CANCEL', options.headers?.Reason);
      callback(error);
    });
}

function noteAnswers(response: ServerResponse, note: Note): void {
  const send = response.send.bind(response);
  response.send = (status, reason, options, callback) => {
    send(status, reason, options, callback);
    note('>', String(status), options.headers?.Reason);
  };
}
