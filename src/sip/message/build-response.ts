import { tagOf, withTag } from './name-addr.ts';
import { reasonPhrase } from './reason-phrase.ts';
import type { HeaderField, SipRequest, SipResponse } from './sip-message.ts';

/** What a response has beside what it copies from its request. */
export type ResponseParts = {
  readonly reason?: string;
  /** The To tag; only set when the request has none (RFC 3261 §8.2.6.2). A 100 takes none. */
  readonly toTag?: string | null;
  readonly headers?: readonly HeaderField[];
  readonly body?: string;
};

/**
 * A response to `request` (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq copied, Record-Route too when the response
 * may make a dialog (101–299, §12.1.1), then the parts.
 */
export function responseTo(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const headers: HeaderField[] = [];
  const dialogMaking = status > 100 && status < 300;
  for (const field of request.headers) {
    switch (field.key) {
      case 'via':
      case 'from':
      case 'call-id':
      case 'cseq':
        headers.push(field);
        break;
      case 'record-route':
        if (dialogMaking) headers.push(field);
        break;
      case 'to':
        headers.push(
          parts.toTag && tagOf(field.value) === null ? { ...field, value: withTag(field.value, parts.toTag) } : field,
        );
        break;
    }
  }
  if (parts.headers !== undefined) headers.push(...parts.headers);
  return { kind: 'response', status, reason: parts.reason ?? reasonPhrase(status), headers, body: parts.body ?? '' };
}

/**
 * Whether enough of a request could be read to answer it: Via and CSeq, by which its sender finds the transaction. A
 * refusal goes out even when Call-ID, From or To are missing (RFC 4475 §3.3.1).
 */
export function isAnswerable(request: SipRequest): boolean {
  const has = (key: string) => request.headers.some((field) => field.key === key && field.value !== '');
  return request.method !== 'ACK' && has('via') && has('cseq');
}
