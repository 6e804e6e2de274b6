/** A drachtio-srf without a server: it records what is sent, and answers and asks what a test tells it to. */
import { EventEmitter } from 'node:events';
import type {
  RegisteredDialog,
  RequestOptions,
  ServerResponse,
  SipMessage,
  SipRequest,
  SipResponse,
  Srf,
} from '../drachtio-srf.ts';

/** What a message is made of; header names in lower case. */
export type MessageParts = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

function messageOf(parts: MessageParts): SipMessage {
  const headers = parts.headers ?? {};
  const get = (name: string): string | undefined =>
    Object.entries(headers).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  const getParsedHeader = (name: string): unknown => {
    const value = get(name);
    if (value === undefined) throw new Error(`no ${name}`);
    const uri = /<([^>]*)>/.exec(value)?.[1] ?? value;
    const tag = /;tag=([^;]+)/.exec(value)?.[1];
    const parsed = { uri, params: tag === undefined ? {} : { tag } };
    return name === 'contact' ? [parsed] : parsed;
  };
  return {
    headers,
    body: parts.body ?? '',
    get,
    has: (name) => get(name) !== undefined,
    getParsedHeader: getParsedHeader as SipMessage['getParsedHeader'],
    source_address: '192.0.2.1',
    source_port: 5060,
  };
}

/** A request that was sent; `respond` is its peer. */
export type SentRequest = SipRequest & {
  readonly options: RequestOptions;
  /** What `acknowledge` was called with, once for each call. */
  readonly acknowledged: unknown[];
  cancelled: number;
  respond(status: number, parts?: MessageParts & { readonly reason?: string }): void;
  emit(event: string, ...parts: unknown[]): boolean;
};

/** A response that was sent to a received request. */
export type SentResponse = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** A request that was received, and what was answered. */
export type ReceivedRequest = {
  readonly request: SipRequest & { emit(event: string, ...parts: unknown[]): boolean };
  readonly reply: ServerResponse;
  readonly answers: SentResponse[];
};

/** The fake. */
export type FakeSrf = Srf & {
  readonly sent: SentRequest[];
  readonly dialogs: Map<string, RegisteredDialog>;
  /** While true every request fails to be sent. */
  refusing: boolean;
};

/** A new one. */
export function fakeSrf(): FakeSrf {
  const sent: SentRequest[] = [];
  const dialogs = new Map<string, RegisteredDialog>();
  const srf = Object.assign(new EventEmitter(), {
    sent,
    dialogs,
    refusing: false,
    request(uri: string, options: RequestOptions, callback: (error: unknown, request?: SipRequest) => void): void {
      if (srf.refusing) {
        callback(new Error('NOK'));
        return;
      }
      const request = sentRequest(uri, options);
      sent.push(request);
      callback(null, request);
    },
    addDialog: (dialog: RegisteredDialog) => void dialogs.set(dialog.id, dialog),
    removeDialog: (dialog: RegisteredDialog) => void dialogs.delete(dialog.id),
  });
  return srf as unknown as FakeSrf;
}

function sentRequest(uri: string, options: RequestOptions): SentRequest {
  const acknowledged: unknown[] = [];
  const emitter = new EventEmitter();
  const request = Object.assign(emitter, messageOf(options), {
    method: options.method,
    uri,
    source: 'application' as const,
    options,
    acknowledged,
    cancelled: 0,
    cancel(): void {
      request.cancelled += 1;
    },
    respond(status: number, parts: MessageParts & { readonly reason?: string } = {}): void {
      const response: SipResponse = { ...messageOf(parts), status, reason: parts.reason ?? `Reason ${status}` };
      emitter.emit('response', response, (more?: unknown) => acknowledged.push(more));
    },
  });
  return request as unknown as SentRequest;
}

/** A request from the network. */
export function receivedRequest(
  method: string,
  parts: MessageParts & { readonly source?: 'network' | 'application' } = {},
): ReceivedRequest {
  const answers: SentResponse[] = [];
  const request = Object.assign(new EventEmitter(), messageOf(parts), {
    method,
    uri: 'sip:brusio@127.0.0.1',
    source: parts.source ?? ('network' as const),
  });
  const reply: ServerResponse = {
    send(status, _reason, options, callback) {
      answers.push({ status, headers: options.headers ?? {}, body: options.body ?? '' });
      callback?.(null, messageOf({ headers: options.headers ?? {} }));
    },
  };
  return { request: request as unknown as ReceivedRequest['request'], reply, answers };
}
