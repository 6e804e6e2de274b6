/**
 * What one frame of the event socket means. Replies come in the order of the commands: `command/reply` to most,
 * `api/response` to `api`, and `command/reply` again to an `api` that the user may not use.
 */
import { headerValue, type RawHeaders, readHeaders } from './event-headers.ts';
import type { Frame } from './frame-reader.ts';

/** A frame, read. */
export type Message =
  | { readonly type: 'auth-request' }
  /** `ok`: the server did as it was told. `text` is what it said, its `+OK` or `-ERR` included. */
  | { readonly type: 'reply'; readonly ok: boolean; readonly text: string }
  | { readonly type: 'event'; readonly headers: RawHeaders; readonly malformed: number }
  /** The server ends the connection, and says so. */
  | { readonly type: 'disconnect' }
  /** Its access list does not have us. */
  | { readonly type: 'rejected' }
  | { readonly type: 'malformed' };

/** Reads a frame. Total: what is unknown is malformed. */
export function readMessage(frame: Frame): Message {
  switch (frame.headers.get('Content-Type')) {
    case 'text/event-plain': {
      // A nested body (`Content-Length` inside the event) follows the empty line; no event that we use has one.
      const { headers, malformed } = readHeaders(frame.body.toString('utf8'));
      return headers.has('Event-Name') ? { type: 'event', headers, malformed } : { type: 'malformed' };
    }
    case 'command/reply': {
      const text = frame.headers.get('Reply-Text') ?? '';
      return { type: 'reply', ok: text.startsWith('+OK'), text };
    }
    case 'api/response': {
      const text = frame.body.toString('utf8');
      return { type: 'reply', ok: !text.startsWith('-ERR') && !text.startsWith('-USAGE'), text };
    }
    case 'auth/request':
      return { type: 'auth-request' };
    case 'text/disconnect-notice':
      return { type: 'disconnect' };
    case 'text/rude-rejection':
      return { type: 'rejected' };
    default:
      return { type: 'malformed' };
  }
}

/**
 * When the server made an event, by its own clock: `Event-Date-Timestamp` is in µs since 1970, in steps of 20 ms.
 *
 * @returns milliseconds, or null
 */
export function eventStampMs(headers: RawHeaders, name = 'Event-Date-Timestamp'): number | null {
  const text = headerValue(headers, name);
  if (text === null || !/^[1-9]\d{0,16}$/.test(text)) return null;
  return Number(text) / 1_000;
}
