/**
 * Octets of the Asterisk Manager Interface → messages: lines `Name: value`, an empty line after each message, and one
 * line of greeting before the first. Octets come in pieces of any length; nothing is thrown, whatever they are.
 */

/** One message: an event, the answer to an action, or an item of a list. */
export type AmiMessage = {
  /** The value of a header by its name in any case, or null. Of one that comes more than once, the first. */
  get(name: string): string | null;
  /** Every value of a header. */
  all(name: string): readonly string[];
};

/** What a piece of octets completed. */
export type AmiInput =
  /** The greeting: what is at the other end is a manager interface. */
  | { readonly type: 'greeting'; readonly text: string }
  | { readonly type: 'message'; readonly message: AmiMessage }
  /** A line that is no header, or a message beyond the limits: skipped to its end. */
  | { readonly type: 'malformed' };

/** Octets of one message; an event has a few hundred to some thousands. */
export const MESSAGE_OCTETS_MAX = 65_536;

const GREETING = /^[\w ]*Call Manager\//;

/** Keeps what is not complete yet. */
export type AmiParser = { push(octets: Buffer): readonly AmiInput[] };

/** A parser for one connection. */
export function createAmiParser(): AmiParser {
  let line: Buffer = Buffer.alloc(0);
  let headers = new Map<string, string[]>();
  let octets = 0;
  let isOverlong = false;
  let isFirst = true;

  return {
    push(piece) {
      const inputs: AmiInput[] = [];
      let from = 0;
      for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, from)) {
        const rest = piece.subarray(from, at);
        octets += rest.length + 1;
        takeLine(isOverlong ? '' : textOf(line.length === 0 ? rest : Buffer.concat([line, rest])), rest.length, inputs);
        line = Buffer.alloc(0);
        from = at + 1;
      }
      const rest = piece.subarray(from);
      octets += rest.length;
      if (octets > MESSAGE_OCTETS_MAX) drop(inputs);
      // What is kept must not hold the socket's whole buffer.
      if (!isOverlong && rest.length > 0) line = Buffer.concat([line, rest]);
      return inputs;
    },
  };

  function takeLine(text: string, restLength: number, inputs: AmiInput[]): void {
    if (octets > MESSAGE_OCTETS_MAX) drop(inputs);
    const isEnd = isOverlong ? restLength <= 1 && line.length === 0 : text === '';
    if (isEnd) endMessage(inputs);
    else if (!isOverlong) takeHeader(text, inputs);
    isFirst = false;
  }

  function takeHeader(text: string, inputs: AmiInput[]): void {
    const colon = text.indexOf(':');
    if (colon > 0) {
      const name = text.slice(0, colon).toLowerCase();
      const value = text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
      const values = headers.get(name);
      if (values === undefined) headers.set(name, [value]);
      else values.push(value);
    } else if (isFirst && GREETING.test(text)) {
      inputs.push({ type: 'greeting', text });
      octets = 0;
    } else {
      inputs.push({ type: 'malformed' });
    }
  }

  function endMessage(inputs: AmiInput[]): void {
    if (headers.size > 0) inputs.push({ type: 'message', message: messageOf(headers) });
    headers = new Map();
    octets = 0;
    isOverlong = false;
  }

  function drop(inputs: AmiInput[]): void {
    if (!isOverlong) inputs.push({ type: 'malformed' });
    isOverlong = true;
    headers = new Map();
    line = Buffer.alloc(0);
  }
}

/** One action, ready to be sent. What could end a header early is left out of its value. */
export function amiAction(name: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Action: name, ...headers }).map(
    ([header, value]) => `${header}: ${value.replace(/[\r\n]/g, '')}\r\n`,
  );
  return `${lines.join('')}\r\n`;
}

function messageOf(headers: ReadonlyMap<string, readonly string[]>): AmiMessage {
  return {
    get: (name) => headers.get(name.toLowerCase())?.[0] ?? null,
    all: (name) => headers.get(name.toLowerCase()) ?? [],
  };
}

function textOf(line: Buffer): string {
  const text = line.toString('utf8');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
