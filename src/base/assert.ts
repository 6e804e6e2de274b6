/** We broke our own promise. Contained to the call or connection in which it happens. */
export class AssertionFailed extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'AssertionFailed';
  }
}

/** States what must be true here; `sentence` says it in words. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailed(sentence);
}

/** The end of a switch that covers every case: reaching it is a compile error, and at run time an assertion. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unexpected ${JSON.stringify(value)}`);
}
