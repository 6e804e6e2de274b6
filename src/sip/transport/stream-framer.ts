import { MESSAGE_OCTETS_MAX } from '../message/message-limits.ts';

/**
 * Messages out of a stream of octets (RFC 3261 §18.3), without a socket.
 *
 * A message is its head, up to the empty line, and as many octets as its Content-Length says, which a stream needs. CRLFs
 * before a start line are ignored (§7.5); two of them are a ping that wants one back (RFC 5626 §3.5.1, §4.4.1). After a
 * fault nobody knows where the next message begins: the stream is of no use any more.
 */
export type StreamFramer = {
  /**
   * The next octets of the stream. The pieces lie in these octets or in memory of the framer: they are to be used before
   * the next call. After a fault nothing more is read.
   */
  push(octets: Buffer): StreamReading;
  /** Whether a message has begun and not ended. */
  isWithinMessage(): boolean;
};

/** What the octets held: whole messages, how many pings, and what broke the stream. */
export type StreamReading = {
  readonly messages: readonly Buffer[];
  readonly pings: number;
  readonly fault: StreamFault | null;
};

/**
 * `not-sip`: no SIP start line, seen at its first octet or at its end. `head-too-large`, `message-too-large`: over the
 * limits. `no-length`, `bad-length`: Content-Length is missing, or is no number, or is there twice with different values.
 */
export type StreamFault = 'not-sip' | 'head-too-large' | 'message-too-large' | 'no-length' | 'bad-length';

/** Octets of a head: what HEADERS_MAX lines of a usual length need, and more than any honest one. */
export const HEAD_OCTETS_MAX = 32_768;

/** Octets of a start line: a request URI of its greatest length, method and version. */
const START_LINE_OCTETS_MAX = 4_096;

/** Octets that the memory for an unfinished message begins with; it doubles. */
const MEMORY_OCTETS = 2_048;

const CR = 0x0d;
const LF = 0x0a;

/** The start of a stream. */
export function createStreamFramer(): StreamFramer {
  let memory = Buffer.alloc(0);
  /** How much of the memory holds octets of the unfinished message. */
  let held = 0;
  /** Where the search for the end of the start line and of the head goes on. */
  let searched = 0;
  let isStartLineRead = false;
  /** The length of the whole message once its head is read. */
  let wanted: number | null = null;
  let lineEnds = 0;
  let isBroken = false;

  const keep = (octets: Buffer) => {
    const needed = held + octets.length;
    if (needed > memory.length) {
      let size = Math.max(memory.length, MEMORY_OCTETS);
      while (size < needed) size *= 2;
      const larger = Buffer.allocUnsafe(size);
      memory.copy(larger, 0, 0, held);
      memory = larger;
    }
    octets.copy(memory, held);
    held = needed;
  };

  const startAnew = () => {
    searched = 0;
    isStartLineRead = false;
    wanted = null;
  };

  /** The length of the message that begins at the first of these octets; null when more are needed. */
  const measure = (octets: Buffer): number | StreamFault | null => {
    if (wanted !== null) return wanted;
    if (!isStartLineRead) {
      if (!canStart(octets[0] as number)) return 'not-sip';
      const end = octets.indexOf(LF, searched);
      if (end < 0 || end > START_LINE_OCTETS_MAX) {
        searched = octets.length;
        return octets.length > START_LINE_OCTETS_MAX ? 'not-sip' : null;
      }
      if (!isStartLine(octets.toString('latin1', 0, end))) return 'not-sip';
      isStartLineRead = true;
      searched = end;
    }
    const headEnd = endOfHead(octets, searched);
    if (headEnd === null) {
      // The empty line may have begun already: look at the last three octets again.
      searched = Math.max(searched, octets.length - 3);
      return octets.length > HEAD_OCTETS_MAX ? 'head-too-large' : null;
    }
    if (headEnd > HEAD_OCTETS_MAX) return 'head-too-large';
    const length = contentLength(octets.toString('latin1', 0, headEnd));
    if (typeof length === 'string') return length;
    if (headEnd + length > MESSAGE_OCTETS_MAX) return 'message-too-large';
    wanted = headEnd + length;
    return wanted;
  };

  return {
    push(pushed) {
      const messages: Buffer[] = [];
      let pings = 0;
      let octets = pushed;
      while (octets.length > 0 && !isBroken) {
        if (held === 0) {
          const first = octets[0];
          if (first === CR || first === LF) {
            if (first === LF) {
              lineEnds++;
              if (lineEnds % 2 === 0) pings++;
            }
            octets = octets.subarray(1);
            continue;
          }
          lineEnds = 0;
          const length = measure(octets);
          if (typeof length === 'string') {
            isBroken = true;
            return { messages, pings, fault: length };
          }
          if (length === null || length > octets.length) {
            keep(octets);
            break;
          }
          messages.push(octets.subarray(0, length));
          octets = octets.subarray(length);
          startAnew();
          continue;
        }
        // What belongs to the unfinished message, and no octet more: it may be emitted from the memory while the rest is read.
        const before = held;
        keep(wanted === null ? octets : octets.subarray(0, Math.max(0, wanted - held)));
        const length = measure(memory.subarray(0, held));
        if (typeof length === 'string') {
          isBroken = true;
          return { messages, pings, fault: length };
        }
        if (length === null || length > held) {
          octets = octets.subarray(held - before);
          continue;
        }
        messages.push(memory.subarray(0, length));
        octets = octets.subarray(length - before);
        // The message just emitted keeps this memory until it is used.
        memory = Buffer.alloc(0);
        held = 0;
        startAnew();
      }
      return { messages, pings, fault: null };
    },
    isWithinMessage: () => held > 0,
  };
}

/** A method or `SIP/2.0` begins with a token character (RFC 3261 §25.1). */
function canStart(octet: number): boolean {
  return octet > 0x20 && octet < 0x7f && /[\w.!%*+`'~-]/.test(String.fromCharCode(octet));
}

/** Any version of SIP will do: the parser knows what to answer to others. */
function isStartLine(line: string): boolean {
  return /^SIP\/\d/i.test(line) || /^\S+\s.*\bSIP\s*\/\s*\d/i.test(line);
}

/** The index after the empty line that ends the head; lines may end in LF alone. */
function endOfHead(octets: Buffer, from: number): number | null {
  for (let at = octets.indexOf(LF, from); at >= 0; at = octets.indexOf(LF, at + 1)) {
    if (octets[at + 1] === LF) return at + 2;
    if (octets[at + 1] === CR && octets[at + 2] === LF) return at + 3;
  }
  return null;
}

function contentLength(head: string): number | StreamFault {
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ');
  let length: number | null = null;
  for (const [, value = ''] of unfolded.matchAll(/^(?:content-length|l)[ \t]*:[ \t]*(.*?)[ \t]*\r?$/gim)) {
    if (!/^\d{1,9}$/.test(value)) return 'bad-length';
    if (length !== null && length !== Number(value)) return 'bad-length';
    length = Number(value);
  }
  return length ?? 'no-length';
}
