/** What one part of a chaos run tells. */
export type PartResult = {
  /** What was done and seen, a line each. */
  readonly tried: readonly string[];
  /** What must not have happened, a sentence each: none. */
  readonly lost: readonly string[];
};
