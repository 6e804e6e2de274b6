import type { SipMessage } from './sip-message.ts';

/**
 * The message as octet text, as it goes on the wire (RFC 3261 §7). Content-Length is counted here and written last; any
 * other that the headers contain is left out.
 */
export function serializeMessage(message: SipMessage): string {
  let text =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  for (const field of message.headers) {
    if (field.key !== 'content-length') text += `${field.name}: ${field.value}\r\n`;
  }
  return `${text}Content-Length: ${message.body.length}\r\n\r\n${message.body}`;
}

/** The octets that go into a datagram or a stream. */
export function toOctets(octetText: string): Buffer {
  return Buffer.from(octetText, 'latin1');
}
