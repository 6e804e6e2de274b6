import { type SipMessage, splitList } from './sip-message.ts';

/**
 * How much a message may hold. What is over a limit is answered 513, "the message length exceeded its capabilities"
 * (RFC 3261 §21.5.7), an overlong request URI 414 (§21.4.12); a response over one is dropped. Each limit has a counter.
 */

/** The largest UDP datagram, and the largest message on a stream (RFC 3261 §18.1.1). */
export const MESSAGE_OCTETS_MAX = 65_535;

/** Header lines in one message. Real INVITEs carry 10 to 40. */
export const HEADERS_MAX = 128;

/** Octets of one header line, unfolded: STIR identity headers reach 2 KiB. */
export const HEADER_OCTETS_MAX = 8_192;

/** Octets of a request URI. Other URIs are parts of a header line. */
export const URI_OCTETS_MAX = 2_048;

/** Vias: with the usual Max-Forwards no request passes more hops (RFC 3261 §8.1.1.6). */
export const VIAS_MAX = 70;

/** Elements of Route and of Record-Route, which every request of a dialog would carry. */
export const ROUTES_MAX = 32;

/** Elements of any other header that is a list, over all its lines. */
export const LIST_VALUES_MAX = 128;

/** Parameters of one element of a header that has any. IMS Contacts carry some thirty. */
export const PARAMETERS_MAX = 64;

/** Which limit was met; each is the name of a counter. */
export type MessageLimit = 'headersLimit' | 'headerLengthLimit' | 'uriLimit' | 'listLimit' | 'parameterLimit';

/** What is over a limit, with the answer it deserves. */
export type LimitProblem = { readonly limit: MessageLimit; readonly status: number; readonly sentence: string };

/** The status of everything too large but a request URI. */
export const TOO_LARGE = 513;

/** Lists that are counted, and parameters within them. */
const LISTS: ReadonlyMap<string, number> = new Map([
  ['via', VIAS_MAX],
  ['route', ROUTES_MAX],
  ['record-route', ROUTES_MAX],
  ['contact', LIST_VALUES_MAX],
  ['require', LIST_VALUES_MAX],
  ['proxy-require', LIST_VALUES_MAX],
  ['supported', LIST_VALUES_MAX],
  ['allow', LIST_VALUES_MAX],
  ['reason', LIST_VALUES_MAX],
]);

/** The first limit that a readable message is over; null for none. Header lines are counted as they are read. */
export function overLimit(message: SipMessage): LimitProblem | null {
  if (message.kind === 'request' && message.uri.length > URI_OCTETS_MAX) {
    const sentence = `request URI of ${message.uri.length} octets, the limit is ${URI_OCTETS_MAX}`;
    return { limit: 'uriLimit', status: 414, sentence };
  }
  const counts = new Map<string, number>();
  for (const { key, value } of message.headers) {
    const elementsMax = LISTS.get(key);
    if (elementsMax === undefined && key !== 'from' && key !== 'to') continue;
    const elements = elementsMax === undefined ? [value] : splitList(value);
    if (elementsMax !== undefined) {
      const count = (counts.get(key) ?? 0) + elements.length;
      counts.set(key, count);
      if (count > elementsMax) {
        return { limit: 'listLimit', status: TOO_LARGE, sentence: `more than ${elementsMax} values of ${key}` };
      }
    }
    if (elements.some(hasTooManyParameters)) {
      return {
        limit: 'parameterLimit',
        status: TOO_LARGE,
        sentence: `more than ${PARAMETERS_MAX} parameters in ${key}`,
      };
    }
  }
  return null;
}

/** Semicolons within quotes count too: whoever writes 64 of them means no good. */
function hasTooManyParameters(element: string): boolean {
  if (element.length <= 2 * PARAMETERS_MAX) return false;
  let count = 0;
  for (let at = element.indexOf(';'); at >= 0; at = element.indexOf(';', at + 1)) count++;
  return count > PARAMETERS_MAX;
}
