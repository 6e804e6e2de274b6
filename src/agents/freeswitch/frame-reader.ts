/**
 * The outer framing of FreeSWITCH's event socket (src/mod/event_handlers/mod_event_socket): a block of headers, an
 * empty line and, where `Content-Length` says so, that many octets of body.
 *
 * ```
 * Content-Length: 482⏎
 * Content-Type: text/event-plain⏎
 * ⏎
 * Event-Name: CHANNEL_BRIDGE⏎ …            482 octets
 * ```
 *
 * A body that is too long is skipped, since its end is known. A header block that does not end or a length that is no
 * number leaves nothing to find the next frame by: the connection is of no use any more.
 */
import { type RawHeaders, readHeaders } from './event-headers.ts';

/** One frame of the server's. */
export type Frame = { readonly headers: RawHeaders; readonly body: Buffer };

/** What some octets completed. */
export type FramesRead = {
  readonly frames: readonly Frame[];
  /** Header lines that were none, and bodies that were skipped. */
  readonly malformed: number;
  /** Why nothing more can be read from this connection; null while it can. */
  readonly broken: string | null;
};

/** The server's own frames have three headers; `connect` of an outbound socket, which we are not, has hundreds. */
export const FRAME_HEADER_OCTETS_MAX = 65_536;

/** `show channels as json` of 5,000 channels is about 5 MB. */
export const FRAME_BODY_OCTETS_MAX = 16 * 1_048_576;

const EMPTY = Buffer.alloc(0);
const LF = 0x0a;

/** Reads one connection's octets, however they are cut. Holds at most one frame. */
export class FrameReader {
  /** Octets of an unfinished header block. */
  #pending: Buffer = EMPTY;
  /** Where the search for the block's end goes on. */
  #searched = 0;
  #headers: RawHeaders | null = null;
  /** The body, being filled; null while it is skipped. */
  #body: Buffer | null = null;
  #bodyOctets = 0;
  #bodyLength = 0;
  #broken: string | null = null;

  /** Takes the next octets; after `broken` they are ignored. */
  read(octets: Buffer): FramesRead {
    const frames: Frame[] = [];
    let malformed = 0;
    let at = 0;
    while (this.#broken === null) {
      if (this.#headers !== null) {
        at = this.#fillBody(octets, at);
        if (this.#bodyOctets < this.#bodyLength) break;
        if (this.#body === null) malformed += 1;
        else frames.push({ headers: this.#headers, body: this.#body });
        this.#headers = null;
        this.#body = null;
        continue;
      }
      const rest = at === 0 ? octets : octets.subarray(at);
      at = octets.length;
      this.#pending = this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest]);
      const block = this.#takeBlock();
      if (block === null) break;
      malformed += block.malformed;
      this.#beginBody(block.headers);
      // What follows the block is read as if it had just come.
      octets = block.rest;
      at = 0;
    }
    return { frames, malformed, broken: this.#broken };
  }

  /** The next whole header block and what follows it. */
  #takeBlock(): { readonly headers: RawHeaders; readonly malformed: number; readonly rest: Buffer } | null {
    let from = 0;
    // Empty lines between frames mean nothing.
    while (from < this.#pending.length && isLineEnd(this.#pending[from])) from += 1;
    if (from > 0) {
      this.#pending = this.#pending.subarray(from);
      this.#searched = 0;
    }
    const end = this.#blockEnd();
    if (end === -1) {
      if (this.#pending.length > FRAME_HEADER_OCTETS_MAX) {
        this.#fail(`headers of more than ${FRAME_HEADER_OCTETS_MAX} octets`);
      }
      return null;
    }
    const { headers, malformed } = readHeaders(this.#pending.toString('utf8', 0, end));
    const rest = this.#pending.subarray(end);
    this.#pending = EMPTY;
    this.#searched = 0;
    return { headers, malformed, rest };
  }

  /** Where the block's empty line ends, or -1. */
  #blockEnd(): number {
    let lf = this.#pending.indexOf(LF, this.#searched);
    while (lf !== -1) {
      const next = this.#pending[lf + 1] === 0x0d ? lf + 2 : lf + 1;
      if (next >= this.#pending.length) break;
      if (this.#pending[next] === LF) return next + 1;
      lf = this.#pending.indexOf(LF, lf + 1);
    }
    this.#searched = lf === -1 ? this.#pending.length : lf;
    return -1;
  }

  #beginBody(headers: RawHeaders): void {
    const text = headers.get('Content-Length') ?? '0';
    if (!/^\d{1,10}$/.test(text.trim())) {
      this.#fail('a Content-Length that is no number');
      return;
    }
    this.#headers = headers;
    this.#bodyLength = Number(text);
    this.#bodyOctets = 0;
    this.#body = this.#bodyLength > FRAME_BODY_OCTETS_MAX ? null : Buffer.allocUnsafe(this.#bodyLength);
  }

  /** @returns where the body's octets end in `octets` */
  #fillBody(octets: Buffer, at: number): number {
    const length = Math.min(octets.length - at, this.#bodyLength - this.#bodyOctets);
    this.#body?.set(octets.subarray(at, at + length), this.#bodyOctets);
    this.#bodyOctets += length;
    return at + length;
  }

  #fail(problem: string): void {
    this.#broken = problem;
    this.#pending = EMPTY;
  }
}

function isLineEnd(octet: number | undefined): boolean {
  return octet === LF || octet === 0x0d;
}
