import { ok, type Result, refused } from '../../base/result.ts';
import { headerKey, headerNameOf } from './header-name.ts';
import { HEADER_OCTETS_MAX, HEADERS_MAX, type MessageLimit, TOO_LARGE } from './message-limits.ts';
import type { HeaderField, SipMessage, SipRequest } from './sip-message.ts';

/**
 * What is wrong with a message. `status` is the answer it deserves (400, 505, 513), `request` what could be read of it, when
 * it was a request: enough to answer, if its Via, From, To, Call-ID and CSeq are among that.
 */
export type ParseProblem = {
  readonly status: number;
  readonly sentence: string;
  readonly request: SipRequest | null;
  /** The limit it was over. */
  readonly limit?: MessageLimit;
};

/** What is wrong with the header lines or the body. */
type Fault = { readonly sentence: string; readonly status: number; readonly limit?: MessageLimit };

/** Where the message comes from: a datagram says its length, the application's Content-Length is not to be believed. */
export type BodyRule = 'content-length' | 'rest-of-input';

/** Controls that have no place in a message head, and a CR that ends no line: a way to smuggle headers. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are looked for.
const FORBIDDEN_IN_HEAD = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

const CONTROL_CHARACTER: Fault = { sentence: 'control character in the head', status: 400 };

const LINE_TOO_LONG: Fault = {
  sentence: `header line of more than ${HEADER_OCTETS_MAX} octets`,
  status: TOO_LARGE,
  limit: 'headerLengthLimit',
};

/** What a token is made of, and so a header name and a method (RFC 3261 §25.1). */
const NO_TOKEN_CHARACTER = /[^\w.!%*+`'~-]/;

/**
 * Reads one message (RFC 3261 §7). Lines may end in LF alone and may be folded; compact names are expanded; header
 * values are left unparsed. With `content-length` the body is as long as that header says, or the rest without one.
 */
export function parseMessage(octets: Buffer, bodyRule: BodyRule = 'content-length'): Result<SipMessage, ParseProblem> {
  return parseOctetText(octets.toString('latin1'), bodyRule);
}

/** `parseMessage` for octet text. */
export function parseOctetText(text: string, bodyRule: BodyRule): Result<SipMessage, ParseProblem> {
  let at = 0;
  while (text[at] === '\r' || text[at] === '\n') at++;
  const startLineEnd = lineEnd(text, at);
  const startLine = text.slice(at, trimmedEnd(text, at, startLineEnd));
  const headers: HeaderField[] = [];
  let fault: Fault | null = null;
  let bodyAt = text.length;

  at = startLineEnd + 1;
  while (at < text.length) {
    let end = lineEnd(text, at);
    let stop = trimmedEnd(text, at, end);
    if (stop === at) {
      bodyAt = end + 1;
      break;
    }
    let line = text.slice(at, stop);
    at = end + 1;
    // A line that starts with white space continues the one before (RFC 3261 §7.3.1).
    if (text[at] === ' ' || text[at] === '\t') {
      const parts = [line.trimEnd()];
      let length = line.length;
      while ((text[at] === ' ' || text[at] === '\t') && length <= HEADER_OCTETS_MAX) {
        end = lineEnd(text, at);
        stop = trimmedEnd(text, at, end);
        parts.push(text.slice(at, stop).trim());
        length += stop - at;
        at = end + 1;
      }
      line = parts.join(' ');
    }
    if (headers.length === HEADERS_MAX) {
      fault ??= { sentence: `more than ${HEADERS_MAX} header lines`, status: TOO_LARGE, limit: 'headersLimit' };
      break;
    }
    const colon = line.indexOf(':');
    const written = colon > 0 ? line.slice(0, colon).trimEnd() : '';
    if (written.length > HEADER_OCTETS_MAX || line.length > 2 * HEADER_OCTETS_MAX) {
      fault ??= LINE_TOO_LONG;
      continue;
    }
    if (written === '' || NO_TOKEN_CHARACTER.test(written)) {
      fault ??= { sentence: `header line ${headers.length + 1} has no name`, status: 400 };
      continue;
    }
    const key = headerKey(written);
    const name = written.length === 1 ? headerNameOf(key) : written;
    const value = line.slice(colon + 1).trim();
    // As it would be written again: a compact name grows.
    if (name.length + 2 + value.length > HEADER_OCTETS_MAX) {
      fault ??= LINE_TOO_LONG;
      continue;
    }
    headers.push({ key, name, value });
  }
  const head = text.slice(0, Math.min(bodyAt, text.length));
  if (FORBIDDEN_IN_HEAD.test(head) && hasBareControl(head)) fault = CONTROL_CHARACTER;

  let body = text.slice(bodyAt);
  if (bodyRule === 'content-length') {
    const declared = headers.find((field) => field.key === 'content-length')?.value;
    if (declared !== undefined) {
      const length = /^\d{1,9}$/.test(declared) ? Number(declared) : -1;
      if (length < 0) fault ??= { sentence: 'Content-Length is no number', status: 400 };
      else if (length > body.length) {
        fault ??= { sentence: `Content-Length says ${length} octets, ${body.length} came`, status: 400 };
      } else body = body.slice(0, length);
    }
  }
  return assemble(startLine, headers, body, fault);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function trimmedEnd(text: string, from: number, end: number): number {
  return end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

/**
 * Whether a control character stands anywhere but behind a backslash within quotes: a quoted pair may be any octet but
 * CR and LF (RFC 3261 §25.1, RFC 4475 §3.1.1.2).
 */
function hasBareControl(head: string): boolean {
  let isQuoted = false;
  for (let at = 0; at < head.length; at++) {
    const code = head.charCodeAt(at);
    const next = head.charCodeAt(at + 1);
    if (code === 0x0a) isQuoted = isQuoted && (next === 0x20 || next === 0x09);
    else if (code === 0x22) isQuoted = !isQuoted;
    else if (code === 0x5c && isQuoted && next !== 0x0a && next !== 0x0d) at++;
    else if (code === 0x7f || (code < 0x20 && code !== 0x09 && !(code === 0x0d && next === 0x0a))) return true;
  }
  return false;
}

function assemble(
  startLine: string,
  headers: readonly HeaderField[],
  body: string,
  fault: Fault | null,
): Result<SipMessage, ParseProblem> {
  if (/^SIP\//i.test(startLine)) {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(startLine);
    if (fault !== null) return refused({ ...fault, request: null });
    if (match === null) return refused({ status: 400, sentence: 'no status line', request: null });
    return ok({ kind: 'response', status: Number(match[1]), reason: match[2] ?? '', headers, body });
  }
  const firstSpace = startLine.indexOf(' ');
  const lastSpace = startLine.lastIndexOf(' ');
  const method = startLine.slice(0, Math.max(0, firstSpace));
  const uri = startLine.slice(firstSpace + 1, lastSpace);
  const version = startLine.slice(lastSpace + 1);
  if (method === '' || NO_TOKEN_CHARACTER.test(method) || uri === '') {
    return refused({ status: 400, sentence: 'no request line', request: null });
  }
  const request: SipRequest = { kind: 'request', method, uri, headers, body };
  // An answer would carry the control character back in the headers it copies.
  if (fault === CONTROL_CHARACTER) return refused({ ...fault, request: null });
  if (/\s/.test(uri)) return refused({ status: 400, sentence: 'white space in the request URI', request });
  // The version compares without case (§7.1).
  if (!/^SIP\/\d+\.\d+$/i.test(version)) {
    return refused({ status: 400, sentence: 'no SIP version ends the request line', request });
  }
  if (version.slice(4) !== '2.0') return refused({ status: 505, sentence: 'not SIP/2.0', request });
  return fault === null ? ok(request) : refused({ ...fault, request });
}
