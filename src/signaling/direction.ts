/**
 * Directions of a stream as two flows, always seen from the side that says them (RFC 3264 §5.1): what it sends and what
 * it receives.
 */
import type { RemoteMedia } from '../call/remote-media.ts';

/** The four attributes of RFC 8866 §6.7. */
export type Direction = RemoteMedia['direction'];

/** The same as two flows. */
export type Flow = { readonly send: boolean; readonly receive: boolean };

/** `sendrecv`. */
export const BOTH_WAYS: Flow = { send: true, receive: true };

export function flowOf(direction: Direction): Flow {
  return {
    send: direction === 'sendrecv' || direction === 'sendonly',
    receive: direction === 'sendrecv' || direction === 'recvonly',
  };
}

export function directionOf({ send, receive }: Flow): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/** The same stream from the other end. */
export function mirrored({ send, receive }: Flow): Flow {
  return { send: receive, receive: send };
}

/** What both allow, said from the same side. */
export function narrowed(one: Flow, other: Flow): Flow {
  return { send: one.send && other.send, receive: one.receive && other.receive };
}

export function sameFlow(one: Flow, other: Flow): boolean {
  return one.send === other.send && one.receive === other.receive;
}

/**
 * What a side wants, as far as its word tells. An answer says nothing of a flow that the offer did not allow: whoever
 * answers `sendonly` with `recvonly` may well want to speak again (RFC 3264 §6.1).
 *
 * @param before what was known of it
 * @param said its answer
 * @param offered the offer it answered, seen from the offerer
 */
export function wishAfterAnswer(before: Flow, said: Flow, offered: Flow): Flow {
  return {
    send: offered.receive ? said.send : before.send,
    receive: offered.send ? said.receive : before.receive,
  };
}
