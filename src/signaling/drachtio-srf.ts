/**
 * The one typed door to drachtio-srf 5.0.29. Its own declarations are incomplete and partly wrong (a `cbRequest`
 * without its error, `source_port` as text, no `Dialog.id`), so what Brusio uses of it is declared here, and cast once.
 */
import type { EventEmitter } from 'node:events';
import DrachtioSrf from 'drachtio-srf';

/** A `name-addr` header as drachtio-srf parses it. */
export type NameAddr = {
  readonly name?: string;
  readonly uri: string;
  readonly params: Readonly<Record<string, string>>;
};

/** What requests and responses share. */
export type SipMessage = {
  /** Body as text; '' or undefined when there is none. */
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Case-insensitive; several headers of one name joined with commas. */
  get(name: string): string | undefined;
  has(name: string): boolean;
  /** Throws when the header is not there. */
  getParsedHeader(name: 'from' | 'to'): NameAddr;
  getParsedHeader(name: 'contact'): readonly NameAddr[];
  /** drachtio-srf's own: the control connection it came over. */
  socket?: unknown;
  /** '' for messages that the server made itself. */
  readonly source_address: string;
  readonly source_port: number;
};

/** A request, received or sent. */
export type SipRequest = SipMessage & {
  readonly method: string;
  readonly uri: string;
  /** `application`: a BYE that the server made by itself (ACK timeout, session expired). */
  readonly source: 'network' | 'application';
  readonly stackDialogId?: string;
  on(event: 'response', listener: (response: SipResponse, acknowledge: Acknowledge) => void): void;
  /** The peer's CANCEL of this INVITE; the server has answered it and the INVITE. */
  on(event: 'cancel', listener: (cancel: SipMessage) => void): void;
  /**
   * An UPDATE of the same Call-ID while this request has no final response, whichever side sent it: drachtio-srf
   * delivers it here and nowhere else (the trap list's §3.3, 5).
   */
  on(event: 'update', listener: (request: SipRequest, response: ServerResponse) => void): void;
  cancel(options: { headers?: Record<string, string> }, callback: (error: unknown) => void): void;
};

/** Sends the ACK of a 2xx, or the PRACK of a reliable 18x. */
export type Acknowledge = (options?: { headers?: Record<string, string>; body?: string }) => void;

/** A response that was received. */
export type SipResponse = SipMessage & {
  readonly status: number;
  readonly reason: string;
  readonly stackDialogId?: string;
};

/** The response to a received request, to be sent. */
export type ServerResponse = {
  /** drachtio-srf's own: the control connection it goes over. */
  socket?: unknown;
  /** Once a response with a To tag went out: its dialog. */
  readonly stackDialogId?: string;
  /**
   * Sends a response; `callback` gets a text or an Error when it could not be sent, else what went on the wire.
   * Throws for a status that the npm package sip-status does not list (607, 608).
   */
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: Record<string, string>; body?: string },
    callback?: (error: unknown, sent: SipMessage) => void,
  ): void;
};

/** Takes a request inside a dialog, ACK and PRACK included. */
export type RequestListener = (request: SipRequest, response: ServerResponse) => void;

/** Options of a request. */
export type RequestOptions = {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Next hop as a SIP URI, when it is not the request-URI's. */
  readonly proxy?: string;
  /** A request inside this dialog: the engine puts its remote target for {@link DIALOG_TARGET}. */
  readonly stackDialogId?: string;
};

/** What Brusio uses of an `Srf`. */
export type Srf = EventEmitter & {
  connect(options: { host: string; port: number; secret: string }): unknown;
  disconnect(): void;
  invite(handler: (request: SipRequest, response: ServerResponse) => void): void;
  options(handler: (request: SipRequest, response: ServerResponse) => void): void;
  use(handler: (request: SipRequest, response: ServerResponse, next: () => void) => void): void;
  /** `callback` comes when the request is on the wire, before any response to it. */
  request(uri: string, options: RequestOptions, callback: (error: unknown, request?: SipRequest) => void): void;
  /** From now on requests with this dialog id go to `handle`, before any other listener. */
  addDialog(dialog: RegisteredDialog): void;
  removeDialog(dialog: RegisteredDialog): void;
};

/** What `addDialog` keeps: its own `Dialog` class or, here, one of ours. */
export type RegisteredDialog = {
  readonly id: string;
  readonly dialogType: 'INVITE';
  readonly handle: RequestListener;
};

/** The request-URI of a request inside a dialog: "use the dialog's remote target". */
export const DIALOG_TARGET = 'sip:placeholder';

const SrfLibrary = DrachtioSrf as unknown as new () => Srf;

/** A new, unconnected `Srf`. */
export function createSrf(): Srf {
  return new SrfLibrary();
}

/** drachtio-srf's inner parts that its API does not reach. */
type SrfInside = {
  readonly app?: {
    readonly client?: {
      readonly mapServer?: ReadonlyMap<unknown, unknown>;
      readonly wp?: { closing?: boolean; readonly reconnectVars?: { retryTimer?: NodeJS.Timeout | null } };
    };
  };
};

/** Sends a request; every failure comes to `callback`: without a control connection drachtio-srf itself throws. */
export function sendRequest(
  srf: Srf,
  uri: string,
  options: RequestOptions,
  callback: (error: unknown, request?: SipRequest) => void,
): void {
  try {
    srf.request(uri, options, callback);
  } catch (thrown) {
    callback(thrown);
  }
}

/** Disconnects and stays disconnected, whatever state the connection is in: by itself drachtio-srf would try for ever. */
export function disconnectForGood(srf: Srf): void {
  const wireProtocol = (srf as unknown as SrfInside).app?.client?.wp;
  if (wireProtocol !== undefined) wireProtocol.closing = true;
  const timer = wireProtocol?.reconnectVars?.retryTimer;
  if (timer) clearTimeout(timer);
  try {
    srf.disconnect();
  } catch {
    // There is no socket to close.
  }
}

/** After a reconnect: a message of the old connection goes over the new one; a real server still knows its transaction. */
export function moveToNewConnection(srf: Srf, message: { socket?: unknown }): void {
  const sockets = (srf as unknown as SrfInside).app?.client?.mapServer;
  const [socket] = sockets?.keys() ?? [];
  if (socket !== undefined) message.socket = socket;
}

/** Whether a request failed because the server no longer has its dialog: it ended by itself meanwhile. */
export function isDialogGone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENODIALOG';
}
