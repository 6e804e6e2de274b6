/**
 * Keeps count of the free agents of mod_callcenter's queues: asks when the module says that something changed, and every
 * few seconds, because the end of an agent's wrap-up time and a changed tier are told by no event.
 */
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import type { PbxSignal } from '../../guard/agent-source.ts';
import type { OnReply } from './command-queue.ts';
import { headerValue, type RawHeaders } from './event-headers.ts';
import { countFreeAgents } from './free-agents.ts';

/** What the counts are kept with. */
export type QueueCountsParts = {
  readonly queues: readonly string[];
  readonly clock: Clock;
  readonly command: (line: string, onReply: OnReply) => void;
  readonly tell: (signal: PbxSignal) => void;
};

/** Without an event. */
export const COUNT_EVERY_MS = 2_000;
/** After an event: one change of an agent is two or three of them. */
export const COUNT_AFTER_MS = 50;

/** Whether an event is of mod_callcenter and may change who is free; of a call's way through a queue most are not. */
export function isQueueEvent(headers: RawHeaders): boolean {
  const action = headerValue(headers, 'CC-Action');
  return action !== null && (action.startsWith('agent-') || action === 'bridge-agent-end');
}

/** The counts of one connection. */
export class QueueCounts {
  readonly #parts: QueueCountsParts;
  #timer: Timer | null = null;
  #isSoon = false;
  #stopped = false;

  constructor(parts: QueueCountsParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.queues.length > 0) this.#count();
  }

  /** Something changed: counted in a moment. */
  changed(): void {
    if (this.#parts.queues.length === 0 || this.#timer === null || this.#isSoon) return;
    this.#isSoon = true;
    this.#in(COUNT_AFTER_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #count(): void {
    this.#isSoon = false;
    const { command, tell, queues } = this.#parts;
    // The times in the lists are by the PBX's clock.
    let pbxEpochS = 0;
    command('api strepoch', ({ text }) => {
      pbxEpochS = Number.parseInt(text, 10) || Math.floor(this.#parts.clock.now().wallMs / 1_000);
    });
    for (const queue of queues) {
      command(`api callcenter_config queue list agents ${queue}`, ({ ok, text }) => {
        const free = ok ? countFreeAgents(text, pbxEpochS) : null;
        if (free !== null && !this.#stopped) tell({ type: 'agents-free', queue, free });
      });
    }
    this.#in(COUNT_EVERY_MS);
  }

  #in(durationMs: number): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    const { clock } = this.#parts;
    this.#timer = clock.setTimer(addMs(clock.monotonicMs(), durationMs), () => this.#count());
  }
}
