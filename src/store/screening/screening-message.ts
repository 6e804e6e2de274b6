/** What goes between whoever asks for cleared lists and the thread that does it. */
import type { NumberKey } from '../../base/number-digest.ts';
import type { Result } from '../../base/result.ts';
import type {
  ImportProgress,
  ImportRefusal,
  ImportReport,
  ImportRequest,
  ScreeningAnswer,
  ScreeningList,
} from '../../guard/screening-port.ts';
import type { NumberPlan } from '../../policy/telephone-number.ts';
import type { DatabasePlace } from '../database-place.ts';

/** What can be asked. */
export type ScreeningQuestion =
  | { readonly ask: 'import'; readonly request: ImportRequest }
  | { readonly ask: 'remove'; readonly controller: string; readonly reference: string | null }
  | { readonly ask: 'lists' }
  | { readonly ask: 'check'; readonly controller: string; readonly number: string };

/** A question, and what is needed to answer it. Plain data. */
export type ScreeningTask = {
  readonly place: DatabasePlace;
  /** Newest first; a list is digested with the first. */
  readonly keys: readonly NumberKey[];
  /** By which numbers are digested. */
  readonly plan: NumberPlan;
  /** For how many days a list may be used. */
  readonly listDaysMax: number;
  readonly question: ScreeningQuestion;
};

/** The answer. */
export type ScreeningSaid =
  | { readonly said: 'imported'; readonly result: Result<ImportReport, ImportRefusal> }
  | { readonly said: 'removed'; readonly list: ScreeningList | null }
  | { readonly said: 'lists'; readonly lists: readonly ScreeningList[] }
  | { readonly said: 'checked'; readonly answer: ScreeningAnswer | null };

/** Asks; `octets` are those of the list to import, each piece of them good until the next is asked for. */
export type AskScreening = (
  task: ScreeningTask,
  octets: AsyncIterable<Uint8Array>,
  onProgress: (progress: ImportProgress) => void,
) => Promise<ScreeningSaid>;

/** Octets of the largest piece of a list. */
export const PIECE_OCTETS = 256 * 1024;

/** Pieces of a list that are underway, or come back from the thread to be filled again: what an import holds of a list. */
export const PIECES_MAX = 4;

/** To the thread of an import: the next piece, in a buffer that goes with it; null: that was all. */
export type ListPiece = { readonly octets: Uint8Array<ArrayBuffer> | null };

/** From the thread. */
export type ScreeningReply =
  /** A piece was read, and its buffer comes back. */
  | { readonly type: 'taken'; readonly buffer: ArrayBuffer }
  | { readonly type: 'progress'; readonly progress: ImportProgress }
  | { readonly type: 'said'; readonly said: ScreeningSaid }
  /** The database failed. */
  | { readonly type: 'failed'; readonly message: string };
