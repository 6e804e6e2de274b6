/** What the two sides of the ruling thread say to each other: plain data. */
import type { WallMs } from '../../base/clock.ts';
import type { RulingRequest } from '../../guard/ruling-port.ts';
import type { Ruling } from '../../policy/rules/ruling.ts';
import type { DatabasePlace } from '../database-place.ts';
import type { CallNotice, HeldCall } from './held-calls.ts';

/** A ruling that is asked for. */
export type Asked = {
  /** Of the question. */
  readonly id: number;
  readonly request: RulingRequest;
  /** When it is judged as of. */
  readonly at: WallMs;
  /** `invite`: it has no room yet. `agent-left`: it has, and its promised agent is gone. */
  readonly of: 'invite' | 'agent-left';
};

/** To the thread. */
export type RulingCommand =
  | { readonly type: 'rule'; readonly asked: Asked }
  | { readonly type: 'heard'; readonly notice: CallNotice }
  | { readonly type: 'close' };

/** From the thread. */
export type RulingReply =
  | { readonly type: 'opened' }
  | { readonly type: 'cannot-open'; readonly message: string }
  /** A group's, together: each message wakes the main thread. */
  | { readonly type: 'ruled'; readonly rulings: readonly { readonly id: number; readonly ruling: Ruling }[] }
  /** That these calls take room again is where every process sees it. */
  | { readonly type: 'room-taken'; readonly ids: readonly number[] }
  | { readonly type: 'not-ruled'; readonly id: number; readonly problem: string };

/** What the thread is started with. */
export type RulingWorkerData = {
  /** Its `process` names this process: its reservations are its own. */
  readonly place: DatabasePlace;
  /** Stamps of the rules that campaigns have: what each needs is loaded before the first call. */
  readonly policies: readonly string[];
  /** Calls that have room already. */
  readonly left: readonly HeldCall[];
};
