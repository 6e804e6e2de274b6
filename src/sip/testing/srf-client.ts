import Srf from 'drachtio-srf';

/** As much of drachtio-srf as the engine's tests use; its own types leave half of this out. */
export type SrfClient = {
  on(event: string, listener: (...args: never[]) => void): void;
  invite(handler: (req: SrfRequest, res: SrfResponse) => void): void;
  options(handler: (req: SrfRequest, res: SrfResponse) => void): void;
  request(uri: string, options: object): Promise<SrfRequest>;
  request(uri: string, options: object, sent: (error: unknown, request: SrfRequest) => void): void;
  createUAC(uri: string, options: object, callbacks?: object): Promise<SrfDialog>;
  createUAS(req: SrfRequest, res: SrfResponse, options: object): Promise<SrfDialog>;
  createB2BUA(
    req: SrfRequest,
    res: SrfResponse,
    uri: string,
    options: object,
  ): Promise<{ uas: SrfDialog; uac: SrfDialog }>;
  disconnect(): void;
};

export type SrfRequest = {
  method: string;
  uri: string;
  body: string;
  callingNumber: string;
  source_address: string;
  source_port: number;
  protocol: string;
  stackTxnId: string;
  get(name: string): string;
  cancel(callback?: (error: unknown) => void): void;
  on(event: string, listener: (...args: never[]) => void): void;
};

export type SrfResponse = {
  status: number;
  reason: string;
  body: string;
  send(status: number, options?: object, callback?: (error: unknown, message: unknown) => void): void;
  get(name: string): string;
};

export type SrfDialog = {
  id: string;
  sip: { callId: string; localTag: string; remoteTag: string };
  local: { sdp: string; contact: string };
  remote: { sdp: string; uri: string };
  on(event: string, listener: (...args: never[]) => void): void;
  destroy(): Promise<unknown>;
  modify(sdp: string): Promise<string>;
  request(options: object): Promise<SrfResponse>;
};

/** A drachtio-srf connected to that control port. */
export function connectSrf(engine: { controlHost: string; controlPort: number; secret: string }): Promise<SrfClient> {
  return new Promise((resolve, reject) => {
    const srf = new Srf() as unknown as SrfClient;
    srf.on('error', reject as never);
    srf.on('connect', ((error: unknown) => (error ? reject(error) : resolve(srf))) as never);
    (srf as unknown as { connect(options: object): void }).connect({
      host: engine.controlHost,
      port: engine.controlPort,
      secret: engine.secret,
    });
  });
}

/** The first response to a request; its listener is there before the response can be, unlike one set after a promise. */
export function responseTo(srf: SrfClient, uri: string, options: object): Promise<SrfResponse> {
  return new Promise((resolve, reject) => {
    srf.request(uri, options, (error, request) => {
      if (error) reject(error);
      else request.on('response', ((response: SrfResponse) => resolve(response)) as never);
    });
  });
}

/** The next time that happens: `once` of something that has only `on`. */
export function next<T>(
  emitter: { on(event: string, listener: (...args: never[]) => void): void },
  event: string,
): Promise<T> {
  return new Promise((resolve) => {
    emitter.on(event, ((first: T) => resolve(first)) as never);
  });
}

/** Hangs up the control connection, if it is still there: drachtio-srf throws when it is not. */
export function leave(srf: SrfClient): void {
  try {
    srf.disconnect();
  } catch {
    // It left before, or its engine did.
  }
}
