/**
 * Asks one rtpengine. Every request has a cookie of its own; it is sent again until its answer or its end, which is safe:
 * rtpengine remembers the answers of the last cookies and gives them again (ng protocol, "cookie").
 */
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { BencodedDictionary } from './bencode.ts';
import { type NgAnswer, type NgRequest, writeNgMessage } from './ng-message.ts';
import type { NgTransport, OpenNgTransport } from './ng-transport.ts';

/** The first wait before a request is sent again; each further one is twice as long. */
export const RESEND_FIRST_MS = 100;

/** Requests that wait for an answer at once; one more fails. Ten times what 500 new calls a second ask of a slow daemon. */
export const REQUESTS_PENDING_MAX = 10_000;

/** What one client did since its start. */
export type NgCounts = {
  readonly requests: number;
  readonly resent: number;
  /** Requests that ended without an answer. */
  readonly unanswered: number;
  /** Answers other than `ok`. */
  readonly refused: number;
  /** Answers to nothing that waits: late ones, repeated ones. */
  readonly unexpected: number;
  readonly malformed: number;
};

/** What a client is made of. */
export type NgClientParts = {
  readonly open: OpenNgTransport;
  readonly clock: Clock;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** Begins every cookie; unique among those who ask the same rtpengine. */
  readonly cookiePrefix: string;
  /** An answer came, whatever it says: the other end lives. */
  readonly onHeard: () => void;
  /** A request that was sent then had no answer. */
  readonly onUnanswered: (sentAt: MonotonicMs) => void;
};

type Pending = {
  readonly message: Buffer;
  readonly sentAt: MonotonicMs;
  readonly resolve: (body: BencodedDictionary) => void;
  readonly reject: (error: AppError) => void;
  timer: Timer;
};

/** The client of one rtpengine. */
export class NgClient {
  readonly #parts: NgClientParts;
  readonly #transport: NgTransport;
  readonly #pending = new Map<string, Pending>();
  readonly #counts = { requests: 0, resent: 0, unanswered: 0, refused: 0, unexpected: 0, malformed: 0 };
  #problem: string | null = null;

  constructor(parts: NgClientParts) {
    this.#parts = parts;
    this.#transport = parts.open({
      onAnswer: (answer) => this.#take(answer),
      onMalformed: () => {
        this.#counts.malformed += 1;
      },
      onProblem: (problem) => {
        this.#problem = problem;
      },
    });
  }

  /**
   * Resolves with the answer to a request, `result` being `ok` or `pong`. Rejects with AppError `rtpengine.unanswered`,
   * `rtpengine.refused` (the message is rtpengine's reason), `rtpengine.busy` or `rtpengine.closed`.
   */
  ask(request: NgRequest, timeoutMs = this.#parts.timeoutMs): Promise<BencodedDictionary> {
    if (this.#pending.size >= REQUESTS_PENDING_MAX) {
      return Promise.reject(new AppError('rtpengine.busy', `${REQUESTS_PENDING_MAX} requests wait for their answer`));
    }
    this.#counts.requests += 1;
    const cookie = `${this.#parts.cookiePrefix}${this.#counts.requests}`;
    const message = writeNgMessage(cookie, request);
    const sentAt = this.#parts.clock.monotonicMs();
    return new Promise((resolve, reject) => {
      const timer = this.#resendTimer(cookie, RESEND_FIRST_MS, addMs(sentAt, timeoutMs));
      this.#pending.set(cookie, { message, sentAt, resolve, reject, timer });
      this.#transport.send(message);
    });
  }

  counts(): NgCounts {
    return { ...this.#counts };
  }

  /** What the transport last complained of since an answer came, or null. */
  problem(): string | null {
    return this.#problem;
  }

  /** Whatever waits is rejected. */
  close(): void {
    this.#transport.close();
    for (const cookie of [...this.#pending.keys()]) {
      this.#end(cookie)?.reject(new AppError('rtpengine.closed', 'the client was closed'));
    }
  }

  #resendTimer(cookie: string, waitMs: number, endsAt: MonotonicMs): Timer {
    const { clock } = this.#parts;
    const now = clock.monotonicMs();
    return clock.setTimer(addMs(now, Math.min(waitMs, elapsedMs(now, endsAt))), () => {
      const pending = this.#pending.get(cookie);
      if (pending === undefined) return;
      if (clock.monotonicMs() >= endsAt) return this.#giveUp(cookie, pending);
      this.#counts.resent += 1;
      pending.timer = this.#resendTimer(cookie, waitMs * 2, endsAt);
      this.#transport.send(pending.message);
    });
  }

  #giveUp(cookie: string, { sentAt }: Pending): void {
    this.#counts.unanswered += 1;
    const waitedMs = Math.round(elapsedMs(sentAt, this.#parts.clock.monotonicMs()));
    const reason = this.#problem === null ? '' : ` (${this.#problem})`;
    this.#end(cookie)?.reject(new AppError('rtpengine.unanswered', `no answer within ${waitedMs} ms${reason}`));
    this.#parts.onUnanswered(sentAt);
  }

  #take({ cookie, body }: NgAnswer): void {
    const pending = this.#end(cookie);
    if (pending === null) {
      this.#counts.unexpected += 1;
      return;
    }
    this.#problem = null;
    if (body.result === 'ok' || body.result === 'pong') {
      pending.resolve(body);
    } else {
      this.#counts.refused += 1;
      pending.reject(new AppError('rtpengine.refused', String(body['error-reason'] ?? body.result ?? 'no result')));
    }
    this.#parts.onHeard();
  }

  /** A request that waits no longer; null when it did not. */
  #end(cookie: string): Pending | null {
    const pending = this.#pending.get(cookie);
    if (pending === undefined) return null;
    this.#pending.delete(cookie);
    pending.timer.cancel();
    return pending;
  }
}
