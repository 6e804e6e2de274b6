import type { Counters } from '../counters.ts';
import { isAnswerable, responseTo } from '../message/build-response.ts';
import { readEssentials } from '../message/essentials.ts';
import { MESSAGE_OCTETS_MAX, parseMessage } from '../message/parse-message.ts';
import { headerValue, listValues, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { stampReceived } from '../message/via.ts';
import type { TokenSource } from '../token-source.ts';
import type { Hop } from './hop.ts';
import type { TransactionLayer } from './transaction-layer.ts';

/** What happens to a request from a source that is not allowed; it is counted in any case. */
export type UnlistedSource = 'silent' | 'forbidden';

/** What the door needs to know. */
export type IngressOptions = {
  readonly layer: TransactionLayer;
  readonly counters: Counters;
  readonly newToken: TokenSource;
  readonly isAllowed: (address: string) => boolean;
  readonly unlistedSource: UnlistedSource;
  /** A bug of ours that one message met: it ends there. */
  readonly onContained: (thrown: unknown) => void;
};

/** Takes one datagram; never throws. */
export type Ingress = (octets: Buffer, source: Hop) => void;

/**
 * The door between transport and transactions: keep-alives ignored, sources checked, messages read, malformed ones
 * answered 400 or 505 when that is possible (RFC 3261 §8.2, §16.3) and counted.
 */
export function createIngress(options: IngressOptions): Ingress {
  const { layer, counters, newToken } = options;

  const answer = (request: SipRequest, status: number, sentence: string | undefined, source: Hop) => {
    if (!isAnswerable(request)) return;
    const stamped = stampReceived(request, source.address, source.port);
    const parts = { toTag: newToken(), headers: [] };
    layer.sendStateless(
      responseTo(stamped, status, sentence === undefined ? parts : { ...parts, reason: sentence }),
      source,
    );
  };

  const refuse = (request: SipRequest | null, status: number, sentence: string, source: Hop) => {
    counters.malformed++;
    if (request !== null) answer(request, status, status === 400 ? `Bad Request (${sentence})` : undefined, source);
  };

  const receiveResponse = (response: SipResponse, source: Hop) => {
    const essentials = readEssentials(response);
    // More than one Via: meant for somebody else (RFC 3261 §8.1.3.3).
    if (!essentials.ok || listValues(response, 'via').length !== 1) counters.malformed++;
    else layer.receiveResponse(response, essentials.value, source);
  };

  const receive = (octets: Buffer, source: Hop) => {
    counters.received++;
    if (isKeepAlive(octets)) {
      counters.keepAlives++;
      return;
    }
    if (octets.length > MESSAGE_OCTETS_MAX) {
      counters.oversize++;
      return;
    }
    // A response is matched by its branch, which nobody else can know; only requests are asked where they come from.
    const isResponse = octets[0] === 0x53 && octets.toString('latin1', 0, 4) === 'SIP/';
    const allowed = isResponse || options.isAllowed(source.address);
    if (!allowed) {
      counters.unlistedSource++;
      if (options.unlistedSource === 'silent') return;
    }
    const parsed = parseMessage(octets);
    if (!allowed) {
      if (parsed.ok && parsed.value.kind === 'request') answer(parsed.value, 403, undefined, source);
      return;
    }
    if (!parsed.ok) {
      refuse(parsed.problem.request, parsed.problem.status, parsed.problem.sentence, source);
      return;
    }
    const message = parsed.value;
    if (message.kind === 'response') {
      receiveResponse(message, source);
      return;
    }
    const essentials = readEssentials(message);
    if (!essentials.ok) refuse(message, 400, essentials.problem, source);
    else layer.receiveRequest(stampReceived(message, source.address, source.port), essentials.value, source);
  };

  return (octets, source) => {
    try {
      receive(octets, source);
    } catch (thrown) {
      counters.contained++;
      options.onContained(thrown);
    }
  };
}

/** Empty, or nothing but CR, LF and NUL in the first octets (RFC 5626 §3.5.1, and what NAT pingers send). */
function isKeepAlive(octets: Buffer): boolean {
  if (octets.length > 8) return false;
  return octets.every((octet) => octet === 0 || octet === 13 || octet === 10);
}

/** Whether a request requires that extension (RFC 3261 §20.32). */
export function requires(request: SipRequest, optionTag: string): boolean {
  if (headerValue(request, 'require') === undefined) return false;
  return listValues(request, 'require').some((tag) => tag.trim().toLowerCase() === optionTag);
}
