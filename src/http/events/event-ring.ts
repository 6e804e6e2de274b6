/**
 * The last events, by their numbers: what readers are behind is here and nowhere else, however many they are. An event is put
 * into words when the first of them comes to it.
 */
import { eventText, type LiveEvent } from './live-event.ts';

/** Events kept: four seconds of a thousand a second (250 calls), hours of a quiet day; some 8 MB at most. */
export const RING_EVENTS_MAX = 4_096;

/** The ring. */
export type EventRing = {
  /** The number that the next event gets. */
  next(): number;
  /** The oldest that is still there; `next()` when there is none. */
  oldest(): number;
  add(event: LiveEvent): void;
  /** The event in words; it is still there. */
  textAt(number: number): string;
  idOf(number: number): string;
  /** The number that an id stands for; null: not one of this process's. */
  numberOf(id: string): number | null;
  /** Forgets all, and everybody is told that something may be missing. */
  clear(): void;
};

/** @param origin names this process, so that the ids of an earlier one are not taken for its own */
export function createEventRing(origin: string, eventsMax: number = RING_EVENTS_MAX): EventRing {
  const slots: (LiveEvent | string | undefined)[] = [];
  let next = 1;
  let first = 1;
  const idOf = (number: number): string => `${origin}-${number}`;

  return {
    next: () => next,
    oldest: () => Math.max(first, next - eventsMax),
    add(event) {
      slots[next % eventsMax] = event;
      next++;
    },
    textAt(number) {
      const slot = slots[number % eventsMax] ?? '';
      if (typeof slot === 'string') return slot;
      const text = eventText(idOf(number), slot);
      slots[number % eventsMax] = text;
      return text;
    },
    idOf,
    numberOf(id) {
      const [, told, digits] = /^(.+)-(\d{1,15})$/.exec(id) ?? [];
      return told === origin ? Number(digits) : null;
    },
    clear() {
      slots.length = 0;
      // One number is never given: who has read up to here has missed what nobody kept.
      next++;
      first = next;
    },
  };
}
