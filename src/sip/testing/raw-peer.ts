import { parseOctetText } from '../message/parse-message.ts';
import { headerValue, type SipMessage } from '../message/sip-message.ts';
import type { CorePair } from './core-pair.ts';

/** A SIP peer without a stack: it writes what the test says and keeps what comes, with the time in milliseconds. */
export type RawPeer = {
  readonly place: string;
  readonly received: { readonly atMs: number; readonly text: string; readonly message: SipMessage }[];
  /** Sends a message; `lines` are joined with CRLF and followed by an empty line and the body. */
  send(to: string, lines: readonly string[], body?: string): void;
  /** The start line or status of everything that came, with its time. */
  timeline(): string[];
  last(startsWith: string): string;
};

/** Attaches a peer at `host:5060`. */
export function rawPeer(pair: CorePair, host: string, port = 5060): RawPeer {
  const place = `${host}:${port}`;
  const received: { atMs: number; text: string; message: SipMessage }[] = [];
  pair.network.attach(place, (octets) => {
    const text = octets.toString('latin1');
    const parsed = parseOctetText(text, 'content-length');
    if (!parsed.ok) throw new Error(parsed.problem.sentence);
    received.push({ atMs: Math.round(pair.clock.monotonicMs()), text, message: parsed.value });
  });
  return {
    place,
    received,
    send: (to, lines, body = '') =>
      pair.network.send(place, to, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')),
    timeline: () =>
      received.map(({ atMs, message }) => {
        const method = headerValue(message, 'cseq')?.split(' ')[1];
        return message.kind === 'request' ? `${atMs} ${message.method}` : `${atMs} ${message.status} ${method}`;
      }),
    last: (startsWith) => received.findLast(({ text }) => text.startsWith(startsWith))?.text ?? `no ${startsWith}`,
  };
}

/** One header of a message in text form. */
export function field(text: string, name: string): string {
  return new RegExp(`^${name}: (.*?)\\r?$`, 'im').exec(text)?.[1] ?? '';
}
