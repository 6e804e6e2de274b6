/**
 * One rtpengine: its client, its health, and the calls that live on it. It is asked every second whether it is there;
 * every live call is asked for at least every half minute, and all of them at once when one is missing, since a daemon
 * that was restarted answers like any other and knows none of them.
 */
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CallId } from '../../call/call-facts.ts';
import type { BencodedDictionary } from './bencode.ts';
import {
  afterAnswer,
  afterSilence,
  type InstanceHealth,
  NEW_INSTANCE,
  nextProbeMs,
  PROBE_MS,
} from './instance-health.ts';
import { NgClient, type NgCounts } from './ng-client.ts';
import type { NgRequest } from './ng-message.ts';
import { PING, queryRequest } from './ng-requests.ts';
import type { OpenNgTransport } from './ng-transport.ts';

/** Every live call is asked for at least this often. */
export const AUDIT_MS = 30_000;

/** Live calls asked for in one go; more wait for the next. */
export const AUDIT_BURST_MAX = 200;

/** What the settings say of one instance. */
export type InstanceTerms = {
  /** As the settings name it. */
  readonly name: string;
  /** Its share among those that answer. */
  readonly weight: number;
  readonly open: OpenNgTransport;
};

/** What all instances have in common. */
export type InstanceContext = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeoutMs: number;
  readonly lostAfterMs: number;
  readonly cookiePrefix: string;
  /** The call is not relayed any more; told once, and the call is forgotten here. */
  readonly onCallLost: (callId: CallId, detail: string) => void;
};

/** One instance as an operator sees it. */
export type InstanceStatus = NgCounts & {
  readonly name: string;
  readonly up: boolean;
  readonly callsLive: number;
  /** Calls that were given up with it. */
  readonly callsLost: number;
};

/** One instance. */
export class Instance {
  readonly name: string;
  readonly weight: number;
  readonly #context: InstanceContext;
  readonly #client: NgClient;
  /** In the order in which they are asked for. */
  readonly #calls = new Set<CallId>();
  #health: InstanceHealth = NEW_INSTANCE;
  #told = false;
  #callsLost = 0;
  /** Calls that are to be asked for at once, since one was missing. */
  #auditLeft = 0;
  #probeTimer: Timer | null = null;
  #lossTimer: Timer | null = null;
  #closed = false;

  constructor(terms: InstanceTerms, context: InstanceContext) {
    this.name = terms.name;
    this.weight = terms.weight;
    this.#context = context;
    this.#client = new NgClient({
      open: terms.open,
      clock: context.clock,
      timeoutMs: context.timeoutMs,
      cookiePrefix: context.cookiePrefix,
      onHeard: () => this.#judge(afterAnswer(context.clock.monotonicMs())),
      onUnanswered: (sentAt) => this.#judge(afterSilence(this.#health, sentAt)),
    });
  }

  get up(): boolean {
    return this.#health.up;
  }

  /** The first question; resolves when it is answered or not. From then on it is asked by itself. */
  async start(): Promise<void> {
    await this.#probe();
  }

  ask(request: NgRequest, timeoutMs?: number): Promise<BencodedDictionary> {
    return this.#client.ask(request, timeoutMs);
  }

  /** The call has ports there. */
  took(callId: CallId): void {
    this.#calls.add(callId);
  }

  /** It is about to be deleted there. */
  gaveUp(callId: CallId): void {
    this.#calls.delete(callId);
  }

  status(): InstanceStatus {
    const { name } = this;
    return { name, up: this.up, callsLive: this.#calls.size, callsLost: this.#callsLost, ...this.#client.counts() };
  }

  close(): void {
    this.#closed = true;
    this.#probeTimer?.cancel();
    this.#lossTimer?.cancel();
    this.#client.close();
  }

  async #probe(): Promise<void> {
    const due = this.#due();
    const questions = due.length === 0 ? [this.#client.ask(PING)] : due.map((callId) => this.#askFor(callId));
    await Promise.allSettled(questions);
    if (this.#closed) return;
    const { clock } = this.#context;
    this.#probeTimer = clock.setTimer(addMs(clock.monotonicMs(), nextProbeMs(this.#health)), () => void this.#probe());
  }

  /** The calls whose turn it is; they go to the end of the row. */
  #due(): readonly CallId[] {
    const count = Math.max(this.#auditLeft, Math.ceil((this.#calls.size * PROBE_MS) / AUDIT_MS));
    const due = [...this.#calls].slice(0, Math.min(count, AUDIT_BURST_MAX));
    this.#auditLeft = Math.max(0, this.#auditLeft - due.length);
    for (const callId of due) {
      this.#calls.delete(callId);
      this.#calls.add(callId);
    }
    return due;
  }

  async #askFor(callId: CallId): Promise<void> {
    try {
      await this.#client.ask(queryRequest(callId));
    } catch (thrown) {
      const gone = thrown instanceof AppError && thrown.code === 'rtpengine.refused';
      if (!gone || !this.#calls.has(callId)) return;
      this.#lose(callId, `${this.name} no longer knows the call: ${describeError(thrown)}`);
      this.#auditLeft = this.#calls.size;
    }
  }

  #judge(health: InstanceHealth): void {
    const before = this.#health;
    this.#health = health;
    const { clock, log, lostAfterMs } = this.#context;
    if (health.up !== before.up || !this.#told) {
      this.#told = true;
      const fields = { instance: this.name, callsLive: this.#calls.size, problem: this.#client.problem() };
      if (health.up) log.info(fields, 'rtpengine answers');
      else log.warn(fields, 'rtpengine does not answer: no new calls for it');
    }
    if (health.silentSince === before.silentSince) return;
    this.#lossTimer?.cancel();
    this.#lossTimer = null;
    if (health.silentSince === null) return;
    this.#lossTimer = clock.setTimer(addMs(health.silentSince, lostAfterMs), () => {
      for (const callId of [...this.#calls]) this.#lose(callId, `${this.name} has not answered for ${lostAfterMs} ms`);
    });
  }

  #lose(callId: CallId, detail: string): void {
    this.#calls.delete(callId);
    this.#callsLost += 1;
    this.#context.onCallLost(callId, detail);
  }
}
