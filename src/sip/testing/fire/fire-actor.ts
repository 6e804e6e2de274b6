import { addMs, type Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { Application, SendOutcome } from '../../dialog/application.ts';
import { type HeaderField, header, headerValue, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import type { FireStation } from './fire-station.ts';

/** An application that calls, answers, hangs up and changes its mind by chance, and checks what its engine tells it. */
export type FireActor = {
  /** Places a call to that URI. */
  call(uri: string): void;
  /** Loses its connection; a new one is there after a while. */
  die(): void;
  /** Its engine dies with it. */
  restartEngine(): void;
  /** From now on it starts nothing and hangs up whatever it believes to be up. */
  wrapUp(): void;
  /** What it was told that it should not have been, or was not told. */
  readonly complaints: string[];
  /** Complains of requests that never got their final response, and of calls it still believes to be up. */
  settle(): void;
};

/** A call as the application believes it to be. */
type Call = { isUp: boolean; isEnding: boolean; hadEarlyBye: boolean };

/** A request of the application that its engine said OK to. */
type Awaited = {
  readonly method: string;
  readonly dialogId: string;
  /** Sent when the call was up. */
  readonly isUp: boolean;
  finals: number;
  lastRSeq: Map<string, number>;
};

const OFFER = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n';

/** How hasty, forgetful and restless this application is: shares of 1. */
export type Temper = { readonly slow: number; readonly forgets: number; readonly restless: number };

/** Makes an application on that station. */
export function fireActor(station: FireStation, clock: Clock, random: Random, temper: Temper): FireActor {
  const complaints: string[] = [];
  let app: Application;
  let calls = new Map<string, Call>();
  let awaited = new Map<string, Awaited>();
  let heardOnce = new Set<string>();
  let connection = 0;
  let isConnected = true;
  let isWrappingUp = false;
  /** The engine is being told something: nothing may come back before it has said OK. */
  let isSpeaking = false;

  const chance = (share: number) => random() < share;
  /** Calls of some ten seconds, or of a minute and more. */
  const hastiness = chance(0.7) ? 0.35 : 0.03;
  const complain = (what: string) => void complaints.push(`${station.host}: ${what}`);
  const later = (act: () => void, atMostMs = 0) => {
    const mine = connection;
    const spread = random();
    const waitMs = atMostMs > 0 ? random() * atMostMs : chance(temper.slow) ? spread * 16_000 : spread * 60;
    clock.setTimer(addMs(clock.monotonicMs(), waitMs), () => {
      if (mine === connection) act();
    });
  };
  const callOf = (dialogId: string): Call => {
    let call = calls.get(dialogId);
    if (call === undefined) {
      call = { isUp: false, isEnding: false, hadEarlyBye: false };
      calls.set(dialogId, call);
    }
    return call;
  };

  // ---- speaking

  const speak = (act: () => SendOutcome): SendOutcome => {
    isSpeaking = true;
    try {
      return act();
    } finally {
      isSpeaking = false;
    }
  };

  const request = (
    method: string,
    dialogId: string,
    body = '',
    headers: HeaderField[] = [],
    uri = 'sip:placeholder',
  ) => {
    const { client } = station.core();
    const message: SipRequest = { kind: 'request', method, uri, headers, body };
    const outcome = speak(() =>
      dialogId === '' ? client.request(app, message, '') : client.requestInDialog(app, dialogId, message),
    );
    if (outcome.ok) {
      awaited.set(outcome.transactionId, {
        method,
        dialogId,
        isUp: calls.get(dialogId)?.isUp ?? false,
        finals: 0,
        lastRSeq: new Map(),
      });
      return outcome;
    }
    if (method === 'BYE' && outcome.reason.startsWith('limit')) complain('a BYE was refused for want of room');
    return null;
  };

  const hangUp = (dialogId: string) => {
    const call = callOf(dialogId);
    if (!call.isUp || call.isEnding) return;
    call.isEnding = true;
    if (request('BYE', dialogId) === null) {
      if (!call.hadEarlyBye) complain(`was never told that ${dialogId} is over`);
      call.isUp = false;
    }
  };

  /** While it rings: which fork that ends, and whether the call is up afterwards, only the network knows. */
  const hangUpEarly = (dialogId: string) => {
    callOf(dialogId).hadEarlyBye = true;
    request('BYE', dialogId);
  };

  const respond = (transactionId: string, of: SipRequest, status: number, body = '', headers: HeaderField[] = []) => {
    const cseq = header('CSeq', headerValue(of, 'cseq') ?? '');
    const message: SipResponse = { kind: 'response', status, reason: '', headers: [cseq, ...headers], body };
    return speak(() => station.core().server.respond(transactionId, message));
  };

  /** Whatever comes to mind in a call that is up, again and again until it hangs up. */
  const fidget = (dialogId: string) =>
    later(() => {
      const call = callOf(dialogId);
      if (!call.isUp || call.isEnding || isWrappingUp) return;
      if (chance(hastiness)) hangUp(dialogId);
      else if (chance(temper.restless)) {
        const method = ['INVITE', 'UPDATE', 'INFO', 'OPTIONS', 'INVITE'][Math.floor(random() * 5)] as string;
        const invite = request(
          method,
          dialogId,
          method === 'INVITE' || (method === 'UPDATE' && chance(0.5)) ? OFFER : '',
        );
        // In the same breath: a BYE, a CANCEL, or another offer.
        const next = random();
        if (next < 0.1) hangUp(dialogId);
        else if (next < 0.2 && invite !== null && method === 'INVITE') cancel(invite.transactionId);
        else if (next < 0.3) request('UPDATE', dialogId, OFFER);
      }
      fidget(dialogId);
    }, 6_000);

  const cancel = (transactionId: string) => {
    const message: SipRequest = { kind: 'request', method: 'CANCEL', uri: 'sip:placeholder', headers: [], body: '' };
    speak(() => station.core().client.cancel(transactionId, message));
  };

  // ---- hearing

  const once = (what: string) => {
    if (heardOnce.has(what)) complain(`heard twice: ${what}`);
    heardOnce.add(what);
  };

  const onInvite = (transactionId: string, invite: SipRequest, dialogId: string) => {
    const isNew = dialogId === '';
    const canRely = /100rel/.test(`${headerValue(invite, 'supported')}${headerValue(invite, 'require')}`);
    const sdp = chance(0.5) ? OFFER : '';
    const ring = (status: number) => {
      const reliably = canRely && chance(0.6) ? [header('Require', '100rel')] : [];
      const outcome = respond(transactionId, invite, status, sdp, reliably);
      if (outcome.ok && isNew && chance(0.2)) request(chance(0.5) ? 'UPDATE' : 'INFO', outcome.dialogId, '');
    };
    if (isNew && chance(0.7)) later(() => ring(180));
    if (isNew && chance(0.4)) later(() => ring(183), 3_000);
    if (chance(temper.forgets)) return;
    const status = chance(0.75) ? 200 : isNew ? 486 : 488;
    later(
      () => {
        const outcome = respond(transactionId, invite, status, OFFER);
        if (!outcome.ok || status !== 200) return;
        const call = callOf(outcome.dialogId);
        if (!isNew) return;
        call.isUp = true;
        if (chance(0.05)) hangUp(outcome.dialogId);
        else if (chance(0.6)) fidget(outcome.dialogId);
      },
      isNew ? 5_000 : 300,
    );
  };

  const onRequest = (transactionId: string, dialogId: string, message: SipRequest) => {
    if (isSpeaking) complain(`${message.method} came before the OK`);
    const { method } = message;
    const tag = /tag=([^;>]*)/.exec(headerValue(message, 'from') ?? '')?.[1];
    once(`${method} ${headerValue(message, 'call-id')} ${headerValue(message, 'cseq')} ${tag}`);
    switch (method) {
      case 'INVITE':
        onInvite(transactionId, message, dialogId);
        break;
      case 'ACK':
      case 'CANCEL':
        break;
      case 'BYE':
        callOf(dialogId).isUp = false;
        if (!chance(temper.forgets)) later(() => void respond(transactionId, message, 200));
        break;
      default: {
        const body = message.body === '' ? '' : OFFER;
        if (!chance(temper.forgets)) {
          later(() => void respond(transactionId, message, chance(0.9) ? 200 : 488, chance(0.9) ? body : ''));
        }
      }
    }
  };

  const onProvisional = (wait: Awaited, transactionId: string, dialogId: string, message: SipResponse) => {
    if (wait.finals > 0) complain(`${message.status} after the final response`);
    const rseq = headerValue(message, 'rseq');
    if (rseq !== undefined) {
      const tag = /tag=(.*)/.exec(headerValue(message, 'to') ?? '')?.[1] ?? '';
      const last = wait.lastRSeq.get(tag);
      if (last !== undefined && Number(rseq) !== last + 1) complain(`RSeq ${rseq} after ${last}`);
      wait.lastRSeq.set(tag, Number(rseq));
      const rack = chance(0.7) ? [header('RAck', `${rseq} ${headerValue(message, 'cseq')}`)] : [];
      if (!chance(temper.forgets)) later(() => void request('PRACK', dialogId, '', rack));
    }
    if (chance(0.05)) later(() => cancel(transactionId));
    if (chance(0.1)) later(() => void request(chance(0.5) ? 'UPDATE' : 'INFO', dialogId));
    if (chance(0.02)) later(() => hangUpEarly(dialogId));
  };

  const onResponse = (transactionId: string, dialogId: string, message: SipResponse) => {
    const wait = awaited.get(transactionId);
    if (isSpeaking || wait === undefined) {
      complain(`${message.status} to ${headerValue(message, 'cseq')} before the OK, or to nobody`);
      return;
    }
    if (message.status < 200) {
      onProvisional(wait, transactionId, dialogId, message);
      return;
    }
    wait.finals++;
    if (wait.finals > 1) complain(`${wait.method} got ${wait.finals} final responses`);
    if (wait.method === 'BYE' && wait.isUp) {
      const call = callOf(dialogId);
      call.isEnding = false;
      call.isUp = false;
    } else if (wait.method === 'INVITE' && message.status < 300) {
      if (wait.dialogId === '') callOf(dialogId).isUp = true;
      if (!chance(temper.forgets)) {
        const ack: SipRequest = { kind: 'request', method: 'ACK', uri: 'sip:placeholder', headers: [], body: '' };
        later(() => void speak(() => station.core().client.ack(dialogId, ack)));
      }
      if (wait.dialogId === '') fidget(dialogId);
    } else if (wait.method === 'INVITE') {
      // drachtio-srf acknowledges failures too; the engine must not pass that on.
      const ack: SipRequest = { kind: 'request', method: 'ACK', uri: 'sip:placeholder', headers: [], body: '' };
      later(() => void speak(() => station.core().client.ack(dialogId, ack)));
    }
  };

  const forget = () => {
    isConnected = false;
    connection++;
    calls = new Map();
    awaited = new Map();
    heardOnce = new Set();
  };

  const connect = () => {
    isConnected = true;
    app = station.connect({
      request: onRequest,
      response: onResponse,
      unsolicited(dialogId) {
        if (isSpeaking) complain('an unsolicited BYE came before the OK');
        const call = callOf(dialogId);
        if (!call.isUp && !call.hadEarlyBye) complain(`an unsolicited BYE for ${dialogId}, which is not up`);
        call.isUp = false;
      },
    });
  };
  connect();

  return {
    complaints,
    call(uri) {
      if (!isConnected) return;
      const headers = chance(0.7) ? [header('Supported', chance(0.5) ? '100rel, timer' : '100rel')] : [];
      if (chance(0.1)) headers.push(header('Require', '100rel'));
      if (chance(0.2)) headers.push(header('Session-Expires', chance(0.5) ? '90' : '30'));
      const invite = request('INVITE', '', chance(0.9) ? OFFER : '', headers, uri);
      if (invite !== null && chance(0.25)) later(() => cancel(invite.transactionId), 4_000);
      if (invite !== null && chance(0.03)) cancel(invite.transactionId);
    },
    die() {
      const orphans = [...calls].filter(([, call]) => call.isUp).map(([dialogId]) => dialogId);
      station.disconnect(app);
      forget();
      later(() => {
        connect();
        // What it has journalled it may still end by name.
        for (const dialogId of orphans) if (chance(0.5)) request('BYE', dialogId);
      }, 8_000);
    },
    restartEngine() {
      forget();
      station.restart();
      later(connect, 3_000);
    },
    wrapUp() {
      isWrappingUp = true;
      for (const dialogId of calls.keys()) hangUp(dialogId);
    },
    settle() {
      for (const [dialogId, call] of calls) if (call.isUp) complain(`still believes in ${dialogId}`);
      for (const wait of awaited.values())
        if (wait.finals !== 1) complain(`${wait.method} got ${wait.finals} final responses`);
    },
  };
}
