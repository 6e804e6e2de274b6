/** What `GET /v1/events` tells, and how it stands on the wire. Pure. */
import { toIso, type WallMs } from '../../base/clock.ts';
import { maskNumber } from '../../base/redact.ts';
import type { GuardEvent } from '../../guard/event-port.ts';
import type { LiveState } from './live-state.ts';

/** One event: of the guard, or of the state that is looked at once a second while somebody watches. */
export type LiveEvent =
  | GuardEvent
  | { readonly at: WallMs; readonly type: 'health'; readonly data: LiveState['health'] }
  | { readonly at: WallMs; readonly type: 'refusals'; readonly data: LiveState['refusals'] };

/** The comment that keeps a connection open that has nothing to tell. */
export const HEARTBEAT = ': \n\n';

/** Milliseconds after which a browser connects again, and no more. */
export const OPENING = 'retry: 2000\n\n';

/** The event in the text/event-stream format: its data is one line, the same envelope as a webhook's. */
export function eventText(id: string, { type, at, data }: LiveEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${envelope(type, at, withoutNumbers(data))}\n\n`;
}

/** What was asked for is not there any more: whoever reads on should ask for the state anew. It has no id. */
export function gapText(at: WallMs): string {
  return `event: stream.gap\ndata: ${envelope('stream.gap', at, {})}\n\n`;
}

function envelope(type: string, at: WallMs, data: object): string {
  return JSON.stringify({ type, timestamp: toIso(at), data });
}

/** The called number is masked everywhere; of a call that came in it is the caller who is the person. */
function withoutNumbers(data: LiveEvent['data']): object {
  return 'callerId' in data && data.kind === 'inbound' ? { ...data, callerId: maskNumber(data.callerId) } : data;
}
