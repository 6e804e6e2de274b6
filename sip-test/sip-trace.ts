/** What one SIPp sent and received, read from its message trace. */

/** A SIP message and when SIPp saw it. */
export type SipMessage = {
  /** Wall clock, milliseconds with a fraction. */
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  /** Of a request, or null. */
  readonly method: string | null;
  /** Of a response, or null. */
  readonly status: number | null;
  readonly startLine: string;
  /** In the order of the message; names as written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** The first header of a name, whatever its case; null when there is none. */
export function header(message: SipMessage, name: string): string | null {
  return headers(message, name)[0] ?? null;
}

/** All headers of a name, in order. */
export function headers(message: SipMessage, name: string): readonly string[] {
  return message.headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** The tag of a From or To header, or null. */
export function tagOf(message: SipMessage, name: 'From' | 'To'): string | null {
  return /;\s*tag=([^;\s]+)/i.exec(header(message, name) ?? '')?.[1] ?? null;
}

/** The URI of a Contact header, or null. */
export function contactUri(message: SipMessage): string | null {
  return /<([^>]+)>/.exec(header(message, 'Contact') ?? '')?.[1] ?? null;
}

/** The number of a CSeq header. */
export function cseqNumber(message: SipMessage): number {
  return Number(/^\d+/.exec(header(message, 'CSeq') ?? '')?.[0]);
}

/** Where an SDP body wants its audio; null without one. */
export function audioAddress(message: SipMessage): { readonly address: string; readonly port: number } | null {
  const address = /^c=IN IP[46] (\S+)/m.exec(message.body)?.[1];
  const port = /^m=audio (\d+)/m.exec(message.body)?.[1];
  return address === undefined || port === undefined ? null : { address, port: Number(port) };
}

/** The encoding names of an SDP body's `a=rtpmap` lines, in their order. */
export function rtpmapNames(message: SipMessage): readonly string[] {
  return [...message.body.matchAll(/^a=rtpmap:\d+ ([^/\s]+)/gm)].map((match) => match[1] ?? '');
}

/**
 * All messages of one SIPp process; several calls are told apart by their Call-ID. A message that was sent or received
 * again word for word, as a busy machine makes it over UDP, counts once but where `…Copies` are asked for.
 */
export class SipTrace {
  readonly messages: readonly SipMessage[];
  readonly #different: readonly SipMessage[];

  constructor(messages: readonly SipMessage[]) {
    this.messages = messages;
    this.#different = [
      ...new Map([...messages].reverse().map((one) => [JSON.stringify({ ...one, atMs: 0 }), one])).values(),
    ].reverse();
  }

  /** The messages of one call. */
  call(callId: string): SipTrace {
    return new SipTrace(this.messages.filter((one) => header(one, 'Call-ID') === callId));
  }

  /** The Call-IDs seen, each once. */
  callIds(): readonly string[] {
    return [...new Set(this.messages.map((one) => header(one, 'Call-ID') ?? ''))];
  }

  /** Received requests of a method, or received responses with a status to a method. */
  received(what: string | number, toMethod?: string): readonly SipMessage[] {
    return this.#different.filter((one) => one.direction === 'received' && matches(one, what, toMethod));
  }

  /** Sent requests of a method, or sent responses with a status to a method. */
  sent(what: string | number, toMethod?: string): readonly SipMessage[] {
    return this.#different.filter((one) => one.direction === 'sent' && matches(one, what, toMethod));
  }

  /** Like `received`, every copy of a message counted. */
  receivedCopies(what: string | number, toMethod?: string): readonly SipMessage[] {
    return this.messages.filter((one) => one.direction === 'received' && matches(one, what, toMethod));
  }
}

/** The first of some messages; fails with a sentence when there is none. */
export function firstOf(found: readonly SipMessage[], what: string): SipMessage {
  const first = found[0];
  if (first === undefined) throw new Error(`there is no ${what} in the trace`);
  return first;
}

function matches(message: SipMessage, what: string | number, toMethod: string | undefined): boolean {
  if (typeof what === 'string') return message.method === what;
  return (
    message.status === what && (toMethod === undefined || (header(message, 'CSeq') ?? '').endsWith(` ${toMethod}`))
  );
}

/** `---…--- 2026-11-22 02:56:26.108003`, then `UDP message sent (658 bytes):` (or TCP) or `UDP message received [257] bytes :`. */
const SEPARATOR =
  /^-{20,} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d{6})\n(?:UDP|TCP) message (sent|received) [^\n]*\n\n/gm;

/** Reads a message trace of SIPp 3.6 or 3.7, which ran with TZ=UTC. */
export function parseTrace(text: string): SipTrace {
  const starts = [...text.matchAll(SEPARATOR)];
  return new SipTrace(
    starts.map((match, index) => {
      const [whole, date, time, micros, direction] = match;
      const from = match.index + whole.length;
      const to = starts[index + 1]?.index ?? text.length;
      return parseMessage(
        text.slice(from, to),
        Date.parse(`${date}T${time}Z`) + Number(micros) / 1_000,
        direction === 'sent' ? 'sent' : 'received',
      );
    }),
  );
}

/** One message from its text. */
export function parseMessage(text: string, atMs: number, direction: 'sent' | 'received'): SipMessage {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const [startLine = '', ...lines] = head.split(/\r?\n/);
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1];
  return {
    atMs,
    direction,
    method: status === undefined ? (/^[A-Z]+/.exec(startLine)?.[0] ?? null) : null,
    status: status === undefined ? null : Number(status),
    startLine,
    headers: lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
    }),
    body: rest.join('\n\n'),
  };
}
