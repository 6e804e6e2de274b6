/** How ng messages travel. Each way may lose some, and says nothing of it: the client sends again. */
import type { NgAnswer } from './ng-message.ts';

/** What the owner of a transport is told. Neither may throw. */
export type NgTransportHandlers = {
  readonly onAnswer: (answer: NgAnswer) => void;
  /** Something came that is no answer, and was dropped. */
  readonly onMalformed: () => void;
  /** The other end is not there, or went away; the transport tries again by itself when it is used. */
  readonly onProblem: (problem: string) => void;
};

/** An open way to one rtpengine. */
export type NgTransport = {
  /** Hands a message to the system, or drops it while there is no connection; never throws. */
  send(message: Buffer): void;
  close(): void;
};

/** Opens a way; what it cannot open now it opens later. */
export type OpenNgTransport = (handlers: NgTransportHandlers) => NgTransport;

/** Octets waiting to be sent; beyond it messages are dropped. */
export const NG_PENDING_OCTETS_MAX = 1024 * 1024;
