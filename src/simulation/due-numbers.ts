/** Numbers that are to be called again, in the order of their time: a ring on typed arrays. Pure. */
import { grown } from './event-queue.ts';

/** Numbers that all wait for the same reason, so that who comes later is due later. */
export type DueNumbers = {
  /** A number that is due before the last one is due with it. */
  add(number: number, dueAt: number): void;
  /** When the first is due; Infinity: there is none. */
  firstAt(): number;
  take(): number;
  size(): number;
};

/** None yet. */
export function createDueNumbers(): DueNumbers {
  let capacity = 256;
  let numbers = new Int32Array(capacity);
  let times = new Float64Array(capacity);
  let first = 0;
  let size = 0;
  let lastAt = 0;

  return {
    add(number, dueAt) {
      if (size === capacity) grow();
      lastAt = Math.max(dueAt, lastAt);
      const place = (first + size) % capacity;
      numbers[place] = number;
      times[place] = lastAt;
      size++;
    },
    firstAt: () => (size === 0 ? Number.POSITIVE_INFINITY : (times[first] as number)),
    take() {
      const number = numbers[first] as number;
      first = (first + 1) % capacity;
      size--;
      return number;
    },
    size: () => size,
  };

  /** Its first stands at the beginning again. */
  function grow(): void {
    const turned = (array: Int32Array | Float64Array) => [array.subarray(first), array.subarray(0, first)] as const;
    const [headNumbers, tailNumbers] = turned(numbers);
    const [headTimes, tailTimes] = turned(times);
    capacity *= 2;
    const largerNumbers = grown(new Int32Array(capacity), headNumbers as Int32Array<ArrayBuffer>);
    largerNumbers.set(tailNumbers, headNumbers.length);
    const largerTimes = grown(new Float64Array(capacity), headTimes as Float64Array<ArrayBuffer>);
    largerTimes.set(tailTimes, headTimes.length);
    numbers = largerNumbers;
    times = largerTimes;
    first = 0;
  }
}
