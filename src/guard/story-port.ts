/** One call's story, as the database edge reads it. */
import type { StoryEvidence } from '../ledger/story/story-evidence.ts';
import type { CallRef } from './guard-view.ts';

/** Reads it, and checks its entries there and then. */
export type StoryStore = {
  /** Null: no call of this id, or of this Call-ID on the dialer's leg, has ended. Rejects with AppError `store.cannot-read`. */
  storyOf(ref: CallRef): Promise<StoryEvidence | null>;
};
