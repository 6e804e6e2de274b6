/**
 * Gives events to who reads them. To tell one is to put it into the ring; words, sockets and slow readers are dealt with
 * some moments later, a few events a turn, so that no call waits for a reader. While nobody reads, nothing is kept.
 */
import { addMs, type Clock, elapsedMs, type Timer } from '../../base/clock.ts';
import { createEventRing, RING_EVENTS_MAX } from './event-ring.ts';
import { gapText, HEARTBEAT, type LiveEvent, OPENING } from './live-event.ts';
import type { LiveStateWatch } from './live-state.ts';

/** Readers at a time; one more is told to come again later. */
export const READERS_MAX = 50;
/** What may lie unsent in one reader's socket, octets; what comes after waits in the ring, which it may fall out of. */
export const READER_QUEUE_OCTETS_MAX = 256 * 1024;
/** How long events may wait to be told together, ms. */
export const FLUSH_MS = 100;
/** Events put into words in one turn: 200 of 10 µs. */
export const FLUSH_EVENTS_MAX = 200;
/** Until the next turn when there are more, ms. */
export const FLUSH_PAUSE_MS = 10;
/** How often the state is looked at, ms. */
export const BEAT_MS = 1_000;
/** Beats between two comments that keep connections open. */
export const HEARTBEAT_BEATS = 15;
/** Heartbeats at which a reader's socket may still hold something unsent. */
export const STUCK_HEARTBEATS_MAX = 2;
/** How long events are kept for a reader who lost its connection, ms. */
export const RESUME_MS = 60_000;

/** One who reads. */
export type EventReader = {
  write(octets: Buffer): void;
  /** Written and not yet sent. */
  queuedOctets(): number;
  /** Whether it may go on reading: a session ends. */
  isAllowed(): boolean;
  close(): void;
};

/** Counts since the start, and readers now. */
export type EventHubStats = {
  readonly readers: number;
  readonly events: number;
  /** Readers cut off because they did not keep up, and those sent away at the limit. */
  readonly slow: number;
  readonly refused: number;
};

/** The hub. */
export type EventHub = {
  /** Quick, and never throws. */
  tell(event: LiveEvent): void;
  /** The id of the last event, to read on from; events are kept from now on for {@link RESUME_MS}. */
  position(): string;
  /**
   * Tells it everything after an event, or from now on.
   *
   * @param after the id of an event; null: from now on
   * @returns false: there are too many readers
   */
  read(reader: EventReader, after: string | null): boolean;
  /** It has gone. */
  forget(reader: EventReader): void;
  stats(): EventHubStats;
  /** Closes all. */
  stop(): void;
};

type Reading = {
  readonly reader: EventReader;
  next: number;
  /** Heartbeats since its socket was last empty. */
  stuck: number;
};

/** A hub that nobody reads. */
export function createEventHub(
  clock: Clock,
  state: LiveStateWatch,
  origin: string,
  eventsMax: number = RING_EVENTS_MAX,
): EventHub {
  const ring = createEventRing(origin, eventsMax);
  const readings = new Map<EventReader, Reading>();
  const counts = { events: 0, slow: 0, refused: 0 };
  let keepUntil = clock.monotonicMs();
  let beatTimer: Timer | null = null;
  let flushTimer: Timer | null = null;
  let beats = 0;
  let stopped = false;

  function tell(event: LiveEvent): void {
    if (beatTimer === null) return;
    counts.events++;
    ring.add(event);
    flushIn(FLUSH_MS);
  }

  /** Begins to keep what happens, if it is not kept already. */
  function keep(): void {
    keepUntil = addMs(clock.monotonicMs(), RESUME_MS);
    if (beatTimer !== null || stopped) return;
    state.changes(clock.now().wallMs);
    beatLater();
  }

  function beatLater(): void {
    beatTimer = clock.setTimer(addMs(clock.monotonicMs(), BEAT_MS), beat);
  }

  function beat(): void {
    beatTimer = null;
    if (readings.size > 0) keepUntil = addMs(clock.monotonicMs(), RESUME_MS);
    if (elapsedMs(clock.monotonicMs(), keepUntil) <= 0) {
      ring.clear();
      return;
    }
    beatLater();
    for (const event of state.changes(clock.now().wallMs)) tell(event);
    beats = (beats + 1) % HEARTBEAT_BEATS;
    if (beats === 0) for (const reading of [...readings.values()]) heartbeat(reading);
  }

  function heartbeat(reading: Reading): void {
    const { reader } = reading;
    reading.stuck = reader.queuedOctets() === 0 ? 0 : reading.stuck + 1;
    if (!reader.isAllowed()) cutOff(reader);
    else if (reading.stuck > STUCK_HEARTBEATS_MAX) cutOffSlow(reader);
    else reader.write(Buffer.from(HEARTBEAT));
  }

  function flushIn(delayMs: number): void {
    if (flushTimer !== null || readings.size === 0) return;
    flushTimer = clock.setTimer(addMs(clock.monotonicMs(), delayMs), flush);
  }

  function flush(): void {
    flushTimer = null;
    const oldest = ring.oldest();
    /** Readers who are equally far are told the same octets. */
    const pieces = new Map<number, Buffer>();
    let [behind, waits] = [false, false];
    for (const reading of [...readings.values()]) {
      const { reader } = reading;
      if (reading.next < oldest) cutOffSlow(reader);
      else if (reading.next === ring.next()) continue;
      else if (reader.queuedOctets() > READER_QUEUE_OCTETS_MAX) waits = true;
      else {
        const end = Math.min(ring.next(), reading.next + FLUSH_EVENTS_MAX);
        const piece = pieces.get(reading.next) ?? pieceOf(reading.next, end);
        pieces.set(reading.next, piece);
        reading.next = end;
        behind ||= end < ring.next();
        reader.write(piece);
      }
    }
    if (behind) flushIn(FLUSH_PAUSE_MS);
    else if (waits) flushIn(FLUSH_MS);
  }

  function pieceOf(from: number, end: number): Buffer {
    let text = '';
    for (let number = from; number < end; number++) text += ring.textAt(number);
    return Buffer.from(text);
  }

  function cutOffSlow(reader: EventReader): void {
    counts.slow++;
    cutOff(reader);
  }

  function cutOff(reader: EventReader): void {
    readings.delete(reader);
    reader.close();
  }

  return {
    tell,
    position() {
      keep();
      return ring.idOf(ring.next() - 1);
    },
    read(reader, after) {
      if (readings.size >= READERS_MAX || stopped) {
        counts.refused++;
        return false;
      }
      keep();
      const asked = after === null ? ring.next() : (ring.numberOf(after) ?? -1) + 1;
      const isThere = ring.oldest() <= asked && asked <= ring.next();
      readings.set(reader, { reader, next: isThere ? asked : ring.next(), stuck: 0 });
      reader.write(Buffer.from(isThere ? OPENING : OPENING + gapText(clock.now().wallMs)));
      if (isThere && asked < ring.next()) flushIn(0);
      return true;
    },
    forget: (reader) => void readings.delete(reader),
    stats: () => ({ readers: readings.size, ...counts }),
    stop() {
      stopped = true;
      beatTimer?.cancel();
      flushTimer?.cancel();
      beatTimer = null;
      for (const reader of [...readings.keys()]) cutOff(reader);
    },
  };
}
