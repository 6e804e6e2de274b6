/**
 * A source that stays connected: opens its wire, holds a conversation over it, opens it again when it is lost, and
 * counts. What is said over the wire is the conversation's own business.
 */
import {
  addMs,
  type Clock,
  elapsedMs,
  type Instant,
  type MonotonicMs,
  type Timer,
  type WallMs,
} from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { PbxKind } from '../call/call-facts.ts';
import type { AgentSink, AgentSource, PbxSignal, WatchedCall } from '../guard/agent-source.ts';
import type { OpenWire, Wire } from './wire.ts';

/** One conversation, from the opened wire to its end. What it throws ends the connection, and no more than that. */
export type Conversation = {
  /** Octets or a text message came. */
  received(data: Buffer | string): void;
  /** Nothing has come for {@link BEAT_MS}: ask for a sign of life. */
  beat(): void;
  /** The connection is over, however it ended; told once. */
  closed(): void;
};

/** What a conversation may do. */
export type SourceLink = {
  send(text: string): void;
  /** Logged in and in the know: the source is up. */
  ready(): void;
  /** Ends this connection, as useless: refused, or not understood. Another is opened later. */
  fail(problem: string): void;
  signal(signal: PbxSignal): void;
  /** {@link AgentSink.watches} */
  watches(call: WatchedCall): boolean;
  /** Something was read, or could not be: counted. */
  event(): void;
  malformed(): void;
};

/** Opens a conversation on a wire that has just been opened. */
export type Converse = (link: SourceLink) => Conversation;

/** What a source is made of. */
export type PbxSourceParts = {
  readonly name: string;
  readonly kind: PbxKind;
  readonly dialers: readonly string[];
  readonly open: OpenWire;
  readonly converse: Converse;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/** From the first octet sent to `ready`: connecting, login, and what is asked of the time before. */
export const READY_WITHIN_MS = 5_000;
/**
 * The pause before the second attempt; each further one is twice as long, up to the longest; each by up to a quarter
 * shorter. Short, since a call waits for three seconds: an attempt costs nothing, a late one a conversation.
 */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 500;
/** The pause after a PBX has refused us before it was up: what is refused twice a second looks like an attack, and locks us out. */
export const REFUSED_PAUSE_MS = 5_000;
/** So long without a word, and the PBX is asked for one; without an answer for as long again it is gone. */
export const BEAT_MS = 2_000;

/** A source that is not started yet. */
export function createPbxSource(parts: PbxSourceParts): AgentSource {
  const { name, kind, dialers, clock, random } = parts;
  const log = parts.log.child({ source: name, kind });
  const counts = { events: 0, signals: 0, unknownCalls: 0, malformed: 0, reconnects: 0 };
  let sink: AgentSink | null = null;
  let up = false;
  let problem: string | null = 'not connected yet';
  let since: WallMs | null = null;
  let readyAt: MonotonicMs | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  let end: (() => void) | null = null;
  let timer: Timer | null = null;

  return {
    name,
    kind,
    dialers,
    start(taker) {
      sink = taker;
      connect(taker);
    },
    async stop() {
      sink = null;
      timer?.cancel();
      end?.();
      turned(false, 'stopped');
    },
    status: () => ({ name, kind, up, problem, since, dialers, ...counts }),
  };

  function connect(taker: AgentSink): void {
    let conversation: Conversation | null = null;
    let over = false;
    let asked = false;
    let receivedAt: Instant = clock.now();
    // Refused connections may be told before `open` has returned.
    let wire: Wire | null = null;
    const link: SourceLink = {
      send: (text) => wire?.send(text),
      ready() {
        if (over) return;
        readyAt = clock.monotonicMs();
        turned(true, null);
        watch(BEAT_MS, beat);
      },
      // One that was up has not refused us: calls wait for it.
      fail: (why) => lost(why, up ? 0 : REFUSED_PAUSE_MS),
      signal(signal) {
        if (over) return;
        counts.signals++;
        if (taker.signal(signal, receivedAt) === 'unknown-call') counts.unknownCalls++;
      },
      watches: (call) => taker.watches(call),
      event: () => void counts.events++,
      malformed: () => void counts.malformed++,
    };
    watch(READY_WITHIN_MS, () => lost('it did not answer in time'));
    end = () => {
      if (over) return;
      over = true;
      wire?.close();
      conversation?.closed();
    };
    wire = parts.open({
      opened: () => contained(() => (conversation = parts.converse(link))),
      received(data) {
        if (over) return;
        receivedAt = clock.now();
        asked = false;
        if (up) watch(BEAT_MS, beat);
        contained(() => conversation?.received(data));
      },
      closed: lost,
    });
    if (over) wire.close();

    function beat(): void {
      if (asked) {
        lost(`it said nothing for ${(2 * BEAT_MS) / 1000} s`);
        return;
      }
      asked = true;
      watch(BEAT_MS, beat);
      contained(() => conversation?.beat());
    }

    /** Our own failure with what a PBX said costs this connection, not the process. */
    function contained(action: () => void): void {
      if (over) return;
      try {
        action();
      } catch (thrown) {
        counts.malformed++;
        lost(`what it said could not be handled: ${describeError(thrown)}`);
      }
    }

    function lost(why: string, leastPauseMs = 0): void {
      if (over || sink === null) return;
      end?.();
      if (up) counts.reconnects++;
      // One that was up for a moment only may be lost again as soon: it keeps its pause.
      if (readyAt !== null && elapsedMs(readyAt, clock.monotonicMs()) >= BEAT_MS) pauseMs = FIRST_PAUSE_MS;
      readyAt = null;
      turned(false, why);
      const waitMs = Math.max(leastPauseMs, pauseMs) * (1 - random() / 4);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      watch(waitMs, () => connect(taker));
    }
  }

  function watch(durationMs: number, then: () => void): void {
    timer?.cancel();
    timer = clock.setTimer(addMs(clock.monotonicMs(), durationMs), then);
  }

  function turned(nowUp: boolean, why: string | null): void {
    const changed = nowUp !== up || since === null;
    const told = why !== problem;
    up = nowUp;
    problem = why;
    if (changed) since = clock.now().wallMs;
    if (sink === null || (!changed && !told)) return;
    if (nowUp) log.info({}, 'agent source is up');
    else log.warn({ problem: why }, 'agent source is down: agents it would tell of are not known');
  }
}
